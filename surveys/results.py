"""Stored estimates: snapshot + weights + definitions → analysis → what staff read."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveys.database import Base, Json, now


class StoredEstimate(Base):
    """One figure of a locked wave: of an indicator, in an area, from one stream."""

    __tablename__ = "estimates"
    __table_args__ = (
        UniqueConstraint("weight_set_id", "area_id", "stream", "indicator"),
        Index(None, "wave_id", "indicator"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"))
    weight_set_id: Mapped[int] = mapped_column(ForeignKey("weight_sets.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    stream: Mapped[str] = mapped_column(String(8))  # sample: judged; open: count and share only
    indicator: Mapped[str] = mapped_column(String(48))
    definition_version: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(8))  # rate (0–1) | index (0–100)
    estimate: Mapped[float | None]  # weighted; of the open stream: None
    unweighted: Mapped[float | None]
    se: Mapped[float | None]
    lower: Mapped[float | None]  # two-sided 95 % Korn–Graubard (rates), t (indices)
    upper: Mapped[float | None]
    df: Mapped[float | None]
    n: Mapped[int]  # respondents in the base
    n_weighted: Mapped[float | None]  # Σw in the base
    n_effective: Mapped[float | None]
    deff: Mapped[float | None]
    missing: Mapped[int]  # respondents asked and not in the base (refused, skipped)
    target: Mapped[float | None]
    verdict: Mapped[str | None] = mapped_column(String(12))  # met|not_met|undecided|too_few
    modes: Mapped[dict[str, Any]] = mapped_column(Json)  # mode → respondents in the base
    made_at: Mapped[dt.datetime] = mapped_column(default=now)
