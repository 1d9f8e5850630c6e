"""A resident's unfinished answers, found by a token that only the address bar knows."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from surveys import responses
from surveys.areas import Area
from surveys.database import Base, Json, now
from surveys.problems import N_, Problem, Refused
from surveys.questionnaires import published, routing
from surveys.questionnaires.answers import canonical
from surveys.responses import HeldResponse, Receipt, Response, Submission
from surveys.waves import Wave


class Draft(Base):
    """Answers on their way. ``revisions`` says at which version each answer last changed."""

    __tablename__ = "drafts"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"), index=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("sampled_units.id"), index=True)
    stream: Mapped[str] = mapped_column(String(8))  # sample | open
    mode: Mapped[str] = mapped_column(String(8))  # web | door | paper
    instance_id: Mapped[str] = mapped_column(String(41), unique=True)
    language: Mapped[str] = mapped_column(String(8))
    elder: Mapped[bool] = mapped_column(default=False)
    seed: Mapped[int]  # of the order in which shuffled questions are shown
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    revisions: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    shown: Mapped[list[str]] = mapped_column(Json, default=list)  # questions that freeze others
    version: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[dt.datetime] = mapped_column(default=now)
    saved_at: Mapped[dt.datetime] = mapped_column(default=now)
    submitted_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))  # complete|ineligible|held|revoked


REVOKED = "revoked"


class OpenDraft(NamedTuple):
    """A draft as it was read, with what its pages say about wave and place."""

    token_hash: str
    wave_id: int
    community_id: int
    unit_id: int | None
    stream: str
    mode: str
    instance_id: str
    language: str
    elder: bool
    seed: int
    answers: Mapping[str, str]
    revisions: Mapping[str, int]
    shown: Sequence[str]
    version: int
    started_at: dt.datetime
    saved_at: dt.datetime
    submitted_at: dt.datetime | None
    outcome: str | None
    wave_code: str
    wave_state: str
    wave_synthetic: bool
    questionnaire_id: int
    community_code: str
    community_zh: str
    community_en: str

    @property
    def is_revoked(self) -> bool:
        """Whether the code it was begun with has been revoked."""
        return self.outcome == REVOKED

    @property
    def is_open(self) -> bool:
        """Whether it takes answers: neither submitted nor revoked."""
        return self.submitted_at is None and not self.is_revoked


# question → (stored, sent)
Conflicts: TypeAlias = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Saved:
    """The draft after a save, and the questions where someone else's answer stands."""

    draft: OpenDraft
    conflicts: Conflicts


def start(
    connection: sa.Connection,
    *,
    wave_id: int,
    community_id: int,
    unit_id: int | None,
    stream: str,
    mode: str,
    language: str,
    elder: bool = False,
    now: dt.datetime | None = None,
) -> str:
    """Begin a draft and return its token, which is stored nowhere: only its hash is."""
    token = secrets.token_urlsafe(32)
    moment = now or _now()
    row = {
        "token_hash": _hash(token),
        "wave_id": wave_id,
        "community_id": community_id,
        "unit_id": unit_id,
        "stream": stream,
        "mode": mode,
        "instance_id": f"uuid:{uuid.uuid4()}",
        "language": language,
        "elder": elder,
        "seed": secrets.randbelow(2**31),
        "started_at": moment,
        "saved_at": moment,
    }
    connection.execute(_INSERT, row)
    return token


def load(connection: sa.Connection, token: str) -> OpenDraft | None:
    """The draft of a token, in one SELECT; None if there is none."""
    return _load(connection, _hash(token))


