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

from analysis import Estimates
from analysis.ranking import MANY
from surveys.results.judging import Both
from surveys.results.respondents import Y

Floats = NDArray[np.float64]


def correlations(made: Mapping[str, Both], communities: Sequence[str]) -> Mapping[str, Floats]:
    """The correlations of the communities' rates (or means), by indicator.

    Parameters
    ----------
    made : mapping of str to Both
        Every indicator in every community, by kind.
    communities : sequence of str

    Returns
    -------
    mapping of str to array, shape (communities, communities)
        Empty for more communities than are compared pair by pair.
    """
    if len(communities) > MANY:
        return {}
    found = {}
    for estimates in made.values():
        drawn = _covariances(estimates.drawn, communities)
        pairs = None if estimates.pairs is None else _covariances(estimates.pairs, communities)
        for name, covariance in drawn.items():
            other = None if pairs is None else pairs[name]
            found[name.removeprefix(Y)] = _correlation(covariance, other)
    return found


def _covariances(made: Estimates, communities: Sequence[str]) -> Mapping[str, Floats]:
    """The covariance of each rate (or mean) among all communities."""
    place = [communities.index(domain["community"]) for domain in made.domains]
    found = {}
    for name in made.variables:
        among = np.zeros((len(communities), len(communities)))
        among[np.ix_(place, place)] = np.nan_to_num(made.between_domains(name))
        found[name] = among
    return found


def _correlation(covariance: Floats, of_pairs: Floats | None) -> Floats:
    """Of households, or of pairs where both communities' errors are theirs."""
    error = np.sqrt(np.maximum(np.diag(covariance), 0))
    if of_pairs is not None:
        other = np.sqrt(np.maximum(np.diag(of_pairs), 0))
        larger = other > error
        covariance = np.where(np.outer(larger, larger), of_pairs, covariance)
        error = np.where(larger, other, error)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.nan_to_num(covariance / np.outer(error, error), posinf=0, neginf=0)
    correlation = np.clip(correlation, -1, 1)
    np.fill_diagonal(correlation, 1)
    return np.asarray(correlation)
