"""Figures for staff: dots with interval whiskers, thin lines with bands, the target on the line.

A figure is built here with plotly and travels as JSON inside the page; ``static/charts.js`` draws
it. Colours are names of the style sheet's tokens (``var(--action)``), which the browser fills in,
so that one figure serves the light screen, the dark one and paper. Every chart stands beside its
table, which says the same without a script.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from flask_babel import format_date
from flask_babel import gettext as _
from markupsafe import Markup

ROW = 30  # pixels from one community to the next
PANEL = 236  # height of a small multiple
LATEST_START = 60.0  # per cent: where a cropped axis begins at the latest
TRIANGLE = "triangle-down"
HOLLOW = {"undecided", "too_few"}  # ◐ is a hollow circle with half a disc laid upon it
# The left half of a disc of radius five, in pixels: ◐, which plotly has no symbol for.
HALF_DISC = "M 0 -5 C -6.6 -5 -6.6 5 0 5 Z"
# Two strokes across an axis, near the corner, where it does not begin at zero.
BREAK = {"x": "M 8 -5 L 12 5 M 13 -5 L 17 5", "y": "M -5 8 L 5 12 M -5 13 L 5 17"}


@dataclass(frozen=True)
class Mark:
    """One figure on a chart, in per cent (or in points of an index).

    Parameters
    ----------
    label : str
        The community, or the month.
    estimate, lower, upper : float or None
        None where nobody answered.
    verdict : str or None
        ``met``, ``not_met``, ``undecided`` or ``too_few``; it decides the shape.
    note : str
        What the pointer shows beside the figures.
    is_subject : bool
        The subject takes the accent colour, context is grey.
    """

    label: str
    estimate: float | None
    lower: float | None = None
    upper: float | None = None
    verdict: str | None = None
    note: str = ""
    is_subject: bool = True

    @property
    def colour(self) -> str:
        return "var(--action)" if self.is_subject else "var(--ink)"

    @property
    def half_width(self) -> float | None:
        """Half the width of the interval: the ± beside a figure."""
        if self.lower is None or self.upper is None:
            return None
        return (self.upper - self.lower) / 2


def embed(figure: go.Figure) -> Markup:
    """The figure as JSON that may stand inside a script element.

    >>> embed(go.Figure(layout_title_text="</script>")).count("<")
    0
    """
    text = figure.to_json()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704  (no character that HTML knows is left in it)


def floor_of(marks: Sequence[Mark], target: float | None = None) -> float:
    """Where a cropped axis begins: the ten below everything that is drawn.

    It shows forty points at least, so that a small difference does not look like a large one.

    >>> floor_of([Mark("a", 88.0, 81.5, 93.0)], target=85.0), floor_of([Mark("a", 47.0, 38.5)])
    (60.0, 30.0)
    """
    lowest = [m.lower if m.lower is not None else m.estimate for m in marks]
    drawn = [value for value in (*lowest, target) if value is not None]
    return max(0.0, math.floor((min([*drawn, LATEST_START + 1]) - 1) / 10) * 10.0)


def comparison(marks: Sequence[Mark], target: float | None) -> go.Figure:
    """Communities under one another on one scale, in the order given.

    Parameters
    ----------
    marks : sequence of Mark
        From the top row downwards; rows that are not the subject (the township) are ruled off.
    target : float or None
        In per cent; drawn as a labelled line.
    """
    figure = go.Figure(layout=_layout(len(marks) * ROW + 96))
    rows = [(place, mark) for place, mark in enumerate(marks) if mark.estimate is not None]
    start = floor_of(marks, target)
    figure.add_trace(_dots(rows, horizontal=True))
    figure.update_layout(
        xaxis=_axis(range=[start, 101], dtick=10, title_text=_crop_note(start), showgrid=True),
        yaxis=_axis(
            range=[len(marks) - 0.4, -0.6],
            tickvals=list(range(len(marks))),
            ticktext=[m.label for m in marks],
            tickfont_color="var(--ink)",
        ),
        margin={"r": 86, "t": 36 if target else 12, "b": 52},
    )
    for place, mark in enumerate(marks):
        _label_row(figure, place, mark)
    context = sum(not mark.is_subject for mark in marks)
    if 0 < context < len(marks):
        figure.add_hline(y=context - 0.5, line={"color": "var(--line)", "width": 1})
    _half_discs(figure, [(mark.estimate, place, mark) for place, mark in rows])
    if target is not None:
        _target_across(figure, target)
    if start > 0:
        _break(figure, "x")
    return figure


def trend(
    marks: Sequence[Mark],
    months: Sequence[str],
    *,
    target: float | None,
    context: Sequence[Mark] = (),
    context_label: str = "",
) -> go.Figure:
    """One rate over the waves with its band of intervals.

    Parameters
    ----------
    marks : sequence of Mark
        In the order of the waves.
    months : sequence of str
        "2026-11" of each wave; equal months apart stand equally far apart.
    target : float or None
        In per cent.
    context : sequence of Mark
        The township's figures of the same months, drawn as a grey line.
    context_label : str
        What the grey line is.
    """
    figure = go.Figure(layout=_layout(PANEL))
    dates = [f"{month}-01" for month in months]
    start = floor_of([*marks, *context], target)
    known = [(x, m) for x, m in zip(dates, marks, strict=True) if m.estimate is not None]
    if context:
        figure.add_trace(_line(dates, context))
    _band(figure, [(x, m) for x, m in known if m.half_width is not None])
    figure.add_trace(_line([x for x, _m in known], [m for _x, m in known], subject=True))
    figure.add_trace(_dots([(x, m) for x, m in known], horizontal=False))
    figure.update_layout(
        xaxis=_axis(
            type="date",
            range=_span(dates),
            tickvals=dates,
            ticktext=_month_ticks(months),
            title_text=_crop_note(start),
            showline=True,
        ),
        yaxis=_axis(range=[start, 101], dtick=10 if start >= 50 else 20, showgrid=True),
        margin={"r": 54, "t": 12, "b": 62},
    )
    _half_discs(figure, [(x, m.estimate, m) for x, m in known])
    ends = [(x, m.estimate or 0.0, f"{m.estimate:.1f}%", "var(--action)") for x, m in known[-1:]]
    if context and context[-1].estimate is not None:
        ends.append((dates[-1], context[-1].estimate, context_label, "var(--quiet)"))
    _label_ends(figure, ends)
    if target is not None:
        _target_along(figure, target, [(x, m.estimate or 0.0) for x, m in known])
    if start > 0:
        _break(figure, "y")
    return figure


def _layout(height: int) -> go.Layout:
    return go.Layout(
        template="none",
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8, "pad": 0},
        font={"family": "inherit", "size": 13, "color": "var(--quiet)"},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
        dragmode=False,
        hovermode="closest",
        hoverlabel={
            "bgcolor": "var(--paper)",
            "bordercolor": "var(--line)",
            "font": {"family": "inherit", "size": 13, "color": "var(--ink)"},
            "align": "left",
        },
    )


def _axis(**own: object) -> dict[str, object]:
    plain = {
        "showgrid": False,
        "gridcolor": "var(--grid)",
        "zeroline": False,
        "showline": False,
        "linecolor": "var(--line)",
        "fixedrange": True,
        "automargin": True,
        "ticks": "",
        "tickfont_size": 13,
        "tickangle": 0,
        "title_font_size": 12,
    }
    return plain | own


def _dots(rows: Sequence[tuple[object, Mark]], horizontal: bool) -> go.Scatter:
    marks = [mark for _place, mark in rows]
    places = [place for place, _mark in rows]
    values = [mark.estimate for mark in marks]
    whisker = {
        "type": "data",
        "symmetric": False,
        "array": [_distance(m.upper, m.estimate) for m in marks],
        "arrayminus": [_distance(m.estimate, m.lower) for m in marks],
        "width": 0,
        "thickness": 2,
        "color": "var(--whisker)",
        "visible": horizontal,
    }
    return go.Scatter(
        x=values if horizontal else places,
        y=places if horizontal else values,
        mode="markers",
        marker={
            "size": 10,
            "symbol": [TRIANGLE if m.verdict == "not_met" else "circle" for m in marks],
            "color": ["var(--paper)" if m.verdict in HOLLOW else m.colour for m in marks],
            "opacity": 1,
            "line": {"width": 1.5, "color": [m.colour for m in marks]},
        },
        error_x=whisker if horizontal else None,
        text=[f"{m.label}<br>{m.note}" for m in marks],
        hovertemplate="%{text}<extra></extra>",
        cliponaxis=False,
    )


def _distance(upper: float | None, lower: float | None) -> float:
    return 0.0 if upper is None or lower is None else upper - lower


def _line(dates: Sequence[str], marks: Sequence[Mark], subject: bool = False) -> go.Scatter:
    return go.Scatter(
        x=list(dates),
        y=[mark.estimate for mark in marks],
        mode="lines",
        line={
            "width": 2 if subject else 1.5,
            "color": "var(--action)" if subject else "var(--context)",
        },
        hoverinfo="skip",
    )


def _band(figure: go.Figure, known: Sequence[tuple[str, Mark]]) -> None:
    if not known:
        return
    dates = [x for x, _mark in known]
    there_and_back = dates + dates[::-1]
    edge = [m.upper for _x, m in known] + [m.lower for _x, m in reversed(known)]
    figure.add_trace(
        go.Scatter(
            x=there_and_back,
            y=edge,
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor="var(--band)",
            hoverinfo="skip",
        )
    )


def _half_discs(figure: go.Figure, places: Sequence[tuple[object, object, Mark]]) -> None:
    for x, y, mark in places:
        if mark.verdict == "undecided":
            figure.add_shape(
                type="path",
                path=HALF_DISC,
                xsizemode="pixel",
                ysizemode="pixel",
                xanchor=x,
                yanchor=y,
                fillcolor=mark.colour,
                line_width=0,
            )


def _label_row(figure: go.Figure, place: int, mark: Mark) -> None:
    """The figure right of its row: digits under digits, the interval in quiet ink."""
    row = {"x": 1, "xref": "paper", "y": place, "showarrow": False, "font_size": 13}
    known = mark.estimate is not None
    figure.add_annotation(
        text=f"{mark.estimate:.1f}" if known else "–",
        xanchor="right",
        xshift=44,
        font_color="var(--ink)",
        font_weight=600,
        **row,
    )
    if mark.half_width is not None:
        figure.add_annotation(text=f"±{mark.half_width:.1f}", xanchor="left", xshift=46, **row)


def _label_ends(figure: go.Figure, ends: Sequence[tuple[str, float, str, str]]) -> None:
    """Names or figures right of the last points: date, height, text, colour."""
    shifts = _apart([height for _date, height, _text, _colour in ends])
    for (date, height, text, colour), shift in zip(ends, shifts, strict=True):
        figure.add_annotation(
            text=text,
            x=date,
            y=height,
            xanchor="left",
            xshift=9,
            yshift=shift,
            showarrow=False,
            font={"size": 13, "color": colour, "weight": 600},
        )


def _apart(values: Sequence[float], closest: float = 6.0) -> list[int]:
    """Pixels by which two labels that would lie on each other step aside."""
    if len(values) == 2 and abs(values[0] - values[1]) < closest:
        return [9, -9] if values[0] >= values[1] else [-9, 9]
    return [0] * len(values)


def _target_across(figure: go.Figure, target: float) -> None:
    figure.add_vline(x=target, line=_TARGET_LINE, layer="below")
    figure.add_annotation(
        text=_target_text(target), x=target, y=1, yref="paper", yanchor="bottom", **_TARGET_WORD
    )


def _target_along(figure: go.Figure, target: float, known: Sequence[tuple[str, float]]) -> None:
    """The label lies where the figures leave most room: at the month farthest from the target."""
    if not known:
        return
    span = {
        "x0": _span([date for date, _value in known])[0],
        "x1": known[-1][0],
        "y0": target,
        "y1": target,
    }
    figure.add_shape(type="line", line=_TARGET_LINE, layer="below", **span)
    date, estimate = max(known, key=lambda point: abs(point[1] - target))
    ends = {known[0][0]: "left", known[-1][0]: "right"}
    figure.add_annotation(
        text=_target_text(target),
        x=date,
        xanchor=ends.get(date, "center"),
        y=target,
        yanchor="bottom" if estimate < target else "top",
        **_TARGET_WORD,
    )


_TARGET_LINE = {"color": "var(--target)", "width": 1.5, "dash": "4px 3px"}
_TARGET_WORD = {"showarrow": False, "font": {"size": 12, "color": "var(--target)"}}


def _target_text(target: float) -> str:
    return _("Target %(target)s%%", target=f"{target:g}")


def _crop_note(start: float) -> str:
    if start <= 0:
        return ""
    return _("The axis begins at %(start)s%%, not at zero", start=f"{start:g}")


def _break(figure: go.Figure, axis: str) -> None:
    """Strike the axis through near its beginning, so that nobody takes that for zero."""
    figure.add_shape(
        type="path",
        path=BREAK[axis],
        xsizemode="pixel",
        ysizemode="pixel",
        xref="paper",
        yref="paper",
        xanchor=0,
        yanchor=0,
        line={"color": "var(--quiet)", "width": 1.2},
    )


def _span(dates: Sequence[str]) -> list[str]:
    """From a little before the first month to a little after the last."""
    first, last = (dt.date.fromisoformat(date) for date in (dates[0], dates[-1]))
    room = max((last - first) * 0.06, dt.timedelta(days=20))
    return [(first - room).isoformat(), (last + room).isoformat()]


def _month_ticks(months: Sequence[str]) -> list[str]:
    """The month, with the year below it wherever a year begins."""
    ticks, last_year = [], 0
    for month in months:
        day = dt.date.fromisoformat(f"{month}-01")
        text = format_date(day, "MMM")
        ticks.append(f"{text}<br>{day.year}" if day.year != last_year else text)
        last_year = day.year
    return ticks
