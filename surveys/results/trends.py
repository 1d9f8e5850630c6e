"""Smoothed levels and changes of level, made at the lock and read with one SELECT.

:func:`of` gives an area's trend by one indicator as of the newest lock: for each locked wave of the
same definition its estimate, the smoothed level with its 95 % band, whether a new level begins
there and whether the wave stands alone. The arithmetic is :mod:`analysis.trends`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from analysis.trends import smooth
from surveys.areas import Area
from surveys.database import Base, Json
from surveys.results import derived
from surveys.results.derived import finite
from surveys.results.locked import Locked, Order
from surveys.waves import Wave


class StoredTrend(Base):
    """The trend of an indicator in an area, as of a wave."""

    __tablename__ = "trends"
    __table_args__ = (Index(None, "area_id", "indicator"), Index(None, "wave_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    indicator: Mapped[str] = mapped_column(String(48))
    definition_version: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(8))
    drift: Mapped[float | None]  # by how much the level moves from wave to wave
    points: Mapped[dict[str, Any]] = mapped_column(Json)  # name of a column → one value a wave


@dataclass(frozen=True)
class Trend:
    """An area's trend by one indicator.

    Parameters
    ----------
    area, indicator, definition_version, kind : str
    drift : float or None
        By how much the level moves from wave to wave.
    points : mapping
        Lists of one value for each wave, the oldest first: ``waves`` (codes), ``months``,
        ``estimates``, ``levels``, ``lower``, ``upper`` (of the level, 95 %), ``changed`` (whether a
        new level begins), ``alone`` (whether the wave lies beyond chance from all others, so that
        its level is the estimate).
    """

    area: str
    indicator: str
    definition_version: str
    kind: str
    drift: float | None
    points: Mapping[str, Any]


def of(session: Session, area: Area, indicator: str) -> Trend | None:
    """The trend of an area by one indicator, as of the newest lock; None before the first."""
    newest = (
        sa.select(StoredTrend.id)
        .join(Wave, Wave.id == StoredTrend.wave_id)
        .where(StoredTrend.area_id == area.id, StoredTrend.indicator == indicator)
        .order_by(Wave.month.desc(), Wave.code.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = derived.load(session, StoredTrend, Trend, StoredTrend.id == newest)
    return found[0] if found else None


def of_wave(session: Session, wave: Wave) -> list[Trend]:
    """Every trend as of a wave."""
    return derived.load(session, StoredTrend, Trend, StoredTrend.wave_id == wave.id)


def make(
    order: Order,
    waves: Sequence[Locked],
    correlations: Mapping[tuple[str, str, str], float],
) -> list[Trend]:
    """Smooth every area's series by every indicator.

    Parameters
    ----------
    order : Order
        Of the newest wave.
    waves : sequence of Locked
        The oldest first.
    correlations : mapping
        Of each wave's estimate with the one before, by wave, area and indicator; else 0.
    """
    estimate, se = (
        np.stack([order.field(wave, name) for wave in waves], axis=-1)
        for name in ("estimate", "se")
    )
    linked = np.array(
        [
            [
                [correlations.get((wave.code, area, name), 0.0) for wave in waves[1:]]
                for name, _, _ in order.indicators
            ]
            for area in order.areas
        ]
    ).reshape(*estimate.shape[:2], len(waves) - 1)
    neighbours = linked * se[:, :, 1:] * se[:, :, :-1]
    size = estimate.shape[0] * estimate.shape[1]
    flat = (size, len(waves))
    point = [0.01 if kind == "rate" else 1.0 for _, _, kind in order.indicators]
    trend = smooth(
        estimate.reshape(flat),
        se.reshape(flat),
        neighbours.reshape(size, len(waves) - 1),
        point=np.tile(point, len(order.areas)),
    )
    lower, upper = trend.interval()
    found = []
    for row in range(size):
        i, k = divmod(row, len(order.indicators))
        seen = np.flatnonzero(np.isfinite(estimate[i, k])).tolist()
        if not seen:
            continue
        name, version, kind = order.indicators[k]
        columns = {"levels": trend.level, "lower": lower, "upper": upper}
        points: dict[str, Any] = {
            "waves": [waves[at].code for at in seen],
            "months": [waves[at].month for at in seen],
            "estimates": [finite(estimate[i, k, at]) for at in seen],
            **{key: [finite(values[row, at]) for at in seen] for key, values in columns.items()},
            "changed": [bool(trend.changed[row, at]) for at in seen],
            "alone": [bool(trend.alone[row, at]) for at in seen],
        }
        found.append(Trend(order.areas[i], name, version, kind, finite(trend.drift[row]), points))
    return found
