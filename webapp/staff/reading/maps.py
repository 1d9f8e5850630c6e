"""A map of the communities, drawn as lines on the page: no tiles, nobody else's server."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from surveys.reading.boundaries import Ring
from surveys.results.figures import Figure
from surveys.results.periods import Period

WIDTH, MARGIN = 640.0, 8.0
STEPS = 5  # shades


@dataclass(frozen=True)
class Shape:
    """One place on the map.

    Parameters
    ----------
    area_id : int
    path : str
        As SVG says it.
    x, y : float
        Where its name goes.
    shade : int
        0 the lowest rates to 4 the highest; -1 where nothing is known.
    """

    area_id: int
    path: str
    x: float
    y: float
    shade: int


@dataclass(frozen=True)
class Map:
    """All shapes on one sheet; ``steps`` are the rates where one shade gives way to the next."""

    width: float
    height: float
    shapes: Sequence[Shape]
    steps: Sequence[float]


def drawn(
    outlines: Mapping[int, Sequence[Ring]], figures: Mapping[int, Figure | Period]
) -> Map | None:
    """The places with an outline; None where there is none.

    Latitude is stretched so that the middle of the map keeps its angles.
    """
    points = [point for rings in outlines.values() for ring in rings for point in ring]
    if not points:
        return None
    west, east = min(x for x, _y in points), max(x for x, _y in points)
    south, north = min(y for _x, y in points), max(y for _x, y in points)
    narrow = math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 2 * MARGIN) / max((east - west) * narrow, 1e-9)
    height = (north - south) * scale + 2 * MARGIN
    rates = sorted(f.estimate for f in figures.values() if f.estimate is not None)
    steps = [rates[len(rates) * k // STEPS] for k in range(1, STEPS)] if len(rates) >= STEPS else []

    def place(point: Sequence[float]) -> tuple[float, float]:
        x = MARGIN + (point[0] - west) * narrow * scale
        return x, MARGIN + (north - point[1]) * scale

    shapes = []
    for area_id, rings in outlines.items():
        lines = [[place(point) for point in ring] for ring in rings]
        path = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in line) + "Z" for line in lines)
        largest = max(lines, key=len)
        x = sum(px for px, _py in largest) / len(largest)
        y = sum(py for _px, py in largest) / len(largest)
        figure = figures.get(area_id)
        rate = figure.estimate if figure else None
        shade = -1 if rate is None else sum(rate >= step for step in steps)
        shapes.append(Shape(area_id, path, x, y, shade))
    return Map(WIDTH, height, shapes, [step * 100 for step in steps])
