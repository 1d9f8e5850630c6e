"""Reading: a wave at a glance, one indicator in depth, everything as CSV."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from surveys.questionnaires.definition import Indicator
from surveys.waves import Wave
from webapp import charts
from webapp.office import office
from webapp.staff import scope, tables
from webapp.staff.door import blueprint
from webapp.staff.reading import report, rows
from webapp.staff.reading.report import Report


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
    """The pooled rates, the communities, the open link and the definitions of a wave."""
    found = _report(code)
    if not isinstance(found, Report):
        return found
    sort, order = request.args.get("sort", ""), request.args.get("order", "")
    return render_template(
        "staff/reading/results.html",
        report=found,
        communities=found.sorted_by(sort, descending=order == "desc"),
        sort=sort,
        order=order,
        waves=_readable(),
        charts={i.name: charts.embed(found.chart(i)) for i in found.headline},
    )


@blueprint.get("/results/<code>/<indicator>")
def indicator(code: str, indicator: str) -> ResponseReturnValue:
    """One indicator: chart, table, what it shows, how it is defined."""
    found = _report(code)
    if not isinstance(found, Report):
        return found
    chosen = _indicator(found, indicator)
    return render_template(
        "staff/reading/indicator.html",
        report=found,
        indicator=chosen,
        communities=found.sorted_by(chosen.name, descending=True),
        waves=_readable(),
        chart=charts.embed(found.chart(chosen)),
    )


@blueprint.get("/results/<code>.csv")
def results_csv(code: str) -> ResponseReturnValue:
    """Every figure of a wave that the reader may see."""
    found = _report(code)
    if not isinstance(found, Report):
        return found
    return tables.download(f"minyi-{code}.csv", rows.of_report(found))


def _report(code: str) -> Report | Response:
    """The report of a wave; before the lock, the way to its counts."""
    with office().database.read() as session:
        wave = scope.wave_to_read(session, code)
        found = report.of_wave(session, wave)
    if found is None:
        if wave.kind == "campaign":
            flash(_("A campaign visit is no measurement: it yields counts, never rates."))
        else:
            flash(_("Rates appear when the wave is locked. Until then there are counts."))
        return redirect(url_for(".wave", code=code))  # type: ignore[return-value]
    return found


def _readable() -> list[Wave]:
    with office().database.read() as session:
        return report.readable(session)


def _indicator(found: Report, name: str) -> Indicator:
    try:
        return found.questionnaire.indicator(name)
    except KeyError:
        abort(404)