def save(
    connection: sa.Connection,
    draft: OpenDraft,
    values: Mapping[str, str],
    seen_version: int,
    *,
    force: bool = False,
) -> Saved:
    """Save the answers of a page.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        Its turn to write; no transaction is needed, for a save is one UPDATE. Read the draft
        before the turn: SQLite's queue of writers is then held for the UPDATE alone.
    draft : OpenDraft
        As it was read. If it has changed since, it is read again and the answers are put into
        what stands there now.
    values : mapping of question to answer
        Checked answers of one page. A question that has become read-only keeps its answer.
    seen_version : int
        The version of the draft that the page was made from.
    force : bool
        Take the sent answers where they conflict: the person has seen both and chosen.

    Returns
    -------
    Saved
        A question conflicts where its stored answer changed after ``seen_version`` and is not the
        one sent; the stored one stays, the other questions are saved. The draft of a questionnaire
        that has been submitted or revoked meanwhile comes back as it is: look at
        ``draft.is_open``.
    """
    while draft.is_open:
        changes, conflicts = _merge(connection, draft, values, seen_version, force=force)
        if not changes:
            return Saved(draft, conflicts)
        version = draft.version + 1
        written = _write(
            connection,
            draft,
            answers={**draft.answers, **changes},
            revisions={**draft.revisions, **dict.fromkeys(changes, version)},
        )
        if written:
            return Saved(written, conflicts)
        draft = _reload(connection, draft)
    return Saved(draft, {})


def note_shown(connection: sa.Connection, draft: OpenDraft, names: Iterable[str]) -> OpenDraft:
    """Remember questions that have been on the screen and so freeze others."""
    names = tuple(names)
    while draft.is_open and not set(names) <= set(draft.shown):
        shown = list(dict.fromkeys((*draft.shown, *names)))
        if written := _write(connection, draft, shown=shown):
            return written
        draft = _reload(connection, draft)
    return draft


def prefer(
    connection: sa.Connection,
    draft: OpenDraft,
    language: str | None = None,
    elder: bool | None = None,
) -> OpenDraft:
    """Remember the language and the size of type; answers and their version are untouched."""
    chosen = draft._replace(
        language=draft.language if language is None else language,
        elder=draft.elder if elder is None else elder,
    )
    values = {"language": chosen.language, "elder": chosen.elder}
    connection.execute(_PREFER, {"at_token": draft.token_hash, **values})
    return chosen


def submit(connection: sa.Connection, draft: OpenDraft) -> Receipt:
    """Hand the answers in. Doing it again, or twice at once, gives the same receipt.

    Whatever becomes of them, the draft keeps no copy of the answers.

    Raises
    ------
    Refused
        An answer that must be there is missing, or one is not possible, or the code was revoked;
        nothing has changed.
    """
    # The row is held (on PostgreSQL) so that a double click's second half waits and then finds
    # the first half's work.
    connection.execute(_HOLD, {"token_hash": draft.token_hash})
    draft = _reload(connection, draft)
    if draft.submitted_at is not None:
        return _receipt(connection, draft)
    if draft.is_revoked:
        raise Refused(Problem(N_("The code these answers were begun with was revoked.")))
    moment = _now()
    questionnaire = published.load(connection, draft.questionnaire_id)
    submission = Submission(
        wave_id=draft.wave_id,
        instance_id=draft.instance_id,
        community_id=draft.community_id,
        unit_id=draft.unit_id,
        stream=draft.stream,
        mode=draft.mode,
        language=draft.language,
        seed=draft.seed,
        answers=canonical(questionnaire, draft.answers),
        started_at=draft.started_at,
        submitted_at=moment,
    )
    receipt = responses.accept(connection, submission)
    outcome = "complete" if receipt.eligible else "ineligible"
    _write(
        connection,
        draft,
        answers={},
        revisions={},
        submitted_at=moment,
        outcome="held" if receipt.reason else outcome,
    )
    return receipt


def revoke(connection: sa.Connection, unit_id: int) -> None:
    """Stop the drafts that were begun with a unit's code; what was answered in them stays."""
    connection.execute(_REVOKE, {"at_unit": unit_id, "outcome": REVOKED})


