"""A funnel: communities by how much is known of them, and where chance alone would put them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from flask_babel import gettext as _

from webapp.charts import parts
from webapp.charts.marks import Mark, floor_of

HEIGHT = 340


def funnel(
    marks: Sequence[tuple[float, Mark]],
    limits: Mapping[float, Sequence[tuple[float, float, float]]],
    rate: float | None,
) -> go.Figure:
    """Communities by effective n, with the limits of chance around the whole.

    Parameters
    ----------
    marks : sequence of (effective n, Mark)
    limits : mapping
        Level to (n, lower, upper), shares.
    rate : float or None
        Of the whole, in per cent.
    """
    figure = go.Figure(layout=parts.layout(HEIGHT))
    start = floor_of([mark for _n, mark in marks])
    for level, edge in limits.items():
        for side in (1, 2):
            figure.add_trace(
                go.Scatter(
                    x=[one[0] for one in edge],
                    y=[one[side] * 100 for one in edge],
                    mode="lines", hoverinfo="skip",
                    line={"width": 1.2, "color": "var(--context)",
                          "dash": "solid" if level < 0.99 else "4px 3px"},
                )
            )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[n for n, _mark in marks],
            y=[mark.estimate for _n, mark in marks],
            mode="markers",
            marker={"size": 9, "color": "var(--action)", "line": {"width": 0}},
            text=[f"{mark.label}<br>{mark.note}" for _n, mark in marks],
            hovertemplate="%{text}<extra></extra>",
            cliponaxis=False,
        )
    )
    outside = _outside(marks, limits)
    figure.add_trace(
        go.Scatter(
            x=[n for n, _mark in outside],
            y=[mark.estimate for _n, mark in outside],
            mode="text", text=[mark.label for _n, mark in outside],
            textposition=[_side(mark, rate) for _n, mark in outside],
            textfont={"size": 12, "color": "var(--ink)"}, hoverinfo="skip", cliponaxis=False,
        )
    )  # fmt: skip
    figure.update_layout(
        xaxis=parts.axis(title_text=_("effective n"), showline=True, rangemode="tozero"),
        yaxis=parts.axis(range=[start, 101], dtick=10, showgrid=True),
        margin={"r": 16, "t": 12, "b": 48},
        shapes=[*(_along(rate) for rate in [rate] if rate is not None), *parts.broken(start, "y")],
    )
    return figure


def _side(mark: Mark, rate: float | None) -> str:
    """Names stand away from the middle, where the others are."""
    below = rate is not None and (mark.estimate or 0.0) < rate
    return "bottom center" if below else "top center"


def _along(rate: float) -> parts.Part:
    line = {"color": "var(--context)", "width": 1.5}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": rate, "y1": rate, "line": line}


def _outside(
    marks: Sequence[tuple[float, Mark]],
    limits: Mapping[float, Sequence[tuple[float, float, float]]],
) -> list[tuple[float, Mark]]:
    """Those that chance alone hardly puts where they are: beyond the outer limits."""
    edge = limits[max(limits)] if limits else ()
    found = []
    for n, mark in marks:
        around = min(edge, key=lambda one: abs(one[0] - n), default=None)
        if around is None or mark.estimate is None:
            continue
        if not around[1] * 100 <= mark.estimate <= around[2] * 100:
            found.append((n, mark))
    return found
