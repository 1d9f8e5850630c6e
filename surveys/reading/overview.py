"""The overview of a wave: what a clerk must grasp in ten seconds, and what to look at first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from surveys.areas import Area
from surveys.fieldwork import campaigns
from surveys.questionnaires.definition import Indicator
from surveys.reading import concerns, editions
from surveys.reading.concerns import Concern
from surveys.reading.editions import MAIN, Edition, Figures
from surveys.results import breakdowns, comparisons
from surveys.results.comparisons import Comparison
from surveys.results.figures import Figure

MUCH_TOLD = 0.05  # of the interviews told how to answer: said as a warning

BELOW_FLOOR, TOLD, EMBARGO, EXCLUDED, FEW = "below_floor", "told", "embargo", "excluded", "few"


@dataclass(frozen=True)
class Rate:
    """A headline rate of the whole.

    Parameters
    ----------
    main, indicator : Indicator
        The headline rate, and the definition of it that is shown.
    figure : Figure or None
    comparison : Comparison or None
        The change since the wave before.
    """

    main: Indicator
    indicator: Indicator
    figure: Figure | None
    comparison: Comparison | None

    @property
    def beyond_chance(self) -> bool:
        """Whether it changed by more than chance."""
        return self.comparison is not None and concerns.is_beyond_chance(self.comparison)


@dataclass(frozen=True)
class Caveat:
    """Something about the data: ``kind`` with the number it is about."""

    kind: str
    number: float


@dataclass(frozen=True)
class Overview:
    """A wave at a glance.

    Parameters
    ----------
    edition : Edition
    definition : str
        Of the rates: main | strict | alternative.
    rates : sequence of Rate
    communities : sequence of Area
        Those the reader may see.
    figures : mapping
        Of the whole and the communities, by the rates shown; of the whole also the environments.
    changes : mapping
        By area code and indicator.
    concerns : sequence of Concern
    caveats : sequence of Caveat
    """

    edition: Edition
    definition: str
    rates: Sequence[Rate]
    communities: Sequence[Area]
    figures: Figures
    changes: Mapping[tuple[str, str], Comparison]
    concerns: Sequence[Concern]
    caveats: Sequence[Caveat]

    def figure(self, place: Area, indicator: Indicator) -> Figure | None:
        """One figure; None where nothing was estimated."""
        return self.figures.get((place.code, indicator.name))

    @property
    def modes(self) -> Mapping[str, int]:
        """How those in the base of the first rate answered."""
        first = self.rates[0].figure if self.rates else None
        return first.modes if first else {}

    @property
    def response_rate(self) -> float | None:
        """RR2 of the whole."""
        return next((one.figure.response_rate for one in self.rates if one.figure), None)

    def verdicts(self, indicator: Indicator) -> Counter[str]:
        """How many communities have which verdict."""
        found = (self.figure(place, indicator) for place in self.communities)
        return Counter(one.verdict for one in found if one and one.verdict)


def of(
    session: Session, edition: Edition, communities: Sequence[Area], definition: str = MAIN
) -> Overview:
    """The overview for someone who may see some communities."""
    shown = [edition.defined(one, definition) for one in edition.headline]
    places = [edition.whole, *(place for place in communities if place.id != edition.whole.id)]
    figures = dict(editions.figures(session, edition, places[1:], shown, with_modes=False))
    of_whole = [*shown, *edition.environments]
    figures |= editions.figures(session, edition, [edition.whole], of_whole)
    ids = [place.id for place in places]
    names = [one.name for one in shown]
    changes = comparisons.by_place(comparisons.of(session, edition.wave, ids, names))
    whole = edition.whole.code
    return Overview(
        edition=edition,
        definition=definition,
        rates=[
            Rate(main, one, figures.get((whole, one.name)), changes.get((whole, one.name)))
            for main, one in zip(edition.headline, shown, strict=True)
        ],
        communities=places[1:],
        figures=figures,
        changes=changes,
        concerns=concerns.find(places, shown, edition.environments, figures, changes),
        caveats=_caveats(session, edition, places[1:], shown, figures),
    )


def _caveats(
    session: Session,
    edition: Edition,
    communities: Sequence[Area],
    shown: Sequence[Indicator],
    figures: Figures,
) -> list[Caveat]:
    found = []
    first = [figures.get((place.code, one.name)) for place in communities for one in shown[:1]]
    floor = edition.wave.response_floor
    if floor is not None:
        below = [f for f in first if f and f.response_rate is not None and f.response_rate < floor]
        found.append(Caveat(BELOW_FLOOR, len(below)))
    found.append(Caveat(FEW, sum(f.verdict == "too_few" for f in first if f)))
    told = breakdowns.table(session, edition.weight_set_id, "I1")
    share = next((s.share for s in told.groups[0].shares if s.answer == "yes"), 0) if told else 0
    if share >= MUCH_TOLD:
        found.append(Caveat(TOLD, share))
    ids = {place.id for place in communities}
    breaches = campaigns.embargo(session, edition.wave)
    found.append(Caveat(EMBARGO, len({b.community.id for b in breaches} & ids)))
    whole = figures.get((edition.whole.code, shown[0].name)) if shown else None
    if whole and whole.with_excluded is not None:
        found.append(Caveat(EXCLUDED, 1))
    return [one for one in found if one.number]
