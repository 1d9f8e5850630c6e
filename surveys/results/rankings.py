"""Ranks of the communities, made at the lock and read with one SELECT.

:func:`of` gives the ranks of a wave's communities by one indicator, the first rank first: the rank,
the interval of the true rank (all intervals hold at once, at 95 %), and the band against the
township: ``upper`` 上, ``middle`` 中, ``lower`` 下, by the simultaneous interval of the difference.
A community under effective n 50 has a row without a rank. ``period`` is empty for the wave itself;
a quarter (``2026Q3``) or year (``2026``) is ranked by its pooled figures.

Communities hang together through margins that cross them and interviewers who work in several:
ranks take their covariance into account (:mod:`surveys.results.dependence`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from analysis import ranking
from analysis.changes import Level, least_variance
from analysis.ranking import Populations
from surveys.database import Base
from surveys.results import derived
from surveys.results.derived import finite
from surveys.results.locked import Order
from surveys.waves import Wave

Floats = NDArray[np.float64]


class StoredRank(Base):
    """The rank of a community by one indicator."""

    __tablename__ = "rankings"
    __table_args__ = (Index(None, "wave_id", "period", "indicator"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    period: Mapped[str] = mapped_column(String(8))  # "" (the wave) | 2026Q3 | 2026
    indicator: Mapped[str] = mapped_column(String(48))
    kind: Mapped[str] = mapped_column(String(8))
    rank: Mapped[int | None]  # 1 is the highest; None: too few to be ranked
    rank_from: Mapped[int | None]  # the interval of the true rank
    rank_to: Mapped[int | None]
    ranked: Mapped[int]  # how many communities have a rank
    band: Mapped[str | None] = mapped_column(String(8))  # upper | middle | lower
    difference: Mapped[float | None]  # from the township, with its simultaneous interval
    difference_lower: Mapped[float | None]
    difference_upper: Mapped[float | None]
    method: Mapped[str] = mapped_column(String(8))  # klein | mogstad


@dataclass(frozen=True)
class Rank:
    """One rank; fields as of :class:`StoredRank`."""

    area: str
    period: str
    indicator: str
    kind: str
    rank: int | None
    rank_from: int | None
    rank_to: int | None
    ranked: int
    band: str | None
    difference: float | None
    difference_lower: float | None
    difference_upper: float | None
    method: str


def of(session: Session, wave: Wave, indicator: str, period: str = "") -> list[Rank]:
    """The communities by one indicator, the first rank first, those without one last."""
    found = of_wave(session, wave, period, indicator)
    return sorted(found, key=lambda one: (one.rank is None, one.rank or 0, one.area))


def of_wave(
    session: Session, wave: Wave, period: str | None = "", indicator: str | None = None
) -> list[Rank]:
    """The ranks of a wave by every indicator; ``period`` None: of all its periods too."""
    where = [StoredRank.wave_id == wave.id]
    if period is not None:
        where.append(StoredRank.period == period)
    if indicator is not None:
        where.append(StoredRank.indicator == indicator)
    return derived.load(session, StoredRank, Rank, *where)


def make(
    order: Order,
    level: Level,
    from_whole: Floats,
    correlation: Floats | None,
    period: str = "",
) -> list[Rank]:
    """Rank the communities by every indicator.

    Parameters
    ----------
    order : Order
    level : Level
        Of the areas, the whole first.
    from_whole : array, shape (areas, indicators)
        Variance of each area's difference from the whole.
    correlation : array, shape (indicators, areas − 1, areas − 1), or None
        Of the communities' estimates; None where there are too many to compare all pairs.
    """
    names = order.areas[1:]
    found: list[Rank] = []
    for k, (indicator, _, kind) in enumerate(order.indicators):
        estimate, se, df, effective = (
            getattr(level, name)[1:, k] for name in ("estimate", "se", "df", "n_effective")
        )
        if not np.isfinite(estimate).any():
            continue
        error = np.nan_to_num(se)
        least = least_variance(estimate, effective)
        with_whole = np.where((se == 0) & (kind == "rate"), least, from_whole[1:, k])
        made = ranking.rank(
            Populations(
                names, estimate, se, df, effective, float(level.estimate[0, k]), with_whole, kind,
                None if correlation is None else correlation[k] * np.outer(error, error),
            )
        )  # fmt: skip
        found += _rows(names, made, period, (indicator, kind))
    return found


def _rows(
    names: Sequence[str], made: ranking.Ranking, period: str, of_what: tuple[str, str]
) -> list[Rank]:
    return [
        Rank(
            area=name,
            period=period,
            indicator=of_what[0],
            kind=of_what[1],
            rank=int(made.rank[at]) or None,
            rank_from=int(made.lowest[at]) or None,
            rank_to=int(made.highest[at]) or None,
            ranked=made.ranked,
            band=made.band[at] or None,
            difference=finite(made.difference[at]),
            difference_lower=finite(made.lower[at]),
            difference_upper=finite(made.upper[at]),
            method=made.method,
        )
        for at, name in enumerate(names)
        if np.isfinite(made.estimate[at])
    ]
