"""Parts that every chart shares: the sheet, its axes, dots in the shapes of the verdicts."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from flask_babel import gettext as _

from webapp.charts.marks import Mark

TRIANGLE = "triangle-down"
HOLLOW = {"undecided", "too_few"}  # ◐ is a hollow circle with half a disc laid upon it
# The left half of a disc of radius five, in pixels: ◐, which plotly has no symbol for.
HALF_DISC = "M 0 -5 C -6.6 -5 -6.6 5 0 5 Z"
# Two strokes across an axis, near the corner, where it does not begin at zero.
BREAK = {"x": "M 8 -5 L 12 5 M 13 -5 L 17 5", "y": "M -5 8 L 5 12 M -5 13 L 5 17"}
TARGET_LINE = {"color": "var(--target)", "width": 1.5, "dash": "4px 3px"}
# Shapes and annotations of a figure are set at once: plotly checks all of them for each one added.
Part = dict[str, object]
TARGET_WORD = {"showarrow": False, "font": {"size": 12, "color": "var(--target)"}}


def as_json(figure: go.Figure) -> str:
    """The figure as it travels to the page.

    >>> as_json(go.Figure(layout_title_text="a"))[:11]
    '{"data":[],'
    """
    text: str = figure.to_json()
    return text


def layout(height: int) -> go.Layout:
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


def axis(**own: object) -> dict[str, object]:
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


def dots(rows: Sequence[tuple[object, Mark]], horizontal: bool) -> go.Scatter:
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


def half_discs(places: Sequence[tuple[object, object, Mark]]) -> list[Part]:
    """The filled half of ◐ for every mark that needs one."""
    return [
        {"type": "path", "path": HALF_DISC, "xsizemode": "pixel", "ysizemode": "pixel",
         "xanchor": x, "yanchor": y, "fillcolor": mark.colour, "line": {"width": 0}}
        for x, y, mark in places
        if mark.verdict == "undecided"
    ]  # fmt: skip


def target_text(target: float) -> str:
    return _("Target %(target)s%%", target=f"{target:g}")


def crop_note(start: float) -> str:
    if start <= 0:
        return ""
    return _("The axis begins at %(start)s%%, not at zero", start=f"{start:g}")


def broken(start: float, axis: str) -> list[Part]:
    """Two strokes through an axis that does not begin at zero, so that nobody takes it so."""
    if start <= 0:
        return []
    return [
        {"type": "path", "path": BREAK[axis], "xsizemode": "pixel", "ysizemode": "pixel",
         "xref": "paper", "yref": "paper", "xanchor": 0, "yanchor": 0,
         "line": {"color": "var(--quiet)", "width": 1.2}}
    ]  # fmt: skip
