"""What a lock makes of several waves together: changes, ranks, quarters and years, trends.

Made from files and stored figures alone, so that it comes out again as it is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy.orm import Session

from analysis.changes import Level
from analysis.pooling import Pooled, pool
from analysis.wave_cells import WaveCells
from surveys.results import comparisons, derived, locked, periods, rankings, trends
from surveys.results.comparisons import Comparison, StoredComparison
from surveys.results.derived import Otherwise
from surveys.results.locked import Locked, Order
from surveys.results.periods import QUARTER, YEAR, Period, StoredPeriod
from surveys.results.rankings import Rank, StoredRank
from surveys.results.trends import StoredTrend, Trend
from surveys.waves import Wave

if TYPE_CHECKING:
    from surveys.office import Office


@dataclass(frozen=True)
class Derived:
    """All that is derived at the lock of one wave, and the weight sets it was made from."""

    comparisons: Sequence[Comparison]
    ranks: Sequence[Rank]
    periods: Sequence[Period]
    trends: Sequence[Trend]
    sources: tuple[int, ...]


def make(office: Office, session: Session, wave: Wave, newest: Locked | None = None) -> Derived:
    """Derive from a wave and those locked before it.

    Parameters
    ----------
    newest : Locked, optional
        The wave as it is about to be stored; by default as the record has it.

    Raises
    ------
    Refused
        A file of one of the waves is missing or changed.
    """
    newest = newest or locked.read(office, session, wave)
    if newest is None:
        return Derived((), (), (), (), ())
    pooled_with = periods.names(wave.month)[YEAR]
    before = [one for one in locked.series(session, wave) if (one.month, one.code) < _place(wave)]
    past = [
        found
        for at, one in enumerate(before)
        if (found := locked.read(
            office, session, one,
            linked=at == len(before) - 1 or periods.names(one.month)[YEAR] == pooled_with,
        )) is not None
    ]  # fmt: skip
    order = Order.of(newest)
    cells = {one.code: locked.aligned(one, order) for one in [*past, newest] if one.cells}
    made = []
    if past:
        made = comparisons.make(order, past[-1].code, cells[past[-1].code], cells[newest.code])
    spans, ranks = _pooled(order, [*past, newest], cells)
    linked = comparisons.correlations(session, wave)
    linked |= {(newest.code, one.area, one.indicator): one.correlation or 0.0 for one in made}
    return Derived(
        made, ranks, spans, trends.make(order, [*past, newest], linked),
        tuple(one.weight_set_id for one in past),
    )  # fmt: skip


def refresh(office: Office, session: Session, wave: Wave, made: Derived | None = None) -> None:
    """Store what is derived at a wave, and anew what is derived at those after it.

    ``made`` is used as far as nothing was locked or weighed since.
    """
    for one in locked.series(session, wave):
        if (one.month, one.code) < _place(wave):
            continue
        found = made if one.id == wave.id and made and _is_current(session, wave, made) else None
        store(session, one, found or make(office, session, one))


def store(session: Session, wave: Wave, made: Derived) -> None:
    """Keep what was derived at a wave."""
    derived.store(session, StoredComparison, wave.id, made.comparisons)
    derived.store(session, StoredRank, wave.id, made.ranks)
    derived.store(session, StoredPeriod, wave.id, made.periods)
    derived.store(session, StoredTrend, wave.id, made.trends)


def of(session: Session, wave: Wave) -> Derived:
    """What is stored as derived at a wave."""
    return Derived(
        comparisons.of(session, wave),
        rankings.of_wave(session, wave, None),
        periods.as_of(session, wave),
        trends.of_wave(session, wave),
        (),
    )


def compare(stored: Derived, made: Derived) -> list[Otherwise]:
    """What differs, by as much as one bit, between two makings."""
    return [
        *derived.compare(stored.comparisons, made.comparisons, "change"),
        *derived.compare(stored.ranks, made.ranks, "rank"),
        *derived.compare(stored.periods, made.periods, "period"),
        *derived.compare(stored.trends, made.trends, "trend"),
    ]


def _pooled(
    order: Order, waves: Sequence[Locked], cells: dict[str, WaveCells]
) -> tuple[list[Period], list[Rank]]:
    """Pool the quarter and the year of the newest wave, and rank wave, quarter and year."""
    newest = waves[-1]
    own = pool([cells[newest.code]])
    found: list[Period] = []
    of_wave = rankings.make(order, _level(own), own.from_whole, own.correlation)
    ranks = list(of_wave)
    for span in (QUARTER, YEAR):
        name = periods.names(newest.month)[span]
        inside = [one for one in waves if periods.names(one.month)[span] == name]
        pooled = pool([cells[one.code] for one in inside]) if len(inside) > 1 else own
        found += periods.make(order, inside, pooled, span)
        if pooled is own:
            ranks += [replace(rank, period=name) for rank in of_wave]
        else:
            ranks += rankings.make(
                order, _level(pooled), pooled.from_whole, pooled.correlation, name
            )
    return found, ranks


def _level(pooled: Pooled) -> Level:
    return Level(pooled.estimate, pooled.se, pooled.df, np.nan_to_num(pooled.n_effective))


def _is_current(session: Session, wave: Wave, made: Derived) -> bool:
    """Whether the waves before are the ones, weighed as they were."""
    before = [one for one in locked.series(session, wave) if (one.month, one.code) < _place(wave)]
    newest = [locked.newest_weights(session, one) for one in before]
    return tuple(one.id for one in newest if one) == made.sources


def _place(wave: Wave) -> tuple[str, str]:
    return wave.month, wave.code
