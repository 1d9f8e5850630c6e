"""Communities beside each other: ranks with their uncertainty, adjusted verdicts, differences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from scipy.special import ndtri, stdtr, stdtrit
from sqlalchemy.orm import Session

from analysis import families
from analysis.intervals import Rates
from analysis.verdicts import FEWEST_DF, FEWEST_EFFECTIVE, LEVEL, TOO_FEW, UNDECIDED
from surveys.areas import Area
from surveys.questionnaires.definition import Indicator
from surveys.reading import editions
from surveys.reading.editions import Edition
from surveys.results import comparisons, periods, rankings
from surveys.results.comparisons import Comparison
from surveys.results.figures import Figure
from surveys.results.periods import Period, StoredPeriod
from surveys.results.rankings import Rank

OUTER = 0.998  # of a funnel: one community in five hundred lies outside by chance


@dataclass(frozen=True)
class Row:
    """A community in a ranked list.

    Parameters
    ----------
    area : Area
    figure : Figure or Period
    rank : Rank or None
    adjusted : str or None
        The verdict under Holm's adjustment for all communities of the list.
    comparison : Comparison or None
        The change since the wave before.
    """

    area: Area
    figure: Figure | Period
    rank: Rank | None
    adjusted: str | None
    comparison: Comparison | None


@dataclass(frozen=True)
class Ranked:
    """The communities by one indicator, the first rank first.

    Parameters
    ----------
    edition : Edition
    indicator : Indicator
    whole : Figure, Period or None
    rows : sequence of Row
        Those the reader may see; ranks and adjustments are among all communities of the wave.
    period : str
        The quarter or year whose pooled figures are ranked; empty: the wave's own.
    """

    edition: Edition
    indicator: Indicator
    whole: Figure | Period | None
    rows: Sequence[Row]
    period: str = ""


@dataclass(frozen=True)
class Difference:
    """One community's rate less another's.

    Parameters
    ----------
    difference, lower, upper : float
        With the 95 % interval.
    p : float
    """

    difference: float
    lower: float
    upper: float
    p: float

    @property
    def beyond_chance(self) -> bool:
        return self.p <= 1 - LEVEL


def ranked(
    session: Session,
    edition: Edition,
    indicator: Indicator,
    *,
    every: Sequence[Area],
    seen: Sequence[Area],
    period: str = "",
) -> Ranked:
    """Rank the communities of a wave.

    Parameters
    ----------
    every : sequence of Area
        All communities of the wave.
    seen : sequence of Area
        Those the reader may see.
    """
    places, wave = [edition.whole, *every], edition.wave
    figures: Mapping[tuple[str, str], Figure | Period]
    changes: Mapping[tuple[str, str], Comparison] = {}
    if period:
        pooled = periods.as_of(session, wave, period, indicator.name)
        figures = {(one.area, one.indicator): one for one in pooled}
    else:
        figures = editions.figures(session, edition, places, [indicator], with_modes=False)
        ids = [place.id for place in seen]
        changes = comparisons.by_place(comparisons.of(session, wave, ids, [indicator.name]))
    ranks = {one.area: one for one in rankings.of(session, wave, indicator.name, period)}
    known = [f for place in every if (f := figures.get((place.code, indicator.name)))]
    adjusted = holm(known)
    rows = [
        Row(
            place,
            figure,
            ranks.get(place.code),
            adjusted.get(place.code),
            changes.get((place.code, indicator.name)),
        )
        for place in seen
        if (figure := figures.get((place.code, indicator.name)))
    ]
    whole = figures.get((edition.whole.code, indicator.name))
    return Ranked(edition, indicator, whole, sorted(rows, key=_order), period)


def pooled_with(session: Session, edition: Edition) -> list[str]:
    """The quarter and the year of a wave, where they pool more waves than the wave itself."""
    found = session.execute(
        sa.select(StoredPeriod.period, StoredPeriod.waves)
        .where(StoredPeriod.wave_id == edition.wave.id, StoredPeriod.area_id == edition.whole.id)
        .order_by(StoredPeriod.span)  # quarter, year
    )
    return list(dict.fromkeys(name for name, waves in found if len(waves) > 1))


def _order(row: Row) -> tuple[bool, int, float, str]:
    place = row.rank.rank if row.rank else None
    return place is None, place or 0, -(row.figure.estimate or 0.0), row.area.code


def holm(figures: Sequence[Figure | Period]) -> Mapping[str, str]:
    """Verdicts by area, adjusted so that the chance of any false one among them stays at 5 %.

    A figure that has no verdict by itself has none here; one that is withheld stays withheld.
    """
    some = [one for one in figures if one.verdict is not None and one.target is not None]
    if not some:
        return {}
    judged = np.array(
        [one.verdict != TOO_FEW and one.estimate is not None and one.se is not None for one in some]
    )
    columns = [
        np.array([_number(getattr(one, name)) for one in some])
        for name in ("estimate", "se", "df", "n", "n_effective")
    ]
    target = np.array([one.target for one in some])
    with np.errstate(divide="ignore", invalid="ignore"):
        p = families.p_values(Rates(*columns), target, LEVEL)
    adjusted = families.adjusted(p, judged, "holm")
    found = {}
    for one, value, is_judged in zip(some, adjusted.tolist(), judged.tolist(), strict=True):
        decided = is_judged and value <= 1 - LEVEL
        kept = (one.verdict or "") if not is_judged or decided else UNDECIDED
        found[one.area] = kept
    return found


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def difference(one: Figure, other: Figure) -> Difference | None:
    """One community's rate less another's, whose households were drawn apart.

    Returns
    -------
    Difference or None
        Welch's t interval on the stored standard errors; None where one of them is too few to be
        judged. What the township's margins tie together is left out.
    """
    for figure in (one, other):
        if (figure.n_effective or 0) < FEWEST_EFFECTIVE or (figure.df or 0) < FEWEST_DF:
            return None
    if one.estimate is None or other.estimate is None or not (one.se and other.se):
        return None
    parts = [(figure.se or 0.0) ** 2 for figure in (one, other)]
    variance = sum(parts)
    df = variance**2 / sum(
        part**2 / (figure.df or 1.0) for part, figure in zip(parts, (one, other), strict=True)
    )
    gap, se = one.estimate - other.estimate, math.sqrt(variance)
    reach = float(stdtrit(df, (1 + LEVEL) / 2)) * se
    return Difference(gap, gap - reach, gap + reach, float(2 * stdtr(df, -abs(gap) / se)))


def funnel(
    rate: float, largest: float, level: float, steps: int = 40
) -> list[tuple[float, float, float]]:
    """Where communities truly at a rate would lie, by effective n.

    Returns
    -------
    list of (n, lower, upper)
        Wilson's interval around the rate, from effective n 20 on.
    """
    z = float(ndtri((1 + level) / 2))
    found = []
    for n in np.geomspace(20, max(largest, 40), steps):
        reach = z * math.sqrt(rate * (1 - rate) / n)
        found.append((float(n), max(0.0, rate - reach), min(1.0, rate + reach)))
    return found
