"""Intake: one write of a phone on its way in, the door it speaks of, and the visit it reports."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from surveys.audit import AuditEntry
from surveys.database import now
from surveys.fieldwork import uploads
from surveys.fieldwork.assignments import Assignment
from surveys.fieldwork.attempts import Attempt
from surveys.fieldwork.messages import NAME
from surveys.fieldwork.uploads import HELD, STORED, Outcome
from surveys.office import Office
from surveys.questionnaires.answers import clean
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave

_NAME = re.compile(NAME)


@dataclass(frozen=True)
class Sender:
    """Whose phone it is."""

    id: int
    name: str


@dataclass(frozen=True)
class Write:
    """One write on its way in.

    Parameters
    ----------
    upload_id : int or None
        Of one that was held until its wave's key was back, and is opened now.
    """

    office: Office
    sender: Sender
    body: bytes
    row: dict[str, Any]
    upload_id: int | None = None

    @property
    def received_at(self) -> dt.datetime:
        moment: dt.datetime = self.row["received_at"]
        return moment

    def enter(self, connection: sa.Connection) -> int | Outcome:
        """Enter it under its name, in the transaction of all that follows from it."""
        if self.upload_id is not None:
            return uploads.reopen(connection, self.upload_id)
        return uploads.begin(connection, self.row, self.body)

    def hold(self, reason: str) -> Outcome:
        """Keep it whole, for staff, and do nothing else."""
        with self.office.database.write_connection() as connection:
            return self.hold_in(connection, reason)

    def hold_in(self, connection: sa.Connection, reason: str) -> Outcome:
        """The same in a transaction in which nothing has happened yet."""
        if self.upload_id is not None:
            uploads.finish(connection, self.upload_id, reason=reason)
            return Outcome(HELD, reason)
        row = {**self.row, "status": HELD, "reason": reason, "body": self.body}
        known = uploads.begin(connection, row, self.body)
        return known if isinstance(known, Outcome) else Outcome(HELD, reason)


def row_of(sender: Sender, kind: str, sent: Mapping[str, Any], sha256: str) -> dict[str, Any]:
    """The row of a write of which nothing is known yet; without a name it has that of its bytes."""
    name = sent.get("id")
    is_name = isinstance(name, str) and _NAME.fullmatch(name)
    return {
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


@dataclass(frozen=True)
class Door:
    """A unit that was sent out, with its wave as it stands at this moment."""

    unit_id: int
    wave_id: int
    community_id: int
    address_id: int
    households: int | None
    wave_code: str
    questionnaire_id: int
    seed: int
    rule: str
    kid: str  # of the key that phones were told
    is_mine: bool  # assigned to the sender now
    was_mine: bool  # now or before


def door_of(connection: sa.Connection, unit_id: int, user_id: int) -> Door | None:
    row = connection.execute(_DOOR, {"unit": unit_id, "user": user_id}).one_or_none()
    return None if row is None else Door(*tuple(row))


@dataclass(frozen=True)
class Visit:
    """What somebody did at a door."""

    outcome: str
    at: dt.datetime
    partner: str
    return_at: dt.datetime | None = None


def counts(wave: Any, at: dt.datetime) -> bool:
    """Whether a visit still belongs to the fieldwork of a wave.

    One that was made before the wave closed tells the truth about an address, and counts until the
    wave is locked; then its dispositions stand.
    """
    if wave.state == "closed":
        return wave.closed_at is not None and at <= wave.closed_at
    return bool(wave.state == "open")


def go(
    connection: sa.Connection, write: Write, door: Door, visit: Visit, households: int | None
) -> list[str]:
    """Record a visit and the first count of the households; returns what staff should know."""
    remarks = [] if door.is_mine else ["moved"]
    if write.upload_id is not None:  # the visit is on record since the write came in
        if households is not None and not _count(connection, write, door, households):
            remarks.append("households")
        return [*remarks, "reopened"]
    at, ahead = visit.at, visit.at - write.received_at
    if ahead > dt.timedelta(0):
        at = write.received_at
        remarks.append("clock")
    values = {
        "unit_id": door.unit_id,
        "at": at,
        "outcome": visit.outcome,
        "actor": write.sender.name,
        "partner": clean(visit.partner),
        "return_at": visit.return_at,
    }
    connection.execute(_INSERT_ATTEMPT, values)
    if households is not None and not _count(connection, write, door, households):
        remarks.append("households")
    return remarks


def _count(connection: sa.Connection, write: Write, door: Door, households: int) -> bool:
    """Note how many households an address has; False if another number was counted before."""
    if door.households is None:
        first = connection.execute(_COUNT, {"unit": door.unit_id, "number": households})
        if first.rowcount == 1:
            entry = {
                "actor": write.sender.name,
                "action": "unit.households",
                "subject": str(door.unit_id),
                "detail": {"households": households},
            }
            connection.execute(sa.insert(AuditEntry), entry)
            return True
    stands = connection.scalar(_COUNTED, {"unit": door.unit_id})
    return bool(stands == households)


# ---- statements, made once -----------------------------------------------------------------------

_MINE = sa.select(Assignment.id).where(
    Assignment.unit_id == SampledUnit.id, Assignment.user_id == sa.bindparam("user")
)
_DOOR = (
    sa.select(
        SampledUnit.id,
        SampledUnit.wave_id,
        SampledUnit.community_id,
        SampledUnit.address_id,
        SampledUnit.households,
        Wave.code,
        Wave.questionnaire_id,
        Wave.seed,
        Wave.selection,
        Wave.sealing_kid,
        _MINE.where(Assignment.withdrawn_at.is_(None)).exists(),
        _MINE.exists(),
    )
    .join(Wave, Wave.id == SampledUnit.wave_id)
    .where(SampledUnit.id == sa.bindparam("unit"), SampledUnit.released_at.is_not(None))
)
# FOR SHARE (on PostgreSQL): the wave is neither closed nor locked between this look and the commit.
WAVE = (
    sa.select(Wave.state, Wave.closed_at)
    .where(Wave.id == sa.bindparam("wave"))
    .with_for_update(read=True)
)
_INSERT_ATTEMPT = sa.insert(Attempt)
_COUNT = (
    sa.update(SampledUnit)
    .where(SampledUnit.id == sa.bindparam("unit"), SampledUnit.households.is_(None))
    .values(households=sa.bindparam("number"))
)
_COUNTED = sa.select(SampledUnit.households).where(SampledUnit.id == sa.bindparam("unit"))
