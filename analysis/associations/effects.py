"""What a logistic model says in points of a share: average effects.

Everybody is given one code of a variable, then its first code, with all else as it is; the effect
is the average difference of the shares the model expects (Graubard & Korn's predictive margins
[1]_, one less the other). Its error is that of the slopes, carried over by their derivative; who is
in the sample counts as given.

References
----------
.. [1] Graubard & Korn 1999, Predictive margins with survey data, Biometrics 55, 652–659.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]


def average_effects(
    x: Floats, weight: Floats, slopes: Floats, groups: Sequence[Sequence[int]]
) -> tuple[Floats, Floats]:
    """Return the average effect of each code, and its derivative by the slopes.

    Parameters
    ----------
    x : array, shape (rows, terms)
        The model's columns, the intercept among them.
    weight : array, shape (rows,)
        Final weights; 0 outside the base.
    slopes : array, shape (terms,)
    groups : sequence of sequences of int
        Of each variable the columns of its codes but the first: at most one of them is 1 in a row.

    Returns
    -------
    (effect, gradient) : arrays of shapes (codes,) and (codes, terms)
        In the order of ``groups``. With V the covariance of the slopes, gradient·V·gradientᵀ is
        that of the effects.

    Examples
    --------
    Of those with the code 3 in 4 say yes, of the others 1 in 4:

    >>> x = np.array([[1.0, 0.0], [1.0, 1.0]])
    >>> slopes = np.log(np.array([1 / 3, 9.0]))
    >>> effect, gradient = average_effects(x, np.array([1.0, 1.0]), slopes, [[1]])
    >>> effect.round(6), gradient.shape
    (array([0.5]), (1, 2))
    """
    total = weight.sum()
    effects, gradients = [], []
    for columns in groups:
        without = x.copy()
        without[:, list(columns)] = 0
        before = expit(without @ slopes)
        for column in columns:
            given = without.copy()
            given[:, column] = 1
            after = expit(given @ slopes)
            effects.append(weight @ (after - before) / total)
            moved = (weight * after * (1 - after)) @ given
            gradients.append((moved - (weight * before * (1 - before)) @ without) / total)
    return np.array(effects), np.array(gradients).reshape(len(effects), len(slopes))
