"""What every engine refuses alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analysis.problems import N_, DesignError, name_rows

Floats = NDArray[np.float64]


def refuse_weights(column: str, weights: Floats) -> None:
    """Refuse missing, negative and infinite weights, naming rows."""
    for bad, text in (
        (np.isnan(weights), N_("Weight %(column)s is missing in %(rows)s.")),
        (weights < 0, N_("Weight %(column)s is negative in %(rows)s.")),
        (np.isinf(weights), N_("Weight %(column)s is infinite in %(rows)s.")),
    ):
        if bad.any():
            raise DesignError(text, column=column, rows=name_rows(bad))


def refuse_no_rate(column: str, y: Floats) -> None:
    """Refuse values that are neither 0 nor 1, naming rows."""
    bad = (y != 0) & (y != 1) & ~np.isnan(y)
    if bad.any():
        raise DesignError(
            "%(column)s is no 0/1 column: %(rows)s. Name the codes that count.",
            column=column, rows=name_rows(bad),
        )  # fmt: skip
