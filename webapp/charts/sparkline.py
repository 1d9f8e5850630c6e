"""Small multiples as drawings of the page itself: one place's trend on the scale of all."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

WIDTH, HEIGHT, EDGE = 220.0, 84.0, 6.0
LOWEST = 40.0  # per cent at the foot of every panel, so that all are on one scale

Point = tuple[float, float | None, float | None]  # estimate, lower, upper, in per cent


def sparkline(
    points: Sequence[Point | None], context: Sequence[Point | None], target: float | None
) -> Markup:
    """One panel: band, line, last dot; the whole in grey and the target behind it.

    Parameters
    ----------
    points, context : sequence of (estimate, lower, upper) or None
        One for each wave, the oldest first.
    target : float or None
    """
    step = (WIDTH - 2 * EDGE) / max(len(points) - 1, 1)
    parts = []
    if target is not None:
        y = _y(target)
        parts.append(f'<path class="target" d="M0 {y:.1f}H{WIDTH:.0f}"/>')
    parts.append(_line(context, step, "context"))
    band = [(at, one) for at, one in enumerate(points) if one and one[1] is not None]
    if len(band) > 1:
        there = [f"{EDGE + at * step:.1f} {_y(one[2]):.1f}" for at, one in band]
        back = [f"{EDGE + at * step:.1f} {_y(one[1]):.1f}" for at, one in reversed(band)]
        parts.append(f'<path class="band" d="M{"L".join(there + back)}Z"/>')
    parts.append(_line(points, step, "subject"))
    known = [(at, one) for at, one in enumerate(points) if one]
    if known:
        at, one = known[-1]
        parts.append(f'<circle cx="{EDGE + at * step:.1f}" cy="{_y(one[0]):.1f}" r="3.5"/>')
    size = f"0 0 {WIDTH:.0f} {HEIGHT:.0f}"
    drawing = f'<svg class="spark" viewBox="{size}" aria-hidden="true">{"".join(parts)}</svg>'
    return Markup(drawing)  # noqa: S704  (numbers and nothing else)


def _line(points: Sequence[Point | None], step: float, kind: str) -> str:
    known = [f"{EDGE + at * step:.1f} {_y(one[0]):.1f}" for at, one in enumerate(points) if one]
    return f'<path class="{kind}" d="M{"L".join(known)}"/>' if len(known) > 1 else ""


def _y(value: float | None) -> float:
    share = (max(value or 0.0, LOWEST) - LOWEST) / (100 - LOWEST)
    return HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE)