def _merge(
    connection: sa.Connection,
    draft: OpenDraft,
    values: Mapping[str, str],
    seen_version: int,
    *,
    force: bool,
) -> tuple[dict[str, str], Conflicts]:
    """Which of the sent answers change the draft, and which meet another that came between."""
    different = {name: sent for name, sent in values.items() if draft.answers.get(name) != sent}
    if draft.shown:
        questionnaire = published.load(connection, draft.questionnaire_id)
        for name in routing.frozen(questionnaire, draft.shown):
            different.pop(name, None)
    conflicts = {
        name: (draft.answers.get(name, ""), sent)
        for name, sent in different.items()
        if draft.revisions.get(name, 0) > seen_version and not force
    }
    changes = {name: sent for name, sent in different.items() if name not in conflicts}
    return changes, conflicts


def _write(connection: sa.Connection, draft: OpenDraft, **changes: Any) -> OpenDraft | None:
    """Write to the draft if nobody has since it was read; None if someone has."""
    changes |= {"version": draft.version + 1, "saved_at": _now()}
    guard = {"at_token": draft.token_hash, "at_version": draft.version}
    done = connection.execute(_UPDATE, {**changes, **guard})
    return draft._replace(**changes) if done.rowcount == 1 else None


def _load(connection: sa.Connection, token_hash: str) -> OpenDraft | None:
    row = connection.execute(_SELECT, {"token_hash": token_hash}).one_or_none()
    return None if row is None else OpenDraft._make(row)


def _reload(connection: sa.Connection, draft: OpenDraft) -> OpenDraft:
    again = _load(connection, draft.token_hash)
    if again is None:
        raise LookupError("the draft is gone")
    return again


def _receipt(connection: sa.Connection, draft: OpenDraft) -> Receipt:
    """The receipt that was given for a submitted draft."""
    name = {"wave_id": draft.wave_id, "instance_id": draft.instance_id}
    if draft.outcome == "held":
        held = connection.execute(_HELD, name).one()
        return Receipt("held", held.reason, None, held.eligible)
    stored = connection.execute(_STORED, name).one()
    return Receipt("stored", None, stored.id, stored.eligible)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


_now = now  # ``start`` has a parameter of that name

# Built once: a page costs two statements, and their making would cost as much as they do.
_COLUMNS = [name for name in OpenDraft._fields if name in Draft.__table__.c]
_INSERT = sa.insert(Draft)
_SELECT = (
    sa.select(
        *(Draft.__table__.c[name] for name in _COLUMNS),
        Wave.code.label("wave_code"),
        Wave.state.label("wave_state"),
        Wave.synthetic.label("wave_synthetic"),
        Wave.questionnaire_id,
        Area.code.label("community_code"),
        Area.name_zh.label("community_zh"),
        Area.name_en.label("community_en"),
    )
    .join(Wave, Wave.id == Draft.wave_id)
    .join(Area, Area.id == Draft.community_id)
    .where(Draft.token_hash == sa.bindparam("token_hash"))
)
_UPDATE = sa.update(Draft).where(
    Draft.token_hash == sa.bindparam("at_token"),
    Draft.version == sa.bindparam("at_version"),
    Draft.submitted_at.is_(None),
)
_REVOKE = sa.update(Draft).where(
    Draft.unit_id == sa.bindparam("at_unit"), Draft.submitted_at.is_(None)
)
_REVOKE = _REVOKE.values(version=Draft.version + 1)  # whoever is saving just now notices
_PREFER = sa.update(Draft).where(
    Draft.token_hash == sa.bindparam("at_token"), Draft.submitted_at.is_(None)
)
_HOLD = (
    sa.select(Draft.version).where(Draft.token_hash == sa.bindparam("token_hash")).with_for_update()
)
_STORED = sa.select(Response.id, Response.eligible).where(
    Response.wave_id == sa.bindparam("wave_id"),
    Response.instance_id == sa.bindparam("instance_id"),
)
_HELD = sa.select(
    HeldResponse.reason, HeldResponse.submission["eligible"].as_boolean().label("eligible")
).where(
    HeldResponse.wave_id == sa.bindparam("wave_id"),
    HeldResponse.instance_id == sa.bindparam("instance_id"),
)
