"""Response propensity: who was likely to respond, by a logistic model, in quantile classes.

References
----------
.. [1] Little 1986, Survey nonresponse adjustments for estimates of means, International
   Statistical Review 54, 139–157: classes of the propensity keep extreme weights away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

RIDGE = 1.0  # one imagined case against every effect: no effect runs away where all responded


@dataclass(frozen=True)
class Propensity:
    """Classes of like propensity.

    Parameters
    ----------
    classes : array of int
        From 0, the least likely to respond; one for each unit, asked or not.
    cuts : array of float
        Propensities between the classes.
    features : tuple of str
        What the model saw: columns with a single value are left out.
    coefficients : dict of str to float
        Logits against the first code of each column.
    """

    classes: NDArray[np.intp]
    cuts: Floats
    features: tuple[str, ...]
    coefficients: dict[str, float]


def propensity_classes(
    answered: Booleans, asked: Booleans, features: Mapping[str, NDArray[np.str_]], number: int = 5
) -> Propensity:
    """Model who answers of those asked, and cut the fitted propensity into classes.

    A class without anyone who answered joins the next one, so that every class can be weighed.

    Parameters
    ----------
    answered, asked : array of bool, one element for each unit
    features : mapping of str to array of str
        What is known of every unit, as categories.
    number : int
        Classes; fewer where propensities are tied.

    Examples
    --------
    >>> town = np.array(["a"] * 4 + ["b"] * 4)
    >>> answered = np.array([True, False, False, False, True, True, True, False])
    >>> found = propensity_classes(answered, np.ones(8, bool), {"town": town}, 2)
    >>> found.classes
    array([0, 0, 0, 0, 1, 1, 1, 1])
    """
    import statsmodels.api as sm  # noqa: PLC0415  (slow to load, and seldom asked for)

    names, matrix, used = ["constant"], [np.ones(len(asked))], []
    for feature, values in features.items():
        codes = np.unique(values[asked])[1:]
        used += [feature] if len(codes) else []
        names += [f"{feature}={code}" for code in codes]
        matrix += [(values == code).astype(float) for code in codes]
    x = np.column_stack(matrix)
    penalty = np.full(len(names), RIDGE / max(1, int(asked.sum())))
    penalty[0] = 0
    if asked.sum() > answered[asked].sum() > 0:
        model = sm.GLM(answered[asked].astype(float), x[asked], family=sm.families.Binomial())
        fitted = model.fit_regularized(alpha=penalty, L1_wt=0.0)
        beta = np.asarray(fitted.params)
    else:  # all answered, or none: there is nothing to tell apart
        beta = np.zeros(len(names))
    logit = np.round(x @ beta, 10)  # the last bits differ between machines
    levels = np.unique(logit[asked]) if asked.any() else np.zeros(1)
    cuts = (
        np.unique(np.quantile(logit[asked], np.arange(1, number) / number))
        if asked.any()
        else levels
    )
    classes = np.searchsorted(cuts, logit, side="left")
    return Propensity(
        _all_answered(classes, answered & asked),
        1 / (1 + np.exp(-cuts)),
        tuple(used),
        dict(zip(names, beta.tolist(), strict=True)),
    )


def _all_answered(classes: NDArray[np.intp], answered: Booleans) -> NDArray[np.intp]:
    """Number the classes anew so that somebody answered in each."""
    with_answers = np.unique(classes[answered])
    if not len(with_answers):
        return np.zeros_like(classes)
    return np.minimum(np.searchsorted(with_answers, classes), len(with_answers) - 1)
