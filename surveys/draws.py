"""The draw of a wave: what was decided beforehand, so that anyone can draw it again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from surveys.database import Base, Json, now


class Draw(Base):
    """How a sample was drawn, and from which list."""

    __tablename__ = "draws"

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"), unique=True)
    method: Mapped[str] = mapped_column(String(16))  # stratified | two_stage
    seed: Mapped[int]
    settings: Mapped[dict[str, Any]] = mapped_column(Json)
    frame_sha256: Mapped[str] = mapped_column(String(64))  # of the list it was drawn from
    actor: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[dt.datetime] = mapped_column(default=now)
