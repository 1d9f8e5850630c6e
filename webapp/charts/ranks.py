"""Communities by rank: the estimate with its interval, and beside it the interval of the rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from flask_babel import gettext as _

from webapp.charts import parts
from webapp.charts.marks import Mark, floor_of

ROW = 26  # pixels from one community to the next
LEFT, RIGHT = 0.60, 0.70  # where the estimates end and the ranks begin


@dataclass(frozen=True)
class RankRow:
    """A community in the caterpillar.

    Parameters
    ----------
    mark : Mark
    rank : (int, int) or None
        The interval of its true rank; None where it has no rank.
    """

    mark: Mark
    rank: tuple[int, int] | None


def caterpillar(rows: Sequence[RankRow], whole: Mark | None, target: float | None) -> go.Figure:
    """Communities under one another, the first rank on top.

    Parameters
    ----------
    rows : sequence of RankRow
    whole : Mark or None
        Drawn as a grey line across.
    target : float or None
        In per cent.
    """
    figure = go.Figure(layout=parts.layout(len(rows) * ROW + 112))
    marks = [row.mark for row in rows]
    known = [(at, mark) for at, mark in enumerate(marks) if mark.estimate is not None]
    context = [whole] if whole and whole.estimate is not None else []
    targets = [] if target is None else [target]
    start = floor_of([*marks, *context], target)
    figure.add_trace(parts.dots(known, horizontal=True))
    figure.add_trace(_ranks(rows))
    figure.update_layout(
        xaxis=parts.axis(
            range=[start, 101], dtick=10, showgrid=True, domain=[0, LEFT],
            title_text=parts.crop_note(start),
        ),
        xaxis2=parts.axis(
            range=[len(rows) + 0.7, 0.3], domain=[RIGHT, 1], anchor="y", showgrid=True,
            title_text=_("rank, with its interval"), nticks=5,
        ),
        yaxis=parts.axis(
            range=[len(rows) - 0.4, -0.6],
            tickvals=list(range(len(rows))),
            ticktext=[mark.label for mark in marks],
            tickfont_color="var(--ink)",
        ),
        margin={"r": 8, "t": 40, "b": 52},
        shapes=[
            *(_line(one.estimate or 0.0, "var(--context)", "solid") for one in context),
            *(_line(one, "var(--target)", "4px 3px") for one in targets),
            *parts.half_discs([(mark.estimate, at, mark) for at, mark in known]),
            *parts.broken(start, "x"),
        ],
        annotations=[
            *(_word(one.estimate or 0.0, one.label, "var(--quiet)", 16) for one in context),
            *(_word(one, parts.target_text(one), "var(--target)", 0) for one in targets),
        ],
    )  # fmt: skip
    return figure


def _ranks(rows: Sequence[RankRow]) -> go.Scatter:
    xs: list[float | None] = []
    ys: list[int | None] = []
    for at, row in enumerate(rows):
        if row.rank:
            # A certain rank has an interval of no length, and is drawn as a short stroke.
            first, last = row.rank
            xs += [first - 0.15, last + 0.15, None]
            ys += [at, at, None]
    return go.Scatter(
        x=xs, y=ys, xaxis="x2", yaxis="y", mode="lines", hoverinfo="skip",
        line={"width": 7, "color": "var(--whisker)"}, connectgaps=False,
    )  # fmt: skip


def _line(at: float, colour: str, dash: str) -> parts.Part:
    line = {"color": colour, "width": 1.5, "dash": dash}
    ends = {"x0": at, "x1": at, "y0": 0, "y1": 1}
    return {"type": "line", "xref": "x", "yref": "paper", "line": line, "layer": "below", **ends}


def _word(at: float, text: str, ink: str, shift: int) -> parts.Part:
    return {
        "text": text, "x": at, "y": 1, "xref": "x", "yref": "paper", "yanchor": "bottom",
        "yshift": shift, "showarrow": False, "font": {"size": 12, "color": ink},
    }  # fmt: skip
