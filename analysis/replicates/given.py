"""Replicate weights that came with the data, described in the terms of R's ``svrepdesign``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.problems import DesignError

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

RANK_TOLERANCE = 1e-5  # of a column's length that must be its own (R's)
MOST_ROWS = 100_000  # laid out at a time

#: What the columns of replicate weights may be; ``other`` needs its scale said.
GIVEN_KINDS = ("jk1", "jkn", "brr", "fay", "bootstrap", "other")


@dataclass(frozen=True)
class GivenReplicates:
    """Replicate weights that came with the data.

    Parameters
    ----------
    columns : tuple of str
        Full weights, one column for each replicate.
    scale : array, shape (replicates,)
        V = Σ scale·(θ_r − centre)².
    mse : bool
        Whether the centre is the estimate itself, and not the mean of the replicates.
    """

    columns: tuple[str, ...]
    scale: Floats
    mse: bool = False


def given_replicates(
    columns: Sequence[str],
    kind: str,
    *,
    rho: float = 0,
    scale: float | None = None,
    rscales: Sequence[float] | None = None,
    mse: bool = False,
) -> GivenReplicates:
    """Describe given replicate weights; V = scale·Σ rscales_r·(θ_r − centre)².

    Parameters
    ----------
    columns : sequence of str
    kind : str
        One of :data:`GIVEN_KINDS`; it says the scale where none is given.
    rho : float
        Of Fay's halves.
    scale : float, optional
    rscales : sequence of float, optional
        One for each replicate; JKn has no other way to know (1−f_h)·(n_h−1)/n_h.
    mse : bool

    Examples
    --------
    >>> given_replicates(["r1", "r2"], "fay", rho=0.5).scale
    array([2., 2.])
    """
    count = len(columns)
    if kind not in GIVEN_KINDS:
        raise DesignError(
            "There are no %(kind)s replicates; there are %(kinds)s.",
            kind=kind, kinds=", ".join(GIVEN_KINDS),
        )  # fmt: skip
    if count < 2 or (rscales is not None and len(rscales) != count):
        raise DesignError("Give two or more replicates, and one scale for each.")
    if not 0 <= rho < 1 or (kind == "fay") != (rho > 0):
        raise DesignError("Fay's rho lies above 0 and below 1, and is for fay replicates only.")
    known = {
        "jk1": (count - 1) / count,
        "brr": 1 / count,
        "fay": 1 / (count * (1 - rho) ** 2),
        "bootstrap": 1 / (count - 1),
    }
    if scale is None and rscales is None and kind not in known:
        raise DesignError("%(kind)s replicates need the scale of each.", kind=kind)
    whole = known.get(kind, 1.0) if scale is None else scale
    each = np.ones(count) if rscales is None else np.array(rscales, float)
    if not (np.isfinite(each * whole).all() and (each * whole >= 0).all()):
        raise DesignError("The scales of replicates are numbers of 0 or more.")
    return GivenReplicates(tuple(columns), each * whole, mse)


def degrees_of_freedom(weights: Sequence[Floats], group: Places, groups: int) -> Floats:
    """Return the degrees of freedom that replicate weights leave each group of respondents.

    The rank of the group's matrix of weights, less one (R's ``degf``): replicates that are the same
    for everyone, or follow from others, add nothing.

    Parameters
    ----------
    weights : sequence of array, each of shape (rows,)
        One for each replicate.
    group : array of int, shape (rows,)
        The group of each row; -1 for none.
    groups : int

    Examples
    --------
    >>> columns = [np.array(w, float) for w in ([0, 2, 2], [2, 0, 2], [2, 2, 0], [0, 2, 2])]
    >>> degrees_of_freedom(columns, np.array([0, 0, 0]), 1)
    array([2.])
    """
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(groups + 1))
    found = np.zeros(groups)
    for place in range(groups):
        rows = order[ends[place] : ends[place + 1]]
        products = np.zeros((len(weights), len(weights)))
        for some in np.array_split(rows, len(rows) // MOST_ROWS + 1):
            matrix = np.column_stack([column[some] for column in weights])
            products += matrix.T @ matrix
        found[place] = max(_rank(products) - 1, 0)
    return found


def _rank(products: Floats) -> int:
    """Return the rank of X from X'X: columns that are no combination of those before (R's rule)."""
    left = products.copy()
    least = RANK_TOLERANCE**2 * np.maximum(np.diag(products), 1e-300)
    rank = 0
    for at in range(len(left)):
        if left[at, at] > least[at]:
            rank += 1
            left -= np.outer(left[:, at], left[at] / left[at, at])
    return rank
