"""Responses, and ``accept``: the only way in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, NamedTuple, TypeAlias

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys.database import Base, Json, batches, insert_or_ignore, now
from surveys.questionnaires import published, routing
from surveys.questionnaires.answers import digest
from surveys.statements import Insertion, Row, Statement
from surveys.waves import Wave

# A submission as a row; by its wave and instance it is known.
Arrival: TypeAlias = Mapping[str, Any]
Name: TypeAlias = tuple[int, str]
AT_ONCE = 500  # instances looked for in one statement

STREAMS = ("sample", "open")
MODES = ("web", "door", "paper")


class Response(Base):
    """An accepted questionnaire. It is never edited; it carries no name and no address."""

    __tablename__ = "responses"
    __table_args__ = (
        UniqueConstraint("wave_id", "instance_id"),
        CheckConstraint("stream IN ('sample', 'open')", name="stream"),
        # One household, one adult: a second interview at a unit is held, not counted.
        Index(
            "uq_responses_unit",
            "unit_id",
            unique=True,
            sqlite_where=text("eligible AND unit_id IS NOT NULL"),
            postgresql_where=text("eligible AND unit_id IS NOT NULL"),
        ),
        Index(None, "wave_id", "community_id", "stream"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"))
    instance_id: Mapped[str] = mapped_column(String(41))
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaires.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("sampled_units.id"))
    stream: Mapped[str] = mapped_column(String(8))
    mode: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(8))
    eligible: Mapped[bool]
    answers: Mapped[dict[str, Any]] = mapped_column(Json)
    sha256: Mapped[str] = mapped_column(String(64))  # of the canonical answers
    seed: Mapped[int] = mapped_column(default=0)
    interviewer: Mapped[str | None] = mapped_column(String(32))  # the pair, of door interviews
    started_at: Mapped[dt.datetime]
    submitted_at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime] = mapped_column(default=now)


class HeldResponse(Base):
    """What came in but cannot count: kept whole for staff, never thrown away."""

    __tablename__ = "held_responses"
    __table_args__ = (UniqueConstraint("wave_id", "instance_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"))
    instance_id: Mapped[str] = mapped_column(String(41))
    reason: Mapped[str] = mapped_column(String(16))  # conflict | second | late
    submission: Mapped[dict[str, Any]] = mapped_column(Json)
    sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[dt.datetime] = mapped_column(default=now)


@dataclass(frozen=True)
class Submission:
    """A finished questionnaire on its way in; ``answers`` are canonical."""

    wave_id: int
    instance_id: str  # made once where the answers were given: "uuid:…"
    community_id: int
    unit_id: int | None
    stream: str
    mode: str
    language: str
    seed: int
    answers: Mapping[str, str]
    started_at: dt.datetime
    submitted_at: dt.datetime
    interviewer: str | None = None


@dataclass(frozen=True)
class Receipt:
    """What became of a submission.

    Parameters
    ----------
    status : str
        stored, repeated (it stands here already, nothing was done), or held.
    reason : str or None
        Of a held one: late (it came when the wave was not open), second (the household has
        answered), or conflict (the same instance came with other answers).
    """

    status: str
    reason: str | None
    response_id: int | None
    eligible: bool


def accept(
    connection: sa.Connection, submission: Submission, *, arrived_at: dt.datetime | None = None
) -> Receipt:
    """Let a submission in: exactly once, whatever arrives how often and at the same time.

    Nothing that arrives is refused or lost: what cannot count is held for staff.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a write transaction, which the caller commits before acknowledging anything.
    arrived_at : datetime, optional
        When it came in, of one that could not be opened then. If the wave was still open at that
        moment, it is in time until the wave is locked.

    Notes
    -----
    A retried upload or a double click sends the same instance again, perhaps at the same moment,
    so the insert decides and not a look beforehand: on a conflict it does nothing, which leaves
    the transaction usable, and whoever came second then reads what came first.
    """
    (receipt,) = accept_all(connection, [submission], arrived_at=[arrived_at])
    return receipt


def accept_all(
    connection: sa.Connection,
    submissions: Sequence[Submission],
    standing: Mapping[int, HeldWave] | None = None,
    arrived_at: Sequence[dt.datetime | None] = (),
) -> list[Receipt]:
    """Let submissions in that arrive together, each as :func:`accept` does.

    Parameters
    ----------
    standing : mapping of wave to HeldWave, optional
        By someone who has held their waves already.
    arrived_at : sequence of datetime or None, optional
        For each, as :func:`accept` has it.

    Returns
    -------
    list of Receipt
        In the order of the submissions.
    """
    waves = standing or hold_waves(connection, [one.wave_id for one in submissions])
    arrivals = [_arrival(connection, one, waves[one.wave_id]) for one in submissions]
    in_time = [
        _is_in_time(waves[came["wave_id"]], at) for came, at in zip_longest(arrivals, arrived_at)
    ]
    fresh: dict[Name, Arrival] = {}
    for came, is_in_time in zip(arrivals, in_time, strict=True):
        if is_in_time:
            fresh.setdefault(_name(came), came)
    stored = _insert(connection, list(fresh.values()))
    new = {name: fresh[name] for name in stored}
    earlier = _earlier(connection, [came for came in arrivals if came is not new.get(_name(came))])
    return [
        Receipt("stored", None, stored[_name(came)], came["eligible"])
        if came is new.get(_name(came))
        else _not_stored(connection, came, earlier.get(_name(came)), is_in_time)
        for came, is_in_time in zip(arrivals, in_time, strict=True)
    ]


class HeldWave(NamedTuple):
    """A wave as it stands, and will until the commit."""

    state: str
    closed_at: dt.datetime | None
    questionnaire_id: int


def hold_waves(connection: sa.Connection, ids: Iterable[int]) -> dict[int, HeldWave]:
    """Waves as they stand, by id, and will until the commit.

    On PostgreSQL their rows are held: no wave closes between this look and the commit, so that the
    snapshot of a closed wave has every acknowledged response.
    """
    asked = asking_for_waves(ids)
    return held_waves(asked, HOLD_WAVE.rows(connection, asked))


def asking_for_waves(ids: Iterable[int]) -> list[dict[str, int]]:
    """The parameters of ``HOLD_WAVE``, for whoever sends it together with other statements."""
    return [{"wave_id": id_} for id_ in sorted(set(ids))]


def held_waves(asked: Iterable[Mapping[str, int]], rows: Iterable[Row]) -> dict[int, HeldWave]:
    """The waves that ``HOLD_WAVE`` gave, by id."""
    return {one["wave_id"]: HeldWave(*row) for one, row in zip(asked, rows, strict=True)}


def _is_in_time(wave: HeldWave, at: dt.datetime | None) -> bool:
    """Whether the wave is open, or was when it came in and is not locked yet."""
    if wave.state != "closed":
        return wave.state == "open"
    return at is not None and wave.closed_at is not None and at <= wave.closed_at


def _arrival(connection: sa.Connection, submission: Submission, wave: HeldWave) -> Arrival:
    """A submission as a row, with what is made of it here."""
    questionnaire = published.load(connection, wave.questionnaire_id)
    return {
        **vars(submission),
        "questionnaire_id": wave.questionnaire_id,
        "eligible": routing.is_eligible(questionnaire, submission.answers) is True,
        "sha256": digest(submission.answers),
        "received_at": now(),
    }


def _insert(connection: sa.Connection, arrivals: Sequence[Arrival]) -> dict[Name, int]:
    """Insert what nothing stands in the way of; the ids of what was inserted."""
    return {(wave, name): id_ for wave, name, id_ in _INSERT.rows(connection, arrivals)}


def _earlier(connection: sa.Connection, arrivals: Sequence[Arrival]) -> dict[Name, Any]:
    """What stands here already under the names of some submissions."""
    return {
        (wave, row.instance_id): row
        for wave in {came["wave_id"] for came in arrivals}
        for batch in batches([came for came in arrivals if came["wave_id"] == wave], AT_ONCE)
        for row in connection.execute(_EARLIER, _names(wave, batch))
    }


def _not_stored(
    connection: sa.Connection, came: Arrival, earlier: Any | None, is_in_time: bool
) -> Receipt:
    """What becomes of a submission that is here already, or cannot count."""
    if earlier is None:
        return _hold(connection, came, "second" if is_in_time else "late")
    if earlier.sha256 == came["sha256"]:
        return Receipt("repeated", None, earlier.id, earlier.eligible)
    return _hold(connection, came, "conflict")


def _name(came: Arrival) -> Name:
    return came["wave_id"], came["instance_id"]


def _names(wave: int, arrivals: Sequence[Arrival]) -> dict[str, Any]:
    return {"wave_id": wave, "instances": [one["instance_id"] for one in arrivals]}


def _hold(connection: sa.Connection, came: Arrival, reason: str) -> Receipt:
    """Keep a submission whole, for staff; the same one twice is kept once."""
    row = {name: came[name] for name in ("wave_id", "instance_id", "sha256", "received_at")}
    whole = {
        name: value.isoformat() if isinstance(value, dt.datetime) else value
        for name, value in came.items()
        if name != "questionnaire_id"
    }
    insert = insert_or_ignore(connection, HeldResponse)
    connection.execute(insert, {**row, "reason": reason, "submission": whole})
    return Receipt("held", reason, None, came["eligible"])


class Count(NamedTuple):
    """How many came in one way in one community; no answers."""

    community_id: int
    stream: str
    mode: str
    eligible: int
    ineligible: int


def counts(session: Session, wave: Wave) -> list[Count]:
    """How many responses a wave has, per community, stream and mode: all an open wave shows."""
    yes = sa.func.count().filter(Response.eligible)
    no = sa.func.count().filter(~Response.eligible)
    by = (Response.community_id, Response.stream, Response.mode)
    query = sa.select(*by, yes, no).where(Response.wave_id == wave.id).group_by(*by).order_by(*by)
    return [Count(*row) for row in session.execute(query)]


def number(session: Session, wave: Wave) -> int:
    """How many responses a wave has."""
    query = sa.select(sa.func.count()).where(Response.wave_id == wave.id)
    return session.scalar(query) or 0


def held(session: Session, wave: Wave) -> dict[str, int]:
    """How many responses of a wave were held, by reason."""
    query = (
        sa.select(HeldResponse.reason, sa.func.count())
        .where(HeldResponse.wave_id == wave.id)
        .group_by(HeldResponse.reason)
    )
    return dict(session.execute(query).all())


_INSERT = Insertion(Response, Response.wave_id, Response.instance_id, Response.id, ignoring=True)
HOLD_WAVE = Statement(
    lambda _dialect: (
        sa.select(Wave.state, Wave.closed_at, Wave.questionnaire_id)
        .where(Wave.id == sa.bindparam("wave_id"))
        .with_for_update(read=True)
    )
)
_EARLIER = sa.select(Response.id, Response.sha256, Response.eligible, Response.instance_id).where(
    Response.wave_id == sa.bindparam("wave_id"),
    Response.instance_id.in_(sa.bindparam("instances", expanding=True)),
)
