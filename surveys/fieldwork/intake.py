"""Intake: one write of a phone on its way in: who sends it, the door it speaks of, the visit."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from surveys.database import now
from surveys.fieldwork.assignments import Assignment
from surveys.fieldwork.messages import NAME, Unsealed
from surveys.fieldwork.uploads import HELD, STORED
from surveys.people import User
from surveys.questionnaires import published
from surveys.questionnaires.definition import Questionnaire
from surveys.responses import Submission
from surveys.sampling.units import SampledUnit
from surveys.statements import Statement
from surveys.waves import Wave

_NAME = re.compile(NAME)


@dataclass(frozen=True)
class Sender:
    """Whose phone it is."""

    id: int
    name: str


@dataclass(frozen=True)
class Who:
    """Whose phone a session says it is, under the password of which epoch."""

    user_id: int
    epoch: int


class NotLetIn(Exception):  # noqa: N818
    """Nobody has such a session any more; or somebody has who is no volunteer (``is_known``)."""

    def __init__(self, *, is_known: bool) -> None:
        super().__init__("no volunteer" if is_known else "nobody")
        self.is_known = is_known


@dataclass(frozen=True)
class Door:
    """A unit that was sent out, with its wave as it stands at this moment."""

    questionnaire: Questionnaire
    unit_id: int
    wave_id: int
    community_id: int
    address_id: int
    households: int | None
    wave_code: str
    seed: int
    rule: str
    kid: str  # of the key that phones were told
    is_mine: bool  # assigned to the sender now
    was_mine: bool  # now or before


@dataclass(frozen=True)
class Visit:
    """What somebody did at a door."""

    outcome: str
    at: dt.datetime
    partner: str = ""
    return_at: dt.datetime | None = None
    households: int | None = None  # at the address, where they were counted


@dataclass(frozen=True)
class Entry:
    """A write that has been read and checked: its row in the uploads, and what follows from it.

    Parameters
    ----------
    sender : Sender
        The volunteer who is logged in.
    row : dict
        The columns of :class:`surveys.fieldwork.uploads.Upload`.
    body : bytes
        As they came; kept with whatever staff should look at.
    door, visit : optional
        The visit is recorded if its wave takes it still.
    shift : mapping, optional
        The columns of a shift.
    told, submission : optional
        An interview, unsealed, and the response it makes.
    upload_id : int or None
        Of one that was held until its wave's key was back, and is opened now.
    """

    sender: Sender
    row: dict[str, Any]
    body: bytes
    door: Door | None = None
    visit: Visit | None = None
    shift: Mapping[str, Any] | None = None
    told: Unsealed | None = None
    submission: Submission | None = None
    upload_id: int | None = None

    @property
    def name(self) -> str:
        """What the phone calls it."""
        return str(self.row["client_id"])

    @property
    def received_at(self) -> dt.datetime:
        moment: dt.datetime = self.row["received_at"]
        return moment

    def held(self, reason: str, visit: Visit | None = None) -> Entry:
        """The same as something that staff should see: kept whole, and at most a visit follows."""
        row = {**self.row, "status": HELD, "reason": reason, "body": self.body}
        return replace(self, row=row, visit=visit, shift=None, told=None, submission=None)

    def at(self, door: Door) -> Entry:
        """The same at a door."""
        row = {**self.row, "unit_id": door.unit_id, "wave_id": door.wave_id}
        return replace(self, row=row, door=door)


def entry_of(sender: Sender, kind: str, sent: Mapping[str, Any], body: bytes, sha256: str) -> Entry:
    """A write of which nothing is known yet; without a name it has that of its bytes."""
    name = sent.get("id")
    is_name = isinstance(name, str) and _NAME.fullmatch(name)
    row = {
        "client_id": name if is_name else f"sha256:{sha256}",
        "kind": kind,
        "sha256": sha256,
        "status": STORED,
        "reason": None,
        "remarks": "",
        "user_id": sender.id,
        "unit_id": None,
        "wave_id": None,
        "phone_time": None,
        "received_at": now(),
        "body": None,
    }
    return Entry(sender, row, body)


def let_in(connection: sa.Connection, who: Who, unit_id: int) -> tuple[Sender, Door | None]:
    """Who sends a write, and the unit as they know it; None if it was never sent out.

    Raises
    ------
    NotLetIn
        The session is not that of an active volunteer.
    """
    row = _AT_THE_DOOR.row(connection, {"unit": unit_id, "user": who.user_id})
    name, role, epoch, active, *at_the_door = row or ("", "", None, False)
    if epoch != who.epoch or not active:
        raise NotLetIn(is_known=False)
    if role != "volunteer":
        raise NotLetIn(is_known=True)
    return Sender(who.user_id, name), _door(connection, at_the_door)


def door_of(connection: sa.Connection, unit_id: int, user_id: int) -> Door | None:
    """The same of somebody who is known already."""
    row = _AT_THE_DOOR.row(connection, {"unit": unit_id, "user": user_id})
    return None if row is None else _door(connection, row[4:])


def _door(connection: sa.Connection, columns: Sequence[Any]) -> Door | None:
    *known, questionnaire_id = columns
    if questionnaire_id is None:
        return None
    return Door(published.load(connection, questionnaire_id), *known)


_MINE = sa.select(Assignment.id).where(
    Assignment.unit_id == SampledUnit.id, Assignment.user_id == User.id
)
# In one SELECT: most of what a statement costs is its trip.
_AT_THE_DOOR = Statement(
    lambda _dialect: (
        sa.select(
            User.name,
            User.role,
            User.epoch,
            User.active,
            SampledUnit.id,
            SampledUnit.wave_id,
            SampledUnit.community_id,
            SampledUnit.address_id,
            SampledUnit.households,
            Wave.code,
            Wave.seed,
            Wave.selection,
            Wave.sealing_kid,
            _MINE.where(Assignment.withdrawn_at.is_(None)).exists(),
            _MINE.exists(),
            Wave.questionnaire_id,
        )
        .select_from(User)
        .outerjoin(
            SampledUnit,
            sa.and_(SampledUnit.id == sa.bindparam("unit"), SampledUnit.released_at.is_not(None)),
        )
        .outerjoin(Wave, Wave.id == SampledUnit.wave_id)
        .where(User.id == sa.bindparam("user"))
    )
)
