"""A locked wave as its readers see it: their communities, the whole, every indicator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import plotly.graph_objects as go
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from surveys import waves
from surveys.areas import Area
from surveys.questionnaires import published
from surveys.questionnaires.definition import Indicator, Questionnaire
from surveys.results import readings
from surveys.waves import Wave
from surveys.weighting.weight_sets import WeightSet
from webapp import charts
from webapp.staff import scope, words
from webapp.staff.reading.figures import Figure

MODES = ("web", "door", "paper")
ENOUGH_TO_COMPARE = 30  # answers of each stream in a community
VERDICTS = ("met", "not_met", "undecided", "too_few")


@dataclass(frozen=True)
class Report:
    """Figures of one locked wave.

    Parameters
    ----------
    whole : Area
        What the wave belongs to, usually a township; its figures are pooled, never averaged.
    communities : sequence of Area
        Those the reader may see, in the order of their codes.
    """

    wave: Wave
    questionnaire: Questionnaire
    weights: WeightSet
    whole: Area
    communities: Sequence[Area]
    figures: dict[tuple[int, str, str], Figure]

    @property
    def headline(self) -> list[Indicator]:
        return [indicator for indicator in self.questionnaire.indicators if indicator.headline]

    @property
    def further(self) -> list[Indicator]:
        return [indicator for indicator in self.questionnaire.indicators if not indicator.headline]

    def figure(self, place: Area, indicator: Indicator, stream: str = "sample") -> Figure | None:
        """One figure; None where nothing was estimated."""
        return self.figures.get((place.id, stream, indicator.name))

    def target(self, indicator: Indicator) -> float | None:
        """The target of the wave, in per cent."""
        whole = self.figure(self.whole, indicator)
        return whole.target if whole else None

    def sorted_by(self, name: str, descending: bool) -> list[Area]:
        """The communities in the order of an indicator's estimates, or of their codes."""
        known = {indicator.name: indicator for indicator in self.questionnaire.indicators}
        if name not in known:
            return sorted(self.communities, key=lambda place: place.code, reverse=descending)

        def height(place: Area) -> float:
            figure = self.figure(place, known[name])
            return figure.estimate if figure and figure.estimate is not None else -1.0

        return sorted(self.communities, key=height, reverse=descending)

    def chart(self, indicator: Indicator) -> go.Figure:
        """The communities by their estimates, the whole ruled off above them."""
        rows = [(self.whole, False)]
        rows += [(place, True) for place in self.sorted_by(indicator.name, descending=True)]
        marks = [
            figure.mark(words.area(place), is_subject)
            for place, is_subject in rows
            if (figure := self.figure(place, indicator))
        ]
        return charts.comparison(marks, self.target(indicator))

    def verdicts(self, indicator: Indicator) -> Counter[str]:
        """How many communities have which verdict."""
        figures = (self.figure(place, indicator) for place in self.communities)
        return Counter(f.stored.verdict for f in figures if f and f.stored.verdict)

    def says(self, indicator: Indicator) -> str:
        """What the figures of an indicator amount to, in a sentence or two."""
        return words.run(self._sentences(indicator))

    def summary(self) -> str:
        """How the pooled headline rates stand against their targets."""
        figures = [self.figure(self.whole, indicator) for indicator in self.headline]
        verdicts = Counter(f.stored.verdict for f in figures if f and f.stored.verdict)
        return _(
            "Of the %(count)d pooled rates: %(said)s.",
            count=sum(verdicts.values()),
            said=_tally(verdicts),
        )

    @property
    def has_open_link(self) -> bool:
        """Whether anyone answered over the open link."""
        return any(f.stored.stream == "open" and f.stored.n for f in self.figures.values())

    @cached_property
    def beside(self) -> list[tuple[Indicator, Figure, Figure]]:
        """The headline rates of the sample and, beside them, the open link's, pseudo-weighted."""
        pairs = (
            (i, self.figure(self.whole, i), self.figure(self.whole, i, "open"))
            for i in self.headline
        )
        return [
            (indicator, sample, opened)
            for indicator, sample, opened in pairs
            if sample and opened and opened.stored.difference is not None
        ]

    @cached_property
    def beside_by_community(self) -> list[tuple[Area, list[tuple[Indicator, Figure] | None]]]:
        """The open link's headline rates less the sample's in each community that has enough of
        both; None where one has not. The indicators stand in the order of ``beside``."""
        found = []
        for place in self.communities:
            row: list[tuple[Indicator, Figure] | None] = []
            for indicator, _sample, _opened in self.beside:
                sample = self.figure(place, indicator)
                opened = self.figure(place, indicator, "open")
                both = sample and opened and opened.stored.difference is not None
                least = min(sample.stored.n, opened.stored.n) if sample and opened else 0
                is_told = both and least >= ENOUGH_TO_COMPARE
                row.append((indicator, opened) if is_told and opened else None)
            if any(row):
                found.append((place, row))
        return found

    @property
    def disagreeing(self) -> str:
        """The headline rates whose two streams disagree beyond chance, by name."""
        return _(", ").join(
            words.text(indicator.label)
            for indicator, _sample, opened in self.beside
            if opened.stored.disagrees
        )

    def _sentences(self, indicator: Indicator) -> Iterator[str]:
        whole = self.figure(self.whole, indicator)
        if whole and whole.estimate is not None:
            yield _(
                "%(place)s as a whole: %(rate)s, 95%% interval %(interval)s.",
                place=words.area(self.whole),
                rate=f"{whole.estimate:.1f}{'%' if whole.is_rate else ''}",
                interval=whole.interval,
            )
        verdicts = self.verdicts(indicator)
        if verdicts:
            yield _(
                "Of %(count)d communities: %(said)s.",
                count=sum(verdicts.values()),
                said=_tally(verdicts),
            )
        if verdicts["undecided"]:
            yield _(
                "Undecided means that this sample cannot say on which side of the target it is."
            )

    @cached_property
    def mode_mix(self) -> list[tuple[str, int]]:
        """How those in the base of the first headline rate answered."""
        indicator = self.headline[0] if self.headline else self.questionnaire.indicators[0]
        whole = self.figure(self.whole, indicator)
        counted = whole.stored.modes if whole else {}
        return [(mode, counted.get(mode, 0)) for mode in MODES if counted.get(mode)]


def _tally(verdicts: Counter[str]) -> str:
    """Verdicts with their counts, those that did not occur left out."""
    said = [
        _("%(count)d %(verdict)s", count=verdicts[name], verdict=words.verdict(name))
        for name in VERDICTS
        if verdicts[name]
    ]
    return _(", ").join(said) or _("none is judged")


def of_wave(session: Session, wave: Wave) -> Report | None:
    """The report of a locked wave for whoever is logged in; None before there are figures."""
    weights = readings.weights(session, wave)
    whole = session.get(Area, wave.area_id)
    if wave.state != "locked" or wave.kind != "measurement" or weights is None or whole is None:
        return None
    communities = scope.communities(session, wave)
    stored = readings.figures(session, wave, [whole.id, *(place.id for place in communities)])
    return Report(
        wave=wave,
        questionnaire=published.load(session, wave.questionnaire_id),
        weights=weights,
        whole=whole,
        communities=communities,
        figures={(f.area_id, f.stream, f.indicator): Figure(f) for f in stored},
    )


def readable(session: Session) -> list[Wave]:
    """The locked measurement waves that concern the reader, the newest first."""
    my = scope.mine(session)
    return [
        wave
        for wave in waves.every(session)
        if wave.state == "locked" and wave.kind == "measurement" and my.reads(wave)
    ]
