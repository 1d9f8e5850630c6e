"""Responses, and ``accept``: the only way in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from surveys.database import Base, Json, now

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
