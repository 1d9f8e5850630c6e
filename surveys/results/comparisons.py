"""Changes since the wave before, made at the lock and read with one SELECT.

:func:`of` gives the changes of a wave in every area and indicator: raw, and adjusted for the mix
of modes (what it would be, had as many been interviewed at the door as the time before). Standard
errors are those of the published figures, with the covariance of the households (grids) that both
waves drew. ``p_holm`` is adjusted across the communities of one indicator; ``significant`` says
whether it is at most 0.05, and is None where one of the waves is too small to be judged.

An indicator whose definition changed in between has no row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from analysis import wave_cells
from analysis.changes import Changes
from analysis.verdicts import LEVEL
from analysis.wave_cells import ModeAdjusted, WaveCells
from surveys.areas import Area
from surveys.database import Base
from surveys.results import derived
from surveys.results.derived import finite, numbers
from surveys.results.locked import Order
from surveys.waves import Wave

ALPHA = 1 - LEVEL


class StoredComparison(Base):
    """The change of an indicator in an area since the wave before."""

    __tablename__ = "comparisons"
    __table_args__ = (Index(None, "wave_id", "indicator"), Index(None, "area_id", "indicator"))

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    before: Mapped[str] = mapped_column(String(32))  # code of the wave before
    indicator: Mapped[str] = mapped_column(String(48))
    kind: Mapped[str] = mapped_column(String(8))  # rate (0–1) | index (0–100)
    change: Mapped[float]
    se: Mapped[float | None]
    lower: Mapped[float | None]
    upper: Mapped[float | None]
    p: Mapped[float | None]
    p_holm: Mapped[float | None]
    significant: Mapped[bool | None]
    correlation: Mapped[float | None]  # of the two estimates
    common: Mapped[int]  # sampling units in both waves
    adjusted: Mapped[float | None]  # the change at the earlier wave's mode mix
    adjusted_se: Mapped[float | None]
    adjusted_lower: Mapped[float | None]
    adjusted_upper: Mapped[float | None]
    adjusted_p: Mapped[float | None]
    mode_effect: Mapped[float | None]  # at the door less elsewhere, both waves' township


@dataclass(frozen=True)
class Comparison:
    """One change; a share for rates, points for indices. Fields as of :class:`StoredComparison`."""

    area: str
    before: str
    indicator: str
    kind: str
    change: float
    se: float | None
    lower: float | None
    upper: float | None
    p: float | None
    p_holm: float | None
    significant: bool | None
    correlation: float | None
    common: int
    adjusted: float | None
    adjusted_se: float | None
    adjusted_lower: float | None
    adjusted_upper: float | None
    adjusted_p: float | None
    mode_effect: float | None


def of(
    session: Session,
    wave: Wave,
    areas: Collection[int] | None = None,
    indicators: Collection[str] | None = None,
) -> list[Comparison]:
    """The changes of a locked wave since the one before; empty for the first.

    Parameters
    ----------
    areas : collection of int, optional
        Ids of the areas wanted; by default all of the wave.
    indicators : collection of str, optional
        Names of those wanted; by default all.
    """
    where = [StoredComparison.wave_id == wave.id]
    if indicators is not None:
        where.append(StoredComparison.indicator.in_(indicators))
    if areas is not None:
        where.append(StoredComparison.area_id.in_(areas))
    return derived.load(session, StoredComparison, Comparison, *where)


def by_place(comparisons: Sequence[Comparison]) -> Mapping[tuple[str, str], Comparison]:
    """The same by area and indicator."""
    return {(one.area, one.indicator): one for one in comparisons}


def make(order: Order, before: str, first: WaveCells, second: WaveCells) -> list[Comparison]:
    """Compare two waves in all areas and indicators that both have."""
    between = wave_cells.cross_blocks(first, second)
    plain, adjusted = wave_cells.compare(first, second, between)
    return rows(order, before, plain, adjusted, wave_cells.shared(first, second))


def rows(
    order: Order,
    before: str,
    plain: Changes,
    adjusted: ModeAdjusted,
    common: NDArray[np.intp],
) -> list[Comparison]:
    """Changes as rows, those of the whole first."""
    p_holm = plain.holm(slice(1, None))
    own = {name: getattr(plain, name) for name in ("se", "lower", "upper", "p", "correlation")}
    other = {
        f"adjusted{suffix}": getattr(adjusted.changes, name) for suffix, name in _SUFFIXES.items()
    }
    found = []
    for i, k in np.argwhere(np.isfinite(plain.change)):
        indicator, _, kind = order.indicators[k]
        holm = finite(p_holm[i, k])
        found.append(
            Comparison(
                area=order.areas[i],
                before=before,
                indicator=indicator,
                kind=kind,
                change=float(plain.change[i, k]),
                p_holm=holm,
                significant=None if holm is None else holm <= ALPHA,
                common=int(common[i]),
                mode_effect=finite(adjusted.effect[k]),
                **numbers({**own, **other}, i, k),
            )
        )
    return found


_SUFFIXES = {"": "change", "_se": "se", "_lower": "lower", "_upper": "upper", "_p": "p"}


def correlations(session: Session, wave: Wave) -> dict[tuple[str, str, str], float]:
    """Of each wave of an area with the one before, by wave, area and indicator."""
    query = (
        sa.select(Wave.code, Area.code, StoredComparison.indicator, StoredComparison.correlation)
        .join(Wave, Wave.id == StoredComparison.wave_id)
        .join(Area, Area.id == StoredComparison.area_id)
        .where(Wave.area_id == wave.area_id)
    )
    return {(a, b, c): value or 0.0 for a, b, c, value in session.execute(query)}
