"""A locked wave as it is read: its questionnaire, its newest weights, its figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.areas import Area
from surveys.questionnaires import published
from surveys.questionnaires.definition import Indicator, Questionnaire
from surveys.results.estimates import StoredEstimate
from surveys.results.figures import Figure
from surveys.waves import Wave
from surveys.weighting.weight_sets import WeightSet

MAIN, STRICT, ALTERNATIVE = "main", "strict", "alternative"
DEFINITIONS = (MAIN, STRICT, ALTERNATIVE)
ENVIRONMENT = "env_"  # begins the names of the eight environments

Figures = Mapping[tuple[str, str], Figure]  # by area code and indicator


@dataclass(frozen=True)
class Edition:
    """One locked measurement wave.

    Parameters
    ----------
    wave : Wave
    questionnaire : Questionnaire
    whole : Area
        What the wave belongs to; its figures are pooled, never averaged.
    weight_set_id, number : int
        The newest set of weights, and which one it is.
    made_at : datetime
        When its figures were made.
    """

    wave: Wave
    questionnaire: Questionnaire
    whole: Area
    weight_set_id: int
    number: int
    made_at: dt.datetime

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        """Every indicator by name."""
        return {one.name: one for one in self.questionnaire.indicators}

    @cached_property
    def headline(self) -> Sequence[Indicator]:
        """The rates that the office is judged by."""
        return [one for one in self.questionnaire.indicators if one.headline]

    @cached_property
    def environments(self) -> Sequence[Indicator]:
        """Satisfaction with each of the environments."""
        named = self.questionnaire.indicators
        return [one for one in named if one.name.startswith(ENVIRONMENT) and one.kind == "rate"]

    @cached_property
    def further(self) -> Sequence[Indicator]:
        """All the others but for other definitions of the headline rates."""
        taken = {one.name for one in (*self.headline, *self.environments)}
        taken |= {self.defined(one, kind).name for one in self.headline for kind in DEFINITIONS}
        return [one for one in self.questionnaire.indicators if one.name not in taken]

    def definitions(self, indicator: Indicator) -> Mapping[str, Indicator]:
        """The definitions of the rate that an indicator is one of, main first; empty for others."""
        for main in self.headline:
            found = {kind: self.defined(main, kind) for kind in DEFINITIONS}
            if indicator in found.values():
                return {kind: one for kind, one in found.items() if kind == MAIN or one != main}
        return {}

    def defined(self, indicator: Indicator, definition: str) -> Indicator:
        """A headline rate under another definition; itself where there is none of that kind."""
        return self.indicators.get(f"{indicator.name}_{definition}", indicator)


def of(session: Session, wave: Wave) -> Edition | None:
    """The edition of a wave; None unless it is a locked measurement with figures."""
    if wave.state != "locked" or wave.kind != "measurement":
        return None
    newest = session.execute(
        sa.select(WeightSet.id, WeightSet.number, WeightSet.made_at)
        .where(WeightSet.wave_id == wave.id)
        .order_by(WeightSet.number.desc())
        .limit(1)
    ).first()
    if newest is None:
        return None
    return Edition(
        wave=wave,
        questionnaire=published.load(session, wave.questionnaire_id),
        whole=session.get_one(Area, wave.area_id),
        weight_set_id=newest.id,
        number=newest.number,
        made_at=newest.made_at,
    )


def before(session: Session, wave: Wave) -> list[Wave]:
    """The locked measurements of the same area up to a wave, the oldest first."""
    query = (
        sa.select(Wave)
        .where(Wave.area_id == wave.area_id, Wave.kind == "measurement", Wave.state == "locked")
        .where(sa.tuple_(Wave.month, Wave.code) <= (wave.month, wave.code))
        .order_by(Wave.month, Wave.code)
    )
    return list(session.scalars(query))


def figures(
    session: Session,
    edition: Edition,
    areas: Collection[Area],
    indicators: Iterable[Indicator],
    stream: str = "sample",
    *,
    with_modes: bool = True,
) -> Figures:
    """The stored figures of some areas and indicators.

    Parameters
    ----------
    with_modes : bool
        Whether to read how people answered; of hundreds of places that takes as long as the rest.

    Returns
    -------
    mapping
        By area code and indicator name; what was not measured is absent.
    """
    codes = {area.id: area.code for area in areas}
    names = _NAMES if with_modes else [name for name in _NAMES if name != "modes"]
    query = (
        sa.select(StoredEstimate.area_id, *(getattr(StoredEstimate, name) for name in names))
        .where(StoredEstimate.weight_set_id == edition.weight_set_id)
        .where(StoredEstimate.stream == stream)
        .where(StoredEstimate.indicator.in_([one.name for one in indicators]))
        .where(StoredEstimate.area_id.in_(codes))
    )
    found = {}
    unread: dict[str, Any] = {} if with_modes else {"modes": {}}
    for area_id, *values in session.execute(query):
        figure = Figure(area=codes[area_id], **dict(zip(names, values, strict=True)), **unread)
        found[figure.area, figure.indicator] = figure
    return found


def history(
    session: Session, area: Area, indicators: Iterable[str], waves: Sequence[Wave]
) -> Mapping[tuple[str, str], Figure]:
    """The figures of one area in several waves, by wave code and indicator."""
    newest = (
        sa.select(WeightSet.wave_id, sa.func.max(WeightSet.id).label("id"))
        .where(WeightSet.wave_id.in_([wave.id for wave in waves]))
        .group_by(WeightSet.wave_id)
        .subquery()
    )
    codes = {wave.id: wave.code for wave in waves}
    query = (
        sa.select(StoredEstimate.wave_id, *_COLUMNS)
        .join(newest, newest.c.id == StoredEstimate.weight_set_id)
        .where(StoredEstimate.area_id == area.id, StoredEstimate.stream == "sample")
        .where(StoredEstimate.indicator.in_(list(indicators)))
    )
    found = {}
    for wave_id, *values in session.execute(query):
        figure = Figure(area=area.code, **dict(zip(_NAMES, values, strict=True)))
        found[codes[wave_id], figure.indicator] = figure
    return found


_NAMES = [field.name for field in fields(Figure) if field.name != "area"]
_COLUMNS = [getattr(StoredEstimate, name) for name in _NAMES]
