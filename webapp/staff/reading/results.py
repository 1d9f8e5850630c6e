"""Reading: a wave at a glance, a figure opened, everything as CSV."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from surveys import areas
from surveys.areas import Area
from surveys.problems import Refused
from surveys.questionnaires.definition import Indicator
from surveys.reading import editions, overview
from surveys.reading.editions import DEFINITIONS, MAIN, Edition
from surveys.reading.overview import Overview
from surveys.waves import Wave
from webapp import charts
from webapp.office import office
from webapp.staff import scope, tables
from webapp.staff.door import blueprint
from webapp.staff.reading import changes, report, rows, said
from webapp.staff.reading.figures import Figure

ENOUGH_TO_COMPARE = 30  # answers of each stream in a community
COMMUNITIES = 60  # rows of a page; more are turned over


@dataclass(frozen=True)
class Shown:
    """How figures are shown: by which definition, and whether as bare points."""

    definition: str
    is_plain: bool

    @classmethod
    def asked(cls) -> Shown:
        """What the address asks for."""
        definition = request.args.get("definition", MAIN)
        return cls(definition if definition in DEFINITIONS else MAIN, "plain" in request.args)

    def but(self, **other: object) -> dict[str, object]:
        """The address of the same page shown otherwise."""
        now = {"definition": self.definition, "plain": 1 if self.is_plain else None} | other
        return {name: value for name, value in now.items() if value not in (MAIN, None)}


@blueprint.get("/")
@blueprint.get("/results/")
def newest_results() -> ResponseReturnValue:
    """The newest wave that has figures."""
    with office().database.read() as session:
        readable = report.readable(session)
    if not readable:
        return render_template("staff/reading/no_results.html")
    return redirect(url_for(".results", code=readable[0].code))


@blueprint.get("/results/<code>")
def results(code: str) -> ResponseReturnValue:
    """The overview of a wave."""
    shown = Shown.asked()
    with office().database.read() as session:
        edition = edition_of(session, code)
        seen = scope.communities(session, edition.wave)
        found = overview.of(session, edition, seen, shown.definition)
        opened = editions.figures(
            session, edition, [edition.whole, *seen], edition.headline, stream="open"
        )
        further = editions.figures(session, edition, [edition.whole], edition.further)
        waves = report.readable(session)
        runs = scope.mine(session).runs(edition.wave)
    page = turned(len(found.communities))
    return render_template(
        "staff/reading/results.html",
        overview=found,
        edition=edition,
        wave=edition.wave,
        places=found.communities[page.first : page.last],
        page=page,
        shown=shown,
        opened={
            name: Figure(one) for (area, name), one in opened.items() if area == edition.whole.code
        },
        apart=_apart(found, opened),
        further={name: Figure(one) for (_area, name), one in further.items()},
        concerns=[said.concern(one, code) for one in found.concerns],
        caveats=said.caveats(found),
        waves=waves,
        runs=runs,
        Figure=Figure,
        change=changes.of,
    )


def _apart(found: Overview, opened: editions.Figures) -> list[tuple[Area, list[Figure | None]]]:
    """The open link's rates less the sample's, in each community that has enough of both."""

    def told(place: Area, indicator: Indicator) -> Figure | None:
        sample = found.figure(place, indicator)
        other = opened.get((place.code, indicator.name))
        if sample is None or other is None or other.difference is None:
            return None
        return Figure(other) if min(sample.n, other.n) >= ENOUGH_TO_COMPARE else None

    rows = [
        (place, [told(place, rate.main) for rate in found.rates]) for place in found.communities
    ]
    return [(place, row) for place, row in rows if any(row)]


@blueprint.get("/results/<code>/figures/<area>/<indicator>")
def figure(code: str, area: str, indicator: str) -> ResponseReturnValue:
    """One figure opened: its definition, its base, its method, the command that recomputes it."""
    with office().database.read() as session:
        edition = edition_of(session, code)
        place, chosen = place_of(session, edition, area), indicator_of(edition, indicator)
        stored = editions.figures(session, edition, [place], [chosen])
        found = stored.get((place.code, chosen.name)) or abort(404)
    return render_template(
        "staff/reading/figure.html",
        edition=edition,
        wave=edition.wave,
        place=place,
        indicator=chosen,
        figure=Figure(found),
    )


@blueprint.get("/results/<code>.csv")
def results_csv(code: str) -> ResponseReturnValue:
    """Every figure of a wave that the reader may see."""
    with office().database.read() as session:
        wave = scope.wave_to_read(session, code)
        found = report.of_wave(session, wave)
    if found is None:
        return unlocked(wave)
    return tables.download(f"minyi-{code}.csv", rows.of_report(found))


def edition_of(session: Session, code: str) -> Edition:
    """A wave's edition; before the lock the request ends on the way to its counts."""
    wave = scope.wave_to_read(session, code)
    return editions.of(session, wave) or abort(unlocked(wave))


def unlocked(wave: Wave) -> Response:
    """What to say where there are no rates yet."""
    if wave.kind == "campaign":
        flash(_("A campaign visit is no measurement: it yields counts, never rates."))
    else:
        flash(_("Rates appear when the wave is locked. Until then there are counts."))
    return redirect(url_for(".wave", code=wave.code))  # type: ignore[return-value]


def place_of(session: Session, edition: Edition, code: str) -> Area:
    """A place of the wave that the reader may see: of their branch, or the whole."""
    try:
        place = areas.get(session, code)
    except Refused:
        abort(404)
    may_see = {one.id for one in scope.communities(session, edition.wave)} | {edition.whole.id}
    return place if place.id in may_see else abort(404)


def indicator_of(edition: Edition, name: str) -> Indicator:
    """An indicator of the wave's questionnaire."""
    return edition.indicators.get(name) or abort(404)


@dataclass(frozen=True)
class Page:
    """Which rows of a long list are on the page."""

    number: int
    pages: int
    first: int
    last: int


def turned(rows: int, size: int = COMMUNITIES) -> Page:
    """The page that the address asks for, of a list of some length."""
    pages = max(1, -(-rows // size))
    number = min(max(request.args.get("page", 1, type=int), 1), pages)
    return Page(number, pages, (number - 1) * size, number * size)


def chart(drawing: charts.Drawing) -> Response:
    """The figure of a chart, for the page to draw."""
    return Response(charts.as_json(drawing), mimetype="application/json")
