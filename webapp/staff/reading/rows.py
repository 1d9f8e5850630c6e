"""Figures as rows of a table to take away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from flask_babel import gettext as _

from surveys.areas import Area
from surveys.questionnaires.definition import Indicator
from surveys.waves import Wave
from webapp.staff import words
from webapp.staff.reading.figures import Figure
from webapp.staff.reading.report import Report
from webapp.staff.tables import Row


def of_report(report: Report) -> Iterator[Row]:
    """Every figure of a wave, one a row: the pooled ones first, both streams."""
    for stream in ("sample", "open"):
        for place in (report.whole, *report.communities):
            for indicator in report.questionnaire.indicators:
                figure = report.figure(place, indicator, stream)
                if figure:
                    yield figure_row(report.wave, place, indicator, figure, report.edition.made_at)


def figure_row(
    wave: Wave, place: Area, indicator: Indicator, figure: Figure, made_at: dt.datetime
) -> Row:
    """A figure with all that is needed to judge it and to find it again."""
    stored = figure.stored
    return {
        _("Wave"): wave.code,
        _("Month"): wave.month,
        _("Synthetic"): _("yes") if wave.synthetic else _("no"),
        _("Area code"): place.code,
        _("Area"): words.area(place),
        _("Stream"): words.stream(stored.stream),
        _("Indicator"): words.text(indicator.label),
        _("Definition"): f"{indicator.name} {stored.definition_version}",
        **_weighted(figure),
        _("n, unweighted"): stored.n,
        _("No answer"): stored.missing,
        _("Target"): _exact(figure.target),
        _("Verdict"): words.verdict(stored.verdict) if stored.verdict else words.no_verdict(stored),
        _("Why not met"): words.reason(stored.reason),
        _("Point estimate reaches the target"): words.yes_no(figure.reaches_target),
        _("Unweighted share"): _exact(figure.unweighted),
        _("Made at"): words.moment(made_at),
    }


def _weighted(figure: Figure) -> Row:
    """What weights make of a figure; blank for the open link, whose weights are makeshift."""
    stored = figure.stored
    columns = {
        _("Weighted estimate"): _exact(figure.estimate),
        _("95% interval, lower"): _exact(figure.lower),
        _("95% interval, upper"): _exact(figure.upper),
        _("Standard error"): _exact(stored.se and stored.se * (100 if figure.is_rate else 1)),
        _("Basis of the error"): words.basis(stored.basis),
        _("Degrees of freedom"): _exact(stored.df),
        _("n, weighted"): _exact(stored.n_weighted),
        _("n, effective"): _exact(stored.n_effective),
        _("Design effect"): _exact(stored.deff),
    }
    return columns if stored.stream == "sample" else dict.fromkeys(columns, "")


def _exact(value: float | None) -> str:
    """Enough digits to compute on with; the screen rounds."""
    return "" if value is None else f"{value:.6g}"
