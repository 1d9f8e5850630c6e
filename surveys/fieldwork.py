"""Fieldwork: every attempt at a sampled address, and what they came to."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from surveys.database import Base, now


class Attempt(Base):
    """One visit to a sampled address; it is never edited."""

    __tablename__ = "attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("sampled_units.id"), index=True)
    at: Mapped[dt.datetime]
    outcome: Mapped[str] = mapped_column(String(24))
    actor: Mapped[str] = mapped_column(String(64))
    partner: Mapped[str] = mapped_column(String(64), default="")
    return_at: Mapped[dt.datetime | None]  # when someone asked to come back
    recorded_at: Mapped[dt.datetime] = mapped_column(default=now)
