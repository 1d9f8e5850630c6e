"""Boundaries: the outlines of places, as an office uploads them; no map server is asked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from surveys.database import Base, Json, now


class Boundary(Base):
    """The outline of one place: rings of longitude and latitude."""

    __tablename__ = "boundaries"

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), unique=True)
    rings: Mapped[dict[str, Any]] = mapped_column(Json)  # {"rings": [[[lon, lat], ...], ...]}
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(default=now)
