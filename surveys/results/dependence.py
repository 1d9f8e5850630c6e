"""How the figures of communities hang together: through margins that cross them, through pairs of
interviewers who work in several.

Ranks compare every community with every other, and the variance of a difference is
V_a + V_b − 2C. C is the design's, of the same scores as the published errors; where a community's
error is that of interviewer pairs and the other's that of households, C is the households'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.associations.rows import Rows
from analysis.ranking import MANY
from surveys.results.figures import Y
from surveys.weighting.designs import Designs

Floats = NDArray[np.float64]


def correlations(
    declared: Designs | None, communities: Sequence[str], names: Sequence[str]
) -> Mapping[str, Floats]:
    """The correlations of the communities' rates (or means), by indicator.

    Parameters
    ----------
    declared : Designs or None
        Its data hold every indicator (NaN outside the base) and ``community``.
    communities : sequence of str
    names : sequence of str
        Of the indicators.

    Returns
    -------
    mapping of str to array, shape (communities, communities)
        Empty without a design, and for more communities than are compared pair by pair.
    """
    if declared is None or len(communities) > MANY:
        return {}
    drawn = Rows(declared.drawn)
    pairs = None if declared.pairs is None else Rows(declared.pairs)
    place, codes = drawn.codes("community")
    order = np.array([communities.index(code) for code in codes], np.intp)
    found = {}
    for name in names:
        covariance = _covariance(drawn, Y + name, order[place], len(communities))
        error = np.sqrt(np.diag(covariance))
        if pairs is not None:
            other = _covariance(pairs, Y + name, order[place], len(communities))
            larger = np.sqrt(np.diag(other)) > error
            covariance = np.where(np.outer(larger, larger), other, covariance)
            error = np.where(larger, np.sqrt(np.diag(other)), error)
        found[name] = _scaled(covariance, error)
    return found


def _covariance(rows: Rows, column: str, place: NDArray[np.intp], size: int) -> Floats:
    """The covariance of a rate among all communities, from its linearised scores."""
    y = rows.numbers(column)
    base = np.flatnonzero(~np.isnan(y))
    member = np.zeros((len(y), size))
    member[base, place[base]] = 1
    answered = np.nan_to_num(y)
    total = rows.weight @ member
    known = np.where(total > 0, total, 1)
    rate = (rows.weight * answered) @ member / known
    return rows.covariance(member * (answered - rate[place])[:, None] / known)


def _scaled(covariance: Floats, error: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.nan_to_num(covariance / np.outer(error, error), posinf=0, neginf=0)
    correlation = np.clip(correlation, -1, 1)
    np.fill_diagonal(correlation, 1)
    return correlation
