"""What a chart is made of: figures with their intervals and verdicts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LATEST_START = 60.0  # per cent: where a cropped axis begins at the latest


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


def floor_of(marks: Sequence[Mark], target: float | None = None) -> float:
    """Where a cropped axis begins: the ten below everything that is drawn.

    It shows forty points at least, so that a small difference does not look like a large one.

    >>> floor_of([Mark("a", 88.0, 81.5, 93.0)], target=85.0), floor_of([Mark("a", 47.0, 38.5)])
    (60.0, 30.0)
    """
    lowest = [m.lower if m.lower is not None else m.estimate for m in marks]
    drawn = [value for value in (*lowest, target) if value is not None]
    return max(0.0, math.floor((min([*drawn, LATEST_START + 1]) - 1) / 10) * 10.0)
