"""One rate over the waves: a thin line with the band of its intervals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from flask_babel import format_date

from webapp.charts import parts
from webapp.charts.marks import Mark, floor_of

PANEL = 236  # height of a small multiple
MOST_TICKS = 9  # months named below a panel


@dataclass(frozen=True)
class Event:
    """A campaign on the time axis: first and last day, and what is said of it."""

    starts: dt.date
    ends: dt.date
    says: str


def trend(
    marks: Sequence[Mark],
    months: Sequence[str],
    *,
    target: float | None,
    context: Sequence[Mark] = (),
    context_label: str = "",
    events: Sequence[Event] = (),
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
    events : sequence of Event
        Shaded behind the lines.
    """
    figure = go.Figure(layout=parts.layout(PANEL))
    dates = [f"{month}-01" for month in months]
    start = floor_of([*marks, *context], target)
    known = [(x, m) for x, m in zip(dates, marks, strict=True) if m.estimate is not None]
    if context:
        figure.add_trace(_line(dates, context))
    _band(figure, [(x, m) for x, m in known if m.half_width is not None])
    figure.add_trace(_line([x for x, _m in known], [m for _x, m in known], subject=True))
    figure.add_trace(parts.dots([(x, m) for x, m in known], horizontal=False))
    figure.update_layout(
        xaxis=parts.axis(
            type="date",
            range=_span(dates),
            tickvals=dates[:: _every(months)],
            ticktext=_month_ticks(months[:: _every(months)]),
            title_text=parts.crop_note(start),
            showline=True,
        ),
        yaxis=parts.axis(range=[start, 101], dtick=10 if start >= 50 else 20, showgrid=True),
        margin={"r": 54, "t": 12, "b": 62},
    )
    ends = [(x, m.estimate or 0.0, f"{m.estimate:.1f}%", "var(--action)") for x, m in known[-1:]]
    if context and context[-1].estimate is not None:
        ends.append((dates[-1], context[-1].estimate, context_label, "var(--quiet)"))
    along, word = _target_along(target, [(x, m.estimate or 0.0) for x, m in known])
    seen = _seen(events, _span(dates))
    figure.update_layout(
        shapes=[
            *(_shade(event, _span(dates)) for event in seen),
            *along,
            *parts.half_discs([(x, m.estimate, m) for x, m in known]),
            *parts.broken(start, "y"),
        ],
        annotations=[*_label_ends(ends), *word],
    )
    if seen:
        figure.add_trace(_named(seen, _span(dates), start))
    return figure


def _every(months: Sequence[str]) -> int:
    """Of how many months one is named, so that names do not run into each other."""
    return -(-len(months) // MOST_TICKS)


def _seen(events: Sequence[Event], span: Sequence[str]) -> list[Event]:
    return [
        one for one in events
        if one.ends.isoformat() >= span[0] and one.starts.isoformat() <= span[1]
    ]  # fmt: skip


def _shade(event: Event, span: Sequence[str]) -> parts.Part:
    """The days of a campaign, from the bottom of the panel to its top."""
    last = event.ends + dt.timedelta(days=1)
    return {
        "type": "rect", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "layer": "below",
        "x0": max(event.starts.isoformat(), span[0]), "x1": min(last.isoformat(), span[1]),
        "fillcolor": "var(--event)", "line": {"width": 1, "color": "var(--event)"},
    }  # fmt: skip


def _named(events: Sequence[Event], span: Sequence[str], start: float) -> go.Scatter:
    """A small mark at the foot of each shade, which says what it was."""
    return go.Scatter(
        x=[max(event.starts.isoformat(), span[0]) for event in events],
        y=[start] * len(events),
        mode="markers",
        marker={"size": 8, "symbol": "triangle-up", "color": "var(--quiet)"},
        text=[event.says for event in events],
        hovertemplate="%{text}<extra></extra>",
        cliponaxis=False,
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


def _label_ends(ends: Sequence[tuple[str, float, str, str]]) -> list[parts.Part]:
    """Names or figures right of the last points: date, height, text, colour."""
    shifts = _apart([height for _date, height, _text, _colour in ends])
    return [
        {"text": text, "x": date, "y": height, "xanchor": "left", "xshift": 9, "yshift": shift,
         "showarrow": False, "font": {"size": 13, "color": colour, "weight": 600}}
        for (date, height, text, colour), shift in zip(ends, shifts, strict=True)
    ]  # fmt: skip


def _apart(values: Sequence[float], closest: float = 6.0) -> list[int]:
    """Pixels by which two labels that would lie on each other step aside."""
    if len(values) == 2 and abs(values[0] - values[1]) < closest:
        return [9, -9] if values[0] >= values[1] else [-9, 9]
    return [0] * len(values)


def _target_along(
    target: float | None, known: Sequence[tuple[str, float]]
) -> tuple[list[parts.Part], list[parts.Part]]:
    """The line of the target, and its name where there is room."""
    if target is None or not known:
        return [], []
    span = {"x0": _span([date for date, _value in known])[0], "x1": known[-1][0]}
    line = {"type": "line", "y0": target, "y1": target, "line": parts.TARGET_LINE, **span}
    roomiest = max(range(len(known)), key=lambda place: _room(target, known, place))
    date, estimate = known[roomiest]
    ends = {known[0][0]: "left", known[-1][0]: "right"}
    word = {
        "text": parts.target_text(target), "x": date, "xanchor": ends.get(date, "center"),
        "y": target, "yanchor": "bottom" if estimate < target else "top", **parts.TARGET_WORD,
    }  # fmt: skip
    return [{**line, "layer": "below"}], [word]


def _room(target: float, known: Sequence[tuple[str, float]], place: int) -> float:
    """How far the figures around a month stay from the target; none where they cross it."""
    around = [value - target for _date, value in known[max(place - 1, 0) : place + 2]]
    is_crossed = min(around) < 0 <= max(around)
    return 0.0 if is_crossed else min(map(abs, around))


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
