"""Waves: draft → open → closed → locked; a measurement or a campaign visit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from surveys.database import Base, Json, now

STATES = ("draft", "open", "closed", "locked")
KINDS = ("measurement", "campaign")


class Wave(Base):
    """One round of fieldwork; it belongs to a month and to a township."""

    __tablename__ = "waves"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'open', 'closed', 'locked')", name="state"),
        CheckConstraint("kind IN ('measurement', 'campaign')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)  # in addresses: /s/<code>/…
    title_zh: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120), default="")
    kind: Mapped[str] = mapped_column(String(16), default="measurement")
    month: Mapped[str] = mapped_column(String(7))  # "2026-11"
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaires.id"))
    state: Mapped[str] = mapped_column(String(8), default="draft")
    sponsor: Mapped[str] = mapped_column(String(120), default="")
    approval_number: Mapped[str] = mapped_column(String(80), default="")
    valid_until: Mapped[dt.date | None]
    targets: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # indicator → 0.85
    seed: Mapped[int]  # of the draw, and of everything random that follows from the wave
    synthetic: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    opened_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    locked_at: Mapped[dt.datetime | None]
