"""What to look at first: the few findings of a wave that ask for something to be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from surveys.areas import Area
from surveys.questionnaires.definition import Indicator
from surveys.reading.editions import Figures
from surveys.results.comparisons import Comparison
from surveys.results.figures import Figure

MOST = 5  # sentences that someone reads

NOT_MET, FALL, RISE, LOWEST, RESPONSE = "not_met", "fall", "rise", "lowest", "response"


@dataclass(frozen=True)
class Concern:
    """One finding.

    Parameters
    ----------
    kind : str
        ``not_met``: a place below its target even at the upper end of its interval, the farthest of
        ``count`` places; ``fall`` and ``rise``: the largest change beyond chance; ``lowest``: the
        environment with the lowest rate; ``response``: ``count`` places below the wave's floor of
        response rates, the lowest named.
    """

    kind: str
    area: Area
    indicator: Indicator | None
    figure: Figure
    comparison: Comparison | None = None
    count: int = 1


def find(
    places: Sequence[Area],
    headline: Sequence[Indicator],
    environments: Sequence[Indicator],
    figures: Figures,
    comparisons: Mapping[tuple[str, str], Comparison],
) -> list[Concern]:
    """The findings of a wave, the most pressing first, at most five.

    Parameters
    ----------
    places : sequence of Area
        The whole first, then the communities that the reader may see.
    headline, environments : sequence of Indicator
    figures : mapping
        Of all these places; of the environments the whole's figure is enough.
    comparisons : mapping
        Changes since the wave before, by area and indicator.
    """
    whole, *communities = places
    found = [
        *_not_met(communities, headline, figures),
        *_changes(places, headline, figures, comparisons),
        *_lowest(whole, environments, figures),
        *_response(communities, headline, figures),
    ]
    return found[:MOST]


def _not_met(
    communities: Sequence[Area], headline: Sequence[Indicator], figures: Figures
) -> Iterator[Concern]:
    below = []
    for indicator in headline:
        found = [(place, figures.get((place.code, indicator.name))) for place in communities]
        missed = [(place, one) for place, one in found if one and one.verdict == "not_met"]
        if missed:
            place, figure = min(missed, key=lambda pair: pair[1].upper or 0.0)
            gap = (figure.target or 0.0) - (figure.upper or 0.0)
            below.append((gap, Concern(NOT_MET, place, indicator, figure, count=len(missed))))
    yield from (one for _gap, one in sorted(below, key=lambda pair: -pair[0])[:2])


def _changes(
    places: Sequence[Area],
    headline: Sequence[Indicator],
    figures: Figures,
    comparisons: Mapping[tuple[str, str], Comparison],
) -> Iterator[Concern]:
    by_name = {indicator.name: indicator for indicator in headline}
    at = {place.code: place for place in places}
    beyond = [
        one
        for one in comparisons.values()
        if is_beyond_chance(one) and one.indicator in by_name and one.area in at
        and (one.area, one.indicator) in figures
    ]  # fmt: skip
    falls = [one for one in beyond if one.change < 0]
    rises = [one for one in beyond if one.change > 0]
    for kind, some in ((FALL, falls), (RISE, rises)):
        if some:
            one = max(some, key=lambda change: abs(change.change))
            figure = figures[one.area, one.indicator]
            yield Concern(kind, at[one.area], by_name[one.indicator], figure, one, len(some))


def is_beyond_chance(one: Comparison) -> bool:
    """Whether a change is more than chance: of a community Holm-adjusted, of the whole alone."""
    if one.significant is not None:
        return one.significant
    return one.p is not None and one.p_holm is None and one.p <= 0.05


def _lowest(whole: Area, environments: Sequence[Indicator], figures: Figures) -> Iterator[Concern]:
    rated = [
        (figure.estimate, indicator, figure)
        for indicator in environments
        if (figure := figures.get((whole.code, indicator.name))) and figure.estimate is not None
    ]
    if rated:
        _rate, indicator, figure = min(rated, key=lambda one: one[0])
        yield Concern(LOWEST, whole, indicator, figure)


def _response(
    communities: Sequence[Area], headline: Sequence[Indicator], figures: Figures
) -> Iterator[Concern]:
    below = [
        (place, figure)
        for place in communities
        if headline and (figure := figures.get((place.code, headline[0].name)))
        and any(
            (other := figures.get((place.code, one.name))) and other.reason == "response_rate"
            for one in headline
        )
    ]  # fmt: skip
    if below:
        place, figure = min(below, key=lambda pair: pair[1].response_rate or 0.0)
        yield Concern(RESPONSE, place, None, figure, count=len(below))
