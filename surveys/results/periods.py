"""Quarters and years: pooled figures, made at the lock and read with one SELECT.

A period's figure is made of its waves' pooled records (stratum = wave × stratum; a household that
answered in several waves is one household), never of their figures. :func:`of` gives the figures
of one area and indicator, quarter by quarter or year by year, as of the newest lock in each;
:func:`as_of` those of the quarter and year that a wave belongs to, up to that wave.

Only waves that measured the same definition are pooled; ``waves`` names them. A *met* of a period
is withheld (``reason``) where one of its waves had a reason to withhold it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from analysis.pooling import Pooled
from analysis.verdicts import MET, UNDECIDED, verdicts
from surveys.areas import Area
from surveys.database import Base, Json
from surveys.results import derived
from surveys.results.derived import numbers
from surveys.results.locked import Locked, Order
from surveys.waves import Wave

QUARTER, YEAR = "quarter", "year"


class StoredPeriod(Base):
    """The pooled figure of an indicator in an area, over the waves of a quarter or year so far."""

    __tablename__ = "periods"
    __table_args__ = (
        Index(None, "wave_id", "period", "indicator"),
        Index(None, "area_id", "indicator"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"))  # the newest of the waves
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    span: Mapped[str] = mapped_column(String(8))  # quarter | year
    period: Mapped[str] = mapped_column(String(8))  # 2026Q3 | 2026
    indicator: Mapped[str] = mapped_column(String(48))
    definition_version: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(8))
    estimate: Mapped[float]
    se: Mapped[float | None]
    lower: Mapped[float | None]  # two-sided 95 % Korn–Graubard (rates), t (indices)
    upper: Mapped[float | None]
    df: Mapped[float | None]
    n: Mapped[int]  # interviews in the base
    n_weighted: Mapped[float | None]  # of all waves together
    n_effective: Mapped[float | None]
    target: Mapped[float | None]  # the newest wave's
    verdict: Mapped[str | None] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(16))
    waves: Mapped[list[str]] = mapped_column(Json)  # codes of those pooled


@dataclass(frozen=True)
class Period:
    """One pooled figure; fields as of :class:`StoredPeriod`."""

    area: str
    span: str
    period: str
    indicator: str
    definition_version: str
    kind: str
    estimate: float
    se: float | None
    lower: float | None
    upper: float | None
    df: float | None
    n: int
    n_weighted: float | None
    n_effective: float | None
    target: float | None
    verdict: str | None
    reason: str | None
    waves: list[str]


def of(session: Session, area: Area, indicator: str, span: str = QUARTER) -> list[Period]:
    """An area's figures of an indicator, period by period, the oldest first.

    Each as of the newest wave of the period.
    """
    newer = sa.orm.aliased(StoredPeriod)
    newest = (
        sa.select(newer.wave_id)
        .join(Wave, Wave.id == newer.wave_id)
        .where(newer.period == StoredPeriod.period, newer.area_id == area.id)
        .where(newer.indicator == indicator)
        .order_by(Wave.month.desc(), Wave.code.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = derived.load(
        session,
        StoredPeriod,
        Period,
        StoredPeriod.area_id == area.id,
        StoredPeriod.indicator == indicator,
        StoredPeriod.span == span,
        StoredPeriod.wave_id == newest,
    )
    return sorted(found, key=lambda one: one.period)


def as_of(
    session: Session, wave: Wave, period: str | None = None, indicator: str | None = None
) -> list[Period]:
    """The figures of the periods a wave belongs to, up to it, in every area and indicator."""
    where = [StoredPeriod.wave_id == wave.id]
    if period is not None:
        where.append(StoredPeriod.period == period)
    if indicator is not None:
        where.append(StoredPeriod.indicator == indicator)
    return derived.load(session, StoredPeriod, Period, *where)


def names(month: str) -> dict[str, str]:
    """The periods of a month.

    >>> names("2026-09")
    {'quarter': '2026Q3', 'year': '2026'}
    """
    year, number = month.split("-")
    return {QUARTER: f"{year}Q{(int(number) + 2) // 3}", YEAR: year}


def make(order: Order, waves: Sequence[Locked], pooled: Pooled, span: str) -> list[Period]:
    """The figures of a period as rows, those of the whole first.

    Parameters
    ----------
    order : Order
    waves : sequence of Locked
        The pooled ones, the newest last.
    pooled : Pooled
    span : {"quarter", "year"}
    """
    newest = waves[-1]
    found = []
    for i, k in np.argwhere(np.isfinite(pooled.estimate)):
        indicator, version, kind = order.indicators[k]
        figures = {wave.code: wave.by_place.get((order.areas[i], indicator)) for wave in waves}
        used = {
            code: one
            for code, one in figures.items()
            if one and one.n and (one.definition_version, one.kind) == (version, kind)
        }
        last = newest.by_place[order.areas[i], indicator]
        target = last.target if last.verdict is not None else None
        withheld = [one.reason for one in used.values()]
        verdict, reason = _judged(pooled, (int(i), int(k)), target, withheld)
        found.append(
            Period(
                area=order.areas[i],
                span=span,
                period=names(newest.month)[span],
                indicator=indicator,
                definition_version=version,
                kind=kind,
                estimate=float(pooled.estimate[i, k]),
                n=int(pooled.n[i, k]),
                target=last.target,
                verdict=verdict,
                reason=reason,
                waves=list(used),
                **numbers({name: getattr(pooled, name) for name in _NUMBERS}, i, k),
            )
        )
    return found


_NUMBERS = ("se", "lower", "upper", "df", "n_weighted", "n_effective")


def _judged(
    pooled: Pooled, at: tuple[int, int], target: float | None, reasons: Sequence[str | None]
) -> tuple[str | None, str | None]:
    """The verdict, and why it is not *met* where it would be."""
    if target is None:
        return None, None
    lower, upper, effective, df = (
        np.atleast_1d(one[at])
        for one in (pooled.lower, pooled.upper, pooled.n_effective, pooled.df)
    )
    (verdict,) = verdicts(lower, upper, effective, df, target)
    reason = next((one for one in reasons if one), None)
    return (UNDECIDED, reason) if verdict == MET and reason else (verdict, None)
