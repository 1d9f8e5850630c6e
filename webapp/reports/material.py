"""What papers are made of: the stored figures of one locked wave, and how it was carried out.

Everything is read once, in one session, and frozen; the papers themselves touch no database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import areas
from surveys.areas import Area
from surveys.database import now
from surveys.fieldwork.board import Row, board
from surveys.fieldwork.dispositions import Rates
from surveys.problems import N_, Problem, Refused
from surveys.questionnaires import published
from surveys.questionnaires.definition import Indicator, Questionnaire, text_in
from surveys.results import breakdowns, comparisons, periods, rankings, readings
from surveys.results.comparisons import Comparison
from surveys.results.estimates import StoredEstimate
from surveys.results.items import Group
from surveys.results.periods import Period
from surveys.results.rankings import Rank
from surveys.results.snapshots import Snapshot
from surveys.sampling.draws import Draw
from surveys.waves import STATE_WORDS, Wave
from surveys.weighting.weight_sets import WeightSet


@dataclass(frozen=True)
class Figure:
    """One figure as papers print it: per cent for a rate, points for an index.

    Parameters
    ----------
    stored : StoredEstimate
        Of the probability sample; the open link stands in :attr:`Material.opened`.
    change : Comparison or None
        Since the wave before; None for the first.
    rank : Rank or None
        Of a community among those of the wave.
    """

    stored: StoredEstimate
    change: Comparison | None = None
    rank: Rank | None = None

    @property
    def scale(self) -> int:
        return 100 if self.stored.kind == "rate" else 1

    def scaled(self, value: float | None) -> float | None:
        return None if value is None else value * self.scale

    @property
    def estimate(self) -> float | None:
        return self.scaled(self.stored.estimate)

    @property
    def lower(self) -> float | None:
        return self.scaled(self.stored.lower)

    @property
    def upper(self) -> float | None:
        return self.scaled(self.stored.upper)

    @property
    def target(self) -> float | None:
        return self.scaled(self.stored.target)

    @property
    def half(self) -> float | None:
        """Half the width of the interval: the ± behind the figure, as on the screens."""
        if self.lower is None or self.upper is None:
            return None
        return (self.upper - self.lower) / 2


@dataclass(frozen=True)
class Place:
    """The wave's own area or one of its communities, with its figures by indicator."""

    area: Area
    figures: Mapping[str, Figure]
    field: Row

    @property
    def name(self) -> str:
        return self.area.name_zh

    def figure(self, indicator: Indicator) -> Figure | None:
        return self.figures.get(indicator.name)


Pooled = Mapping[tuple[str, str], tuple[Period, Rank | None]]


@dataclass(frozen=True)
class Material:
    """Everything a paper on one wave may say.

    Parameters
    ----------
    whole : Place
        What the wave belongs to; its figures are pooled, never averaged.
    places : sequence of Place
        Communities in the order of their codes.
    opened : mapping
        Indicator → the open link's figure of the whole; never judged, never pooled.
    draw : Draw or None
        None where the units were not drawn here.
    past : sequence of tuple
        (wave, indicator, area code, figure) of every earlier locked wave, the oldest first.
    periods : mapping
        Name of a quarter or year that pools several waves up to this one → area code and indicator
        → its figure and, of a community, its rank.
    items : mapping
        Name of a question → how everybody answered it.
    made_at : datetime
        When the paper was made.
    """

    wave: Wave
    questionnaire: Questionnaire
    weights: WeightSet
    snapshot: Snapshot
    draw: Draw | None
    whole: Place
    places: Sequence[Place]
    opened: Mapping[str, Figure]
    past: Sequence[tuple[Wave, str, str, Figure]]
    periods: Mapping[str, Pooled]
    items: Mapping[str, Group]
    made_at: dt.datetime

    @cached_property
    def headline(self) -> list[Indicator]:
        return [indicator for indicator in self.questionnaire.indicators if indicator.headline]

    @cached_property
    def environments(self) -> list[Indicator]:
        """The indicators of the eight environments."""
        return [i for i in self.questionnaire.indicators if i.name.startswith("env_")]

    @cached_property
    def modes(self) -> Mapping[str, int]:
        """How those in the base of the first headline rate answered."""
        figure = self.whole.figure(self.headline[0]) if self.headline else None
        return figure.stored.modes if figure else {}

    @property
    def rates(self) -> Rates:
        return self.whole.field.rates

    def series(self, place: Place, indicator: Indicator) -> list[tuple[Wave, Figure]]:
        """An indicator of a place over the waves, this one last."""
        earlier = [
            (wave, figure)
            for wave, name, code, figure in self.past
            if name == indicator.name and code == place.area.code
        ]
        present = place.figure(indicator)
        return [*earlier, *([(self.wave, present)] if present else [])]

    def label(self, indicator: Indicator) -> str:
        return text_in(indicator.label, "zh")


