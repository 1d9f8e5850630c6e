"""Uploads: everything a phone ever sent, by the name the phone gave it, exactly once.

A phone that hears no answer sends the same bytes again, and it cannot know what became of the
first ones. So each write has a name of its own (a UUID made on the phone), and the insert of that
name decides, in the transaction of all that follows from it: the same bytes again change nothing
and are answered as the first time; other bytes under a known name are kept aside, for staff.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from surveys.database import Base, now
from surveys.statements import Insertion

KINDS = ("attempt", "interview", "shift", "recheck")
STORED, REPEATED, HELD = "stored", "repeated", "held"

# Why something is held for staff, in the order of looking.
REASONS = (
    "conflict",  # other bytes came under this name before
    "invalid",  # it is not what it should be: a field, an answer, a code
    "unknown",  # no such unit was sent out in that wave
    "unassigned",  # this volunteer never had the unit
    "sealed",  # it does not open: another key, or damaged
    "late",  # the wave is not open
    "second",  # the household has answered
)


class Upload(Base):
    """One write of a phone. What is held keeps its bytes, whole."""

    __tablename__ = "uploads"
    __table_args__ = (
        UniqueConstraint("client_id", "sha256"),
        # The first under a name; what differs from it later stands beside it as a conflict.
        Index(
            "uq_uploads_first",
            "client_id",
            unique=True,
            sqlite_where=text("reason IS NULL OR reason <> 'conflict'"),
            postgresql_where=text("reason IS NULL OR reason <> 'conflict'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(String(72))  # the phone's name for it: a UUID
    kind: Mapped[str] = mapped_column(String(16))  # one of KINDS
    sha256: Mapped[str] = mapped_column(String(64))  # of the bytes
    status: Mapped[str] = mapped_column(String(8))  # stored | held
    reason: Mapped[str | None] = mapped_column(String(16))  # of what is held: see REASONS
    remarks: Mapped[str] = mapped_column(String(64), default="")  # "moved clock": see REMARKS
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("sampled_units.id"), index=True)
    wave_id: Mapped[int | None] = mapped_column(ForeignKey("waves.id"), index=True)
    phone_time: Mapped[dt.datetime | None]  # the phone's clock, however wrong
    received_at: Mapped[dt.datetime] = mapped_column(default=now)  # ours
    body: Mapped[bytes | None] = mapped_column(LargeBinary)


# What staff should know of something that counts all the same.
REMARKS = (
    "moved",  # the address had been given to someone else meanwhile
    "clock",  # the phone's clock ran ahead; the time of arrival was taken
    "selection",  # not the household or the adult that was drawn
    "households",  # another number of households than was counted before
    "recount",  # the adults were counted a second time, with a reason
    "reopened",  # it was held until the wave's key was back
)


@dataclass(frozen=True)
class Outcome:
    """What became of a write.

    Parameters
    ----------
    status : str
        stored, repeated (it was stored before and nothing was done), or held.
    reason : str or None
        Of what is held, one of ``REASONS``.
    """

    status: str
    reason: str | None = None


def digest(body: bytes) -> str:
    """The SHA-256 (hexadecimal) by which the same bytes are known again."""
    return hashlib.sha256(body).hexdigest()


def known(connection: sa.Connection, row: Mapping[str, Any], body: bytes) -> Outcome:
    """What to answer to a write whose name is known; other bytes under it are kept aside."""
    first = connection.execute(_FIRST, {"name": row["client_id"]}).one()
    if first.sha256 == row["sha256"]:
        status = REPEATED if first.status == STORED else HELD
        return Outcome(status, first.reason)
    aside = {**row, "status": HELD, "reason": "conflict", "body": body}
    ENTER.rows(connection, [aside])  # the same twice is kept once
    return Outcome(HELD, "conflict")


def finish(connection: sa.Connection, upload_id: int, **values: Any) -> None:
    """Note what became of a write, where it was not as expected."""
    connection.execute(sa.update(Upload).where(Upload.id == upload_id).values(values))


def reopen(connection: sa.Connection, upload_id: int) -> int | Outcome:
    """Enter a write anew that was held because it did not open; of two who do so, one does.

    Returns
    -------
    int or Outcome
        The id of the row; or, where it is held so no more, how it stands.
    """
    if connection.execute(_REOPEN, {"upload": upload_id}).rowcount:
        return upload_id
    status, reason = connection.execute(_STANDS, {"upload": upload_id}).one()
    return Outcome(REPEATED if status == STORED else status, reason)


# Enters a write under its name, before anything follows from it, as it will be if nothing is found
# against it; returns name and id where the name is new. About the others, ask ``known``. On
# PostgreSQL the insert of a name that another transaction is inserting waits for it, so that of two
# tabs that send at once the second sees what the first has made.
ENTER = Insertion(Upload, Upload.client_id, Upload.id, ignoring=True)
_REOPEN = (
    sa.update(Upload)
    .where(Upload.id == sa.bindparam("upload"), Upload.status == HELD, Upload.reason == "sealed")
    .values(status=STORED, reason=None)
)
_STANDS = sa.select(Upload.status, Upload.reason).where(Upload.id == sa.bindparam("upload"))
_FIRST = sa.select(Upload.sha256, Upload.status, Upload.reason).where(
    Upload.client_id == sa.bindparam("name"),
    sa.or_(Upload.reason.is_(None), Upload.reason != "conflict"),
)
