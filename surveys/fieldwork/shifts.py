"""Shifts: the hours volunteers say they were out. Nobody checks in, nothing is tracked."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys.database import Base, now
from surveys.people import User
from surveys.problems import N_, Problem, Refused

LONGEST = dt.timedelta(hours=16)  # more in one go is a shift that nobody ended


class Shift(Base):
    """From when to when someone was out, as they declared it."""

    __tablename__ = "shifts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    partner: Mapped[str] = mapped_column(String(64), default="")
    started_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime]
    recorded_at: Mapped[dt.datetime] = mapped_column(default=now)

    @property
    def hours(self) -> float:
        return (self.ended_at - self.started_at) / dt.timedelta(hours=1)


def record(
    session: Session,
    user: User,
    started_at: dt.datetime,
    ended_at: dt.datetime,
    *,
    partner: str = "",
) -> Shift:
    """Write down a shift.

    Raises
    ------
    Refused
        It ends before it begins, or lasts longer than sixteen hours.
    """
    if problem := fault(started_at, ended_at):
        raise Refused(problem)
    shift = Shift(user_id=user.id, partner=partner, started_at=started_at, ended_at=ended_at)
    session.add(shift)
    session.flush()
    return shift


def fault(started_at: dt.datetime, ended_at: dt.datetime) -> Problem | None:
    """What is wrong with the times of a shift."""
    if ended_at <= started_at:
        return Problem(N_("A shift must end after it begins."))
    if ended_at - started_at > LONGEST:
        text = N_("A shift lasts at most %(hours)d hours.")
        return Problem(text, {"hours": LONGEST // dt.timedelta(hours=1)})
    return None


def of_user(session: Session, user: User) -> list[Shift]:
    """The shifts of someone, the earliest first."""
    query = sa.select(Shift).where(Shift.user_id == user.id)
    return list(session.scalars(query.order_by(Shift.started_at, Shift.id)))
