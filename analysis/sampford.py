"""Sampford's draw: fixed size, exactly the inclusion probabilities asked for, all pairs possible.

Drawn by its definition, it is: one unit with probability π_i/n, then n − 1 more, independently of
each other with probability ∝ π_i/(1−π_i), until all n are different [1]_. That may take for ever
where n is large. The same design is: one unit with probability π_i/n, and a conditional Poisson
sample of n − 1 with the probabilities π, until it does not hold the one [2]_.

References
----------
.. [1] Sampford 1967, On sampling without replacement with unequal probabilities of selection,
       Biometrika 54, 499–513.
.. [2] Bondesson, Traat & Lundqvist 2006, Pareto sampling versus Sampford and conditional Poisson
       sampling, Scandinavian Journal of Statistics 33, 699–720.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.conditional_poisson import ConditionalPoisson
from analysis.draws import Draw, Uniforms
from analysis.pps import drawn, inclusion_probabilities

Floats = NDArray[np.float64]


def draw_sampford(sizes: ArrayLike, size: int, seed: int) -> Draw:
    """Draw with probability exactly proportional to size.

    Parameters
    ----------
    sizes : array-like, shape (N,)
        x_i ≥ 0. Units so large that they are certain are taken first.
    size : int
        n.
    seed : int

    Raises
    ------
    DesignError
        See :func:`analysis.pps.inclusion_probabilities`.

    Notes
    -----
    The units *not* drawn are a Sampford sample too, with the probabilities 1 − π; of the two the
    smaller is drawn, which takes fewer trials.

    Examples
    --------
    >>> draw = draw_sampford([100, 45, 20, 15, 10], 3, seed=1)
    >>> draw.indices, draw.probabilities.round(3)
    (array([0, 1, 3]), array([1.   , 1.   , 0.333]))
    """
    probabilities = inclusion_probabilities(sizes, size)
    uncertain = np.flatnonzero((probabilities > 0) & (probabilities < 1))
    asked = probabilities[uncertain]
    left = size - int((probabilities == 1).sum())
    uniforms = Uniforms(seed)
    if 2 * left <= len(asked):
        picked = uncertain[_sampford(asked, left, uniforms)]
    else:
        spared = _sampford(1 - asked, len(asked) - left, uniforms)
        picked = np.delete(uncertain, spared)
    return drawn("sampford", seed, probabilities, picked)


def _sampford(probabilities: Floats, size: int, uniforms: Uniforms) -> NDArray[np.intp]:
    """Draw by [2]_: the places of ``size`` units; the probabilities lie between 0 and 1."""
    if size == 0:
        return np.zeros(0, np.intp)
    ends = np.cumsum(probabilities)
    others = ConditionalPoisson(probabilities)
    while True:
        first = np.searchsorted(ends, uniforms.take(1)[0] * ends[-1], side="right")
        flags = others.draw(size - 1, uniforms)
        if not flags[first]:
            flags[first] = True
            return np.flatnonzero(flags)