def of_wave(session: Session, wave: Wave) -> Material:
    """Read what papers on a locked wave need.

    Raises
    ------
    Refused
        The wave is not a locked measurement.
    """
    weights = readings.weights(session, wave)
    if wave.kind != "measurement" or wave.state != "locked" or weights is None:
        text = N_("Wave %(code)s is %(state)s: only locked measurements go on paper.")
        state = Problem(STATE_WORDS[wave.state])
        raise Refused(Problem(text, {"code": wave.code, "state": state}))
    area = session.get_one(Area, wave.area_id)
    communities = areas.communities(session, wave.area_id)
    rows, total = board(session, wave, communities)
    fields = {row.area.id: row for row in rows} | {area.id: total}
    ids = [area.id, *(place.id for place in communities)]
    stored = readings.figures(session, wave, ids)
    changes = comparisons.by_place(comparisons.of(session, wave))
    ranks = {(rank.area, rank.indicator): rank for rank in rankings.of_wave(session, wave)}

    def place(one: Area) -> Place:
        figures = {
            f.indicator: Figure(
                f, changes.get((one.code, f.indicator)), ranks.get((one.code, f.indicator))
            )
            for f in stored
            if f.area_id == one.id and f.stream == "sample"
        }
        return Place(one, figures, fields[one.id])

    return Material(
        wave=wave,
        questionnaire=published.load(session, wave.questionnaire_id),
        weights=weights,
        snapshot=session.scalars(sa.select(Snapshot).where(Snapshot.wave_id == wave.id)).one(),
        draw=session.scalar(sa.select(Draw).where(Draw.wave_id == wave.id)),
        whole=place(area),
        places=[place(community) for community in communities],
        opened={
            f.indicator: Figure(f) for f in stored if f.stream == "open" and f.area_id == area.id
        },
        past=_past(session, wave, [area, *communities]),
        periods=_periods(session, wave),
        items=breakdowns.everyone(session, weights.id),
        made_at=now(),
    )


def _periods(session: Session, wave: Wave) -> dict[str, Pooled]:
    """The quarter and the year up to a wave, where they pool more than the wave itself."""
    ranks = {
        (one.period, one.area, one.indicator): one
        for one in rankings.of_wave(session, wave, None)
        if one.period
    }
    found: dict[str, dict[tuple[str, str], tuple[Period, Rank | None]]] = {}
    for one in periods.as_of(session, wave):
        rank = ranks.get((one.period, one.area, one.indicator))
        found.setdefault(one.period, {})[one.area, one.indicator] = one, rank
    return {
        name: some
        for name, some in sorted(found.items(), reverse=True)
        if any(len(period.waves) > 1 for period, _rank in some.values())
    }


def _past(
    session: Session, wave: Wave, places: Sequence[Area]
) -> list[tuple[Wave, str, str, Figure]]:
    codes = {place.id: place.code for place in places}
    return [
        (earlier, figure.indicator, codes[figure.area_id], Figure(figure))
        for earlier, figure in readings.series(session, list(codes))
        if figure.stream == "sample"
        and earlier.area_id == wave.area_id
        and (earlier.month, earlier.code) < (wave.month, wave.code)
    ]
