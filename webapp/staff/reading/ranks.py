"""Compare and rank: communities by one indicator, two beside each other, all trends at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from surveys import areas
from surveys.areas import LEVELS, Area
from surveys.questionnaires.definition import Indicator
from surveys.reading import boundaries as outlines
from surveys.reading import comparing, editions
from surveys.reading.comparing import Ranked
from surveys.reading.editions import Edition
from surveys.results import figures, periods
from surveys.results.rankings import Rank
from surveys.waves import Wave
from webapp import charts
from webapp.office import office
from webapp.staff import scope, tables, words
from webapp.staff.door import blueprint
from webapp.staff.reading import changes, maps, report
from webapp.staff.reading.figures import Figure
from webapp.staff.reading.results import chart, edition_of, indicator_of, place_of, turned

PANELS = 24  # small multiples of a page


@blueprint.get("/results/<code>/<indicator>")
def indicator(code: str, indicator: str) -> ResponseReturnValue:
    """The communities by one indicator: ranks with intervals, bands, adjusted verdicts."""
    with office().database.read() as session:
        ranked, within, levels = _ranked(session, code, indicator)
        pooled = comparing.pooled_with(session, ranked.edition)
        drawn = outlines.of(session, [row.area for row in ranked.rows])
        waves = report.readable(session)
    page = turned(len(ranked.rows))
    shown = ranked.rows[page.first : page.last]
    return render_template(
        "staff/reading/ranks.html",
        edition=ranked.edition,
        wave=ranked.edition.wave,
        indicator=ranked.indicator,
        ranked=ranked,
        rows=shown,
        page=page,
        within=within,
        levels=levels,
        waves=waves,
        whole=Figure.of(ranked.whole) if ranked.whole else None,
        periods=pooled,
        map=maps.drawn(drawn, {row.area.id: row.figure for row in ranked.rows}),
        says=_says(ranked),
        Figure=Figure.of,
        change=changes.of,
    )


@blueprint.get("/results/<code>/<indicator>.csv")
def indicator_csv(code: str, indicator: str) -> ResponseReturnValue:
    """The same as a table to take away."""
    with office().database.read() as session:
        ranked, _within, _levels = _ranked(session, code, indicator)
    return tables.download(f"minyi-{code}-{indicator}.csv", _lines(ranked))


@blueprint.get("/results/<code>/<indicator>/<any(ranks, funnel):name>.json")
def indicator_chart(code: str, indicator: str, name: str) -> ResponseReturnValue:
    """The figure of a chart."""
    with office().database.read() as session:
        ranked, _within, _levels = _ranked(session, code, indicator)
    shown = turned(len(ranked.rows))
    some = replace(ranked, rows=ranked.rows[shown.first : shown.last])
    return chart(_caterpillar(some) if name == "ranks" else _funnel(ranked))


@blueprint.get("/results/<code>/beside")
def beside(code: str) -> ResponseReturnValue:
    """Two communities beside each other, with the test of their difference."""
    with office().database.read() as session:
        edition = edition_of(session, code)
        seen = scope.communities(session, edition.wave)
        if len(seen) < 2:
            abort(404)
        asked = [request.args.get(name, seen[at].code) for at, name in enumerate("ab")]
        pair = [place_of(session, edition, one) for one in asked]
        measured = [*edition.headline, *edition.environments]
        figures = editions.figures(session, edition, pair, measured)
    one, other = (place.code for place in pair)
    lines = [
        (each, Figure(first), Figure(second), comparing.difference(first, second))
        for each in measured
        if (first := figures.get((one, each.name))) and (second := figures.get((other, each.name)))
        and first.estimate is not None and second.estimate is not None
    ]  # fmt: skip
    return render_template(
        "staff/reading/beside.html",
        edition=edition, wave=edition.wave, pair=pair, seen=seen, lines=lines,
    )  # fmt: skip


@blueprint.get("/results/<code>/<indicator>/trends")
def multiples(code: str, indicator: str) -> ResponseReturnValue:
    """The trends of all communities on one scale."""
    with office().database.read() as session:
        edition = edition_of(session, code)
        chosen = indicator_of(edition, indicator)
        seen = scope.communities(session, edition.wave)
        page = turned(len(seen), PANELS)
        places = seen[page.first : page.last]
        waves = editions.before(session, edition.wave)
        series = {
            place.code: editions.history(session, place, [chosen.name], waves)
            for place in [edition.whole, *places]
        }
    return render_template(
        "staff/reading/multiples.html",
        edition=edition, wave=edition.wave, indicator=chosen, page=page, Figure=Figure,
        places=places, waves=waves, panels=_panels(edition, chosen, places, waves, series),
    )  # fmt: skip


def _ranked(session: Session, code: str, indicator: str) -> tuple[Ranked, Area | None, list[Area]]:
    """The list, of all that the reader may see or of what lies within one place."""
    edition = edition_of(session, code)
    chosen = indicator_of(edition, indicator)
    every = areas.communities(session, edition.whole.id)
    seen = scope.mine(session).within(every)
    levels = _between(seen, edition.whole)
    within = next((one for one in levels if one.code == request.args.get("within")), None)
    if within:
        inside = areas.branch(session, within.id)
        seen = [place for place in seen if place.id in inside]
    period = request.args.get("period", "")
    period = period if period in periods.names(edition.wave.month).values() else ""
    found = comparing.ranked(session, edition, chosen, every=every, seen=seen, period=period)
    return found, within, levels


def _between(seen: Sequence[Area], whole: Area) -> list[Area]:
    """The places between the communities and the whole: what a list may be narrowed to."""
    found = {}
    for place in seen:
        above = place.parent
        while above is not None and above.id != whole.id and above.level != LEVELS[0]:
            found[above.id] = above
            above = above.parent
    return sorted(found.values(), key=lambda one: (LEVELS.index(one.level), one.code))


def _caterpillar(ranked: Ranked) -> charts.Drawing:
    rows = [
        charts.RankRow(
            mark=Figure.of(row.figure).mark(words.area(row.area)),
            rank=_interval(row.rank),
        )
        for row in ranked.rows
    ]
    whole = Figure.of(ranked.whole) if ranked.whole else None
    return charts.caterpillar(
        rows,
        whole=whole.mark(_("whole")) if whole else None,
        target=whole.target if whole else None,
    )


def _interval(rank: Rank | None) -> tuple[int, int] | None:
    if rank is None or rank.rank_from is None or rank.rank_to is None:
        return None
    return rank.rank_from, rank.rank_to


def _funnel(ranked: Ranked) -> charts.Drawing:
    whole = ranked.whole
    marks = [
        (row.figure.n_effective, Figure.of(row.figure).mark(words.area(row.area)))
        for row in ranked.rows
        if row.figure.n_effective and row.figure.estimate is not None
    ]
    largest = max((n for n, _mark in marks), default=100.0)
    rate = whole.estimate if whole and whole.kind == "rate" and whole.estimate else None
    limits = {
        level: comparing.funnel(rate, largest, level) if rate and rate < 1 else []
        for level in (0.95, comparing.OUTER)
    }
    return charts.funnel(marks, limits, rate * 100 if rate else None)


def _says(ranked: Ranked) -> str:
    """What the list shows, in a sentence or two."""
    ranks = [row.rank for row in ranked.rows if row.rank and row.rank.rank]
    if not ranks:
        return _("No community has enough interviews to be ranked.")
    upper = [words.area(row.area) for row in ranked.rows if row.rank and row.rank.band == "upper"]
    lower = [words.area(row.area) for row in ranked.rows if row.rank and row.rank.band == "lower"]
    parts = []
    if upper:
        parts.append(_("Above the whole by more than chance: %(names)s.", names=_few(upper)))
    if lower:
        parts.append(_("Below the whole by more than chance: %(names)s.", names=_few(lower)))
    if not parts:
        parts.append(
            _("No community differs from the whole by more than chance: the order is noise.")
        )
    else:
        parts.append(_("Between the others the order is not certain."))
    return words.run(parts)


def _few(names: Sequence[str]) -> str:
    some, more = _(", ").join(names[:6]), len(names) - 6
    return some if more <= 0 else _("%(some)s and %(more)d more", some=some, more=more)


Series = Mapping[tuple[str, str], figures.Figure]


def _panels(
    edition: Edition,
    chosen: Indicator,
    places: Sequence[Area],
    waves: Sequence[Wave],
    series: Mapping[str, Series],
) -> list[tuple[Area, Markup, Series]]:
    """Each community with its drawing."""

    def points(of: Series) -> list[charts.Point | None]:
        return [_point(of.get((wave.code, chosen.name))) for wave in waves]

    whole = series[edition.whole.code]
    newest = whole.get((edition.wave.code, chosen.name))
    target, around = Figure(newest).target if newest else None, points(whole)
    return [
        (place, charts.sparkline(points(series[place.code]), around, target), series[place.code])
        for place in places
    ]


def _point(figure: figures.Figure | None) -> charts.Point | None:
    if figure is None or figure.estimate is None:
        return None
    one = Figure(figure)
    return one.estimate or 0.0, one.lower, one.upper


def _lines(ranked: Ranked) -> Iterator[tables.Row]:
    edition = ranked.edition
    for row in ranked.rows:
        figure, rank, moves = Figure.of(row.figure), row.rank, changes.of(row.comparison)
        yield {
            _("Wave"): edition.wave.code,
            _("Period"): ranked.period,
            _("Area code"): row.area.code,
            _("Area"): words.area(row.area),
            _("Indicator"): words.text(ranked.indicator.label),
            _("Definition"): f"{ranked.indicator.name} {row.figure.definition_version}",
            _("Rank"): rank.rank if rank and rank.rank else "",
            _("Rank, from"): rank.rank_from if rank and rank.rank else "",
            _("Rank, to"): rank.rank_to if rank and rank.rank else "",
            _("Band"): words.band(rank.band) if rank else "",
            _("Weighted estimate"): _exact(figure.estimate),
            _("95% interval, lower"): _exact(figure.lower),
            _("95% interval, upper"): _exact(figure.upper),
            _("n, unweighted"): row.figure.n,
            _("n, weighted"): _exact(row.figure.n_weighted),
            _("n, effective"): _exact(row.figure.n_effective),
            _("Verdict"): words.verdict(row.figure.verdict) if row.figure.verdict else "",
            _("Verdict, adjusted (Holm)"): words.verdict(row.adjusted) if row.adjusted else "",
            _("Change, points"): _exact(moves.points) if moves else "",
            _("Change, more than chance"): words.yes_no(moves.beyond_chance) if moves else "",
            _("Made at"): words.moment(edition.made_at),
        }


def _exact(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
