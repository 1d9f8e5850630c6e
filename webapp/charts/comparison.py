"""Communities under one another on one scale: dots with interval whiskers."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from webapp.charts import parts
from webapp.charts.marks import Mark, floor_of

ROW = 30  # pixels from one community to the next


def comparison(marks: Sequence[Mark], target: float | None) -> go.Figure:
    """Communities under one another on one scale, in the order given.

    Parameters
    ----------
    marks : sequence of Mark
        From the top row downwards; rows that are not the subject (the township) are ruled off.
    target : float or None
        In per cent; drawn as a labelled line.
    """
    figure = go.Figure(layout=parts.layout(len(marks) * ROW + 96))
    rows = [(place, mark) for place, mark in enumerate(marks) if mark.estimate is not None]
    start = floor_of(marks, target)
    figure.add_trace(parts.dots(rows, horizontal=True))
    figure.update_layout(
        xaxis=parts.axis(
            range=[start, 101], dtick=10, title_text=parts.crop_note(start), showgrid=True
        ),
        yaxis=parts.axis(
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
    parts.add_half_discs(figure, [(mark.estimate, place, mark) for place, mark in rows])
    if target is not None:
        _target_across(figure, target)
    if start > 0:
        parts.add_break(figure, "x")
    return figure


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


def _target_across(figure: go.Figure, target: float) -> None:
    figure.add_vline(x=target, line=parts.TARGET_LINE, layer="below")
    figure.add_annotation(
        text=parts.target_text(target),
        x=target,
        y=1,
        yref="paper",
        yanchor="bottom",
        **parts.TARGET_WORD,
    )
