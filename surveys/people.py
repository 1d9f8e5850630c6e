"""People who log in: administrators, staff and volunteers, each scoped to a branch of the tree."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from surveys.database import Base, now

ROLES = ("admin", "staff", "volunteer")


class User(Base):
    """Someone with a password, a role and a branch."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("role IN ('admin', 'staff', 'volunteer')", name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))  # None: the whole tree
    password_hash: Mapped[str] = mapped_column(String(160))
    # A new epoch logs every session of the person out: after a reset, nobody stays in.
    epoch: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    last_login_at: Mapped[dt.datetime | None]


class FailedAttempt(Base):
    """A wrong password or a wrong code, counted under a keyed hash of who tried."""

    __tablename__ = "failed_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[dt.datetime] = mapped_column(default=now, index=True)
