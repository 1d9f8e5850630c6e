"""One place: its rates through time, its environments, who is less satisfied, what people say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from surveys import areas
from surveys.areas import Area
from surveys.fieldwork.campaigns import CampaignVisit
from surveys.problems import Refused
from surveys.questionnaires.definition import Indicator
from surveys.reading import editions, places
from surveys.reading.editions import Edition
from surveys.reading.places import MONTH, SPANS, Place
from surveys.results import figures, readings
from surveys.waves import Wave
from surveys.weighting.calibration import AGE, SEX
from webapp import charts
from webapp.charts import Event, Mark
from webapp.office import office
from webapp.staff import scope, tables, words
from webapp.staff.door import blueprint
from webapp.staff.reading import changes, report, rows
from webapp.staff.reading.figures import Figure
from webapp.staff.reading.results import Shown, chart, indicator_of

SATISFACTION = "satisfaction"  # the rate by which groups are compared


@blueprint.get("/areas/<code>")
def area(code: str) -> ResponseReturnValue:
    """A place as of the newest wave that concerns it."""
    shown, span = Shown.asked(), request.args.get("span", MONTH)
    span = span if span in SPANS else MONTH
    with office().database.read() as session:
        edition, chosen = _edition(session, code)
        if edition is None:
            return render_template("staff/reading/no_area.html", area=chosen)
        indicators = [edition.defined(one, shown.definition) for one in edition.headline]
        within = scope.mine(session).branch
        place = places.of(session, edition, chosen, shown=indicators, within=within, span=span)
        chooser = [edition.whole, *scope.communities(session, edition.wave)]
    groups = list(_groups(place))
    return render_template(
        "staff/reading/area.html",
        edition=edition,
        wave=edition.wave,
        place=place,
        indicators=indicators,
        chooser=chooser,
        shown=shown,
        span=span,
        spans=SPANS,
        lines=list(_lines(place, indicators, span)),
        says=_says(place, indicators),
        groups=groups,
        groups_say=_groups_say(place, groups),
        Figure=Figure,
        change=changes.of,
    )


@blueprint.get("/areas/<code>/<indicator>.json")
def area_chart(code: str, indicator: str) -> ResponseReturnValue:
    """The figure of a trend."""
    span = request.args.get("span", MONTH)
    with office().database.read() as session:
        edition, chosen = _edition(session, code)
        if edition is None:
            abort(404)
        one = indicator_of(edition, indicator)
        within = scope.mine(session).branch
        place = places.trend(session, edition, chosen, shown=[one], within=within, span=span)
    return chart(_chart(place, one, span if span in SPANS else MONTH))


@blueprint.get("/areas/<code>.csv")
def area_csv(code: str) -> ResponseReturnValue:
    """The rates through time as a table to take away."""
    with office().database.read() as session:
        edition, chosen = _edition(session, code)
        if edition is None:
            abort(404)
        place = places.trend(session, edition, chosen, shown=edition.headline, within=())
    lines = [
        rows.figure_row(wave, chosen, one, Figure(figure), edition.made_at)
        for wave in place.waves
        for one in edition.headline
        if (figure := place.figure(wave, one))
    ]
    return tables.download(f"minyi-{code}.csv", lines)


def _edition(session: Session, code: str) -> tuple[Edition | None, Area]:
    """The newest locked wave that concerns a place of the branch, or of the whole above."""
    try:
        place = areas.get(session, code)
    except Refused:
        abort(404)
    my = scope.mine(session)
    if place.id not in my.branch | my.above:
        abort(404)
    around = {place.id, *readings.ancestors(session, place.id)}
    for wave in report.readable(session):
        if wave.area_id in around:
            found = editions.of(session, wave)
            if found:
                return found, place
    return None, place


def _chart(place: Place, indicator: Indicator, span: str) -> charts.Drawing:
    events = [Event(visit.starts, visit.ends, _said(visit, at)) for visit, at in place.visits]
    newest = place.newest(indicator)
    target = Figure(newest).target if newest else None
    if span != MONTH:
        periods = place.spans.get(indicator.name, ())
        marks = [Figure.of_period(one).mark(words.period(one.period)) for one in periods]
        months = [_first_month(one.period) for one in periods] or [place.edition.wave.month]
        marks = marks or [Mark("", None)]
        return charts.trend(marks, months, target=target, events=events)
    around = [_mark(place.around.get((wave.code, indicator.name)), wave) for wave in place.waves]
    marks = [_mark(place.figure(wave, indicator), wave) for wave in place.waves]
    return charts.trend(
        marks,
        [wave.month for wave in place.waves],
        target=target,
        context=around if place.around else (),
        context_label=_("whole"),
        events=events,
    )


def _said(visit: CampaignVisit, where: Area) -> str:
    """What a campaign was, where, when, and whom it reached."""
    lines = [escape(visit.title), escape(words.area(where)), words.days(visit.starts, visit.ends)]
    if visit.reach is not None:
        lines.append(_("%(count)s households reached", count=f"{visit.reach:,}"))
    return "<br>".join(lines)


def _mark(figure: figures.Figure | None, wave: Wave) -> Mark:
    label = words.month(wave.month)
    return Figure(figure).mark(label) if figure else Mark(label, None)


def _first_month(period: str) -> str:
    year, _q, number = period.partition("Q")
    return f"{year}-{3 * int(number) - 2:02d}" if number else f"{year}-01"


def _lines(
    place: Place, indicators: Sequence[Indicator], span: str
) -> Iterator[tuple[str, str, list[Figure | None]]]:
    """The trend as a table, the newest first: name, wave and figures of each line."""
    if span == MONTH:
        for wave in reversed(place.waves):
            found = [place.figure(wave, one) for one in indicators]
            yield (
                words.month(wave.month),
                wave.code,
                [Figure(one) if one else None for one in found],
            )
        return
    names = sorted({one.period for some in place.spans.values() for one in some}, reverse=True)
    for name in names:
        pooled = [
            next((one for one in place.spans.get(i.name, ()) if one.period == name), None)
            for i in indicators
        ]
        yield words.period(name), "", [Figure.of_period(one) if one else None for one in pooled]


def _says(place: Place, indicators: Sequence[Indicator]) -> str:
    """How the newest rates differ from those of the wave before, and whether that is chance."""
    found = [
        (one, changes.Change(stored))
        for one in indicators
        if (stored := place.changes.get((place.area.code, one.name)))
    ]
    if not found:
        return _("One wave so far; a trend begins with the second.")
    wave = place.edition.wave.code
    said = Markup(_(", ")).join(  # noqa: S704  (our own words)
        words.sentence(
            _("%(indicator)s %(change)s points (%(says)s)"),
            indicator=words.text(one.label),
            change=words.figure(f"{change.path(wave)}/change", words.signed(change.points)),
            says=change.says,
        )
        for one, change in found
    )
    return words.sentence(_("Since the wave before: %(said)s."), said=said)


def _groups(place: Place) -> Iterator[tuple[str, list[tuple[str, Figure]]]]:
    questionnaire = place.edition.questionnaire
    for variable, question in (("sex", SEX), ("age", AGE), ("housing", "D3")):
        known = questionnaire.questions.get(question)
        found = {
            one.category: Figure.of_group(one)
            for one in place.groups
            if one.indicator == SATISFACTION and one.variable == variable
        }
        of_them = [
            (words.text(choice.label), found[choice.name])
            for choice in (known.choices if known else ())
            if choice.name in found
        ]
        if of_them:
            yield variable, of_them


def _groups_say(place: Place, groups: Sequence[tuple[str, list[tuple[str, Figure]]]]) -> str:
    """Which groups differ beyond what their intervals allow."""
    newest = next(
        (f for (wave, name), f in place.figures.items()
         if wave == place.edition.wave.code and name == SATISFACTION), None
    )  # fmt: skip
    whole = Figure(newest).estimate if newest else None
    if whole is None:
        return ""
    below = [
        label
        for _variable, of_them in groups
        for label, figure in of_them
        if figure.upper is not None and figure.upper < whole and figure.stored.n >= 30
    ]
    if not below:
        return _("No group is less satisfied than all together by more than chance.")
    return _("Less satisfied than all together: %(groups)s.", groups=_(", ").join(below))
