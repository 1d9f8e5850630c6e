"""A resident's unfinished answers, found by a token that only the address bar knows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from surveys.database import Base, Json, now


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
    outcome: Mapped[str | None] = mapped_column(String(16))  # complete | ineligible | held
