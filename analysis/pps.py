"""Draws with probability proportional to size, π_i = n·x_i/Σx, from a list in a given order.

A unit so large that n·x_i/Σx reaches 1 is certain: it is taken, and n and Σx are those of the rest,
in which another may now be certain; and so on.

References
----------
.. [1] Madow 1949, On the theory of systematic sampling, II, Annals of Mathematical Statistics 20,
       333–354.
.. [2] Tillé 2006, Sampling Algorithms, §2.10 (certainty) and §7.1 (systematic).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.draws import Draw, Uniforms, check_size, in_order
from analysis.problems import DesignError, name_rows

Floats = NDArray[np.float64]

#: From here on a probability is 1: the difference is rounding.
CERTAIN = 1 - 1e-9


def inclusion_probabilities(sizes: ArrayLike, size: int) -> Floats:
    """Return π_i proportional to size, certain units taken out first.

    Parameters
    ----------
    sizes : array-like, shape (N,)
        x_i ≥ 0, such as the households of each grid.
    size : int
        n.

    Returns
    -------
    array, shape (N,)
        They add up to n. A unit of size 0 has probability 0.

    Raises
    ------
    DesignError
        Where a size is negative or missing, or fewer than n units have one; rows are named.

    Examples
    --------
    The first is certain; once it is out, the second is too:

    >>> inclusion_probabilities([100, 45, 20, 15, 10], 3)
    array([1.        , 1.        , 0.44444444, 0.33333333, 0.22222222])
    """
    x = np.asarray(sizes, float)
    if not (faultless := np.isfinite(x) & (x >= 0)).all():
        raise DesignError(
            "Sizes are numbers of 0 or more; see %(rows)s.", rows=name_rows(~faultless)
        )
    x = x / max(x.max(initial=0.0), np.finfo(float).tiny)  # so that no sum overflows
    check_size(int((x > 0).sum()), size)
    certain = np.zeros(x.shape, bool)
    while True:
        rest = np.where(certain, 0.0, x)
        left = size - int(certain.sum())
        probabilities = left * (rest / rest.sum()) if left else np.zeros(x.shape)
        more = probabilities >= CERTAIN
        if not more.any():
            return np.where(certain, 1.0, probabilities)
        certain |= more


def draw_pps_systematic(
    sizes: ArrayLike, size: int, seed: int, *, order: Sequence[ArrayLike] = ()
) -> Draw:
    """Draw with probability proportional to size at even distances along the list [1]_.

    The probabilities are laid end to end, and one point in every whole unit of length, all at the
    same random distance from its beginning, picks the unit it falls on.

    Parameters
    ----------
    sizes : array-like, shape (N,)
        x_i ≥ 0.
    size : int
        n.
    seed : int
    order : sequence of array-like, each of shape (N,)
        Columns to order the list by before drawing.

    Raises
    ------
    DesignError
        See :func:`inclusion_probabilities`, and where a column is not as long as the list.

    Notes
    -----
    Two units may never come together, so joint probabilities can be 0 and no unbiased variance
    exists; declare the draw to the analysis with Brewer's approximation.

    Examples
    --------
    >>> draw = draw_pps_systematic([100, 45, 20, 15, 10], 3, seed=1)
    >>> draw.indices, draw.probabilities.round(3)
    (array([0, 1, 3]), array([1.   , 1.   , 0.333]))
    """
    probabilities = inclusion_probabilities(sizes, size)
    uncertain = in_order(len(probabilities), order)
    uncertain = uncertain[(probabilities[uncertain] > 0) & (probabilities[uncertain] < 1)]
    left = size - int((probabilities == 1).sum())
    ends = np.cumsum(probabilities[uncertain])
    ends[-1:] = left  # exactly, whatever the rounding of the sum
    points = Uniforms(seed).take(1)[0] + np.arange(left)
    picked = uncertain[np.searchsorted(ends, points, side="right")]
    return drawn("pps systematic", seed, probabilities, picked)


def drawn(method: str, seed: int, probabilities: Floats, picked: NDArray[np.intp]) -> Draw:
    """Put the certain units and those picked together, in the order of the list.

    >>> drawn("by hand", 0, np.array([0.5, 1.0, 0.5]), np.array([2])).indices
    array([1, 2])
    """
    indices = np.sort(np.concatenate([np.flatnonzero(probabilities == 1), picked]))
    return Draw(method, seed, len(probabilities), indices, probabilities[indices])
