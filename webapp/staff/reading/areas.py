"""One place through the waves: the rates of a community or of the whole township over time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from surveys import areas
from surveys.areas import Area
from surveys.problems import Refused
from surveys.questionnaires import published
from surveys.questionnaires.definition import Indicator
from surveys.results import readings
from surveys.waves import Wave
from webapp import charts
from webapp.charts import Mark
from webapp.office import office
from webapp.staff import scope, tables, words
from webapp.staff.door import blueprint
from webapp.staff.reading import rows
from webapp.staff.reading.figures import Figure


@dataclass(frozen=True)
class History:
    """The figures of one place in every locked wave, beside those of the whole it belongs to."""

    place: Area
    whole: Area | None
    waves: Sequence[Wave]
    indicators: Sequence[Indicator]
    figures: dict[tuple[int, int, str], Figure]

    def figure(self, wave: Wave, indicator: Indicator, place: Area | None = None) -> Figure | None:
        """One figure; None where the wave did not have it."""
        return self.figures.get((wave.id, (place or self.place).id, indicator.name))

    def marks(self, indicator: Indicator, place: Area) -> list[Mark]:
        """One mark per wave; an empty one where there is no figure."""
        found = [(wave, self.figure(wave, indicator, place)) for wave in self.waves]
        return [
            figure.mark(words.month(wave.month)) if figure else Mark(wave.month, None)
            for wave, figure in found
        ]

    def chart(self, indicator: Indicator) -> go.Figure:
        """The rate over the waves; the whole as a grey line behind it."""
        return charts.trend(
            self.marks(indicator, self.place),
            [wave.month for wave in self.waves],
            target=self.target(indicator),
            context=self.marks(indicator, self.whole) if self.whole else (),
            context_label=_("whole"),
        )

    def target(self, indicator: Indicator) -> float | None:
        """The target of the newest wave that set one, in per cent."""
        for wave in reversed(self.waves):
            figure = self.figure(wave, indicator)
            if figure and figure.target is not None:
                return figure.target
        return None

    @property
    def made_at(self) -> dt.datetime | None:
        """When the newest of the figures was made."""
        return max((f.stored.made_at for f in self.figures.values()), default=None)

    def says(self) -> str:
        """How the newest rates differ from those of the wave before, in points of a per cent."""
        if len(self.waves) < 2:
            return _("One wave so far; a trend begins with the second.")
        before, newest = self.waves[-2:]
        said = []
        for indicator in self.indicators:
            old, new = self.figure(before, indicator), self.figure(newest, indicator)
            if old and new and old.estimate is not None and new.estimate is not None:
                change = f"{new.estimate - old.estimate:+.1f}".replace("-", "−")
                name = words.text(indicator.label)
                said.append(_("%(indicator)s %(change)s points", indicator=name, change=change))
        return _(
            "From %(before)s to %(newest)s: %(said)s. Where the bands overlap, the change may be "
            "sampling error alone.",
            before=words.month(before.month),
            newest=words.month(newest.month),
            said=_(", ").join(said),
        )


@blueprint.get("/areas/<code>")
def area(code: str) -> ResponseReturnValue:
    """The headline rates of a place over the waves."""
    with office().database.read() as session:
        history = _history(session, code)
        chooser = _chooser(session, history)
    return render_template(
        "staff/reading/area.html",
        history=history,
        chooser=chooser,
        charts={i.name: charts.embed(history.chart(i)) for i in history.indicators},
    )


@blueprint.get("/areas/<code>.csv")
def area_csv(code: str) -> ResponseReturnValue:
    """The same as a table to take away."""
    with office().database.read() as session:
        history = _history(session, code)
    lines = [
        rows.figure_row(wave, history.place, indicator, figure)
        for wave in history.waves
        for indicator in history.indicators
        if (figure := history.figure(wave, indicator))
    ]
    return tables.download(f"minyi-{code}.csv", lines)


def _history(session: Session, code: str) -> History:
    """The history of a place of the reader's branch, or of the whole that the branch is part of."""
    try:
        place = areas.get(session, code)
    except Refused:
        abort(404)
    my = scope.mine(session)
    if place.id not in my.branch | my.above:
        abort(404)
    around = readings.ancestors(session, place.id)
    rows = [
        (wave, Figure(stored))
        for wave, stored in readings.series(session, [place.id, *around])
        if stored.stream == "sample"
    ]
    waves = list({wave.id: wave for wave, figure in rows if _is_of(figure, place)}.values())
    newest = waves[-1] if waves else None
    definition = published.load(session, newest.questionnaire_id) if newest else None
    return History(
        place=place,
        whole=session.get(Area, newest.area_id) if newest and newest.area_id != place.id else None,
        waves=waves,
        indicators=[i for i in definition.indicators if i.headline] if definition else [],
        figures={(w.id, f.stored.area_id, f.stored.indicator): f for w, f in rows},
    )


def _is_of(figure: Figure, place: Area) -> bool:
    return figure.stored.area_id == place.id


def _chooser(session: Session, history: History) -> list[Area]:
    """The other places to look at: the whole and the communities of the newest wave."""
    if not history.waves:
        return []
    newest = history.waves[-1]
    whole = history.whole or history.place
    return [whole, *scope.communities(session, newest)]
