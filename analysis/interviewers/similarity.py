"""Similarity: whether an interviewer's interviews resemble each other more than chance lets them.

For two interviews, the share of the questions both answered on which they agree; averaged over all
pairs of one interviewer, and set against what the same interviews give when the interviewers'
names are shuffled among those of the same stratum. Neighbours answer alike, so only interviews of
one stratum are compared.

References
----------
.. [1] Good 2005, Permutation, Parametric and Bootstrap Tests of Hypotheses, chapter 3.
.. [2] Phipson & Smyth 2010, Permutation p-values should never be zero, Statistical Applications
       in Genetics and Molecular Biology 9, article 39.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.families import holm

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SHUFFLES = 499
AT_ONCE = 50  # shuffles in one product of matrices


@dataclass(frozen=True)
class Similarity:
    """How alike the interviews of each interviewer are.

    Parameters
    ----------
    interviewers : tuple of str
        Those who can be compared, by name.
    pairs : array of int
        Pairs of interviews of one interviewer in one stratum.
    agreement : array
        Mean share of answers on which such a pair agrees.
    expected : array
        Its mean when names are shuffled within strata.
    p_value : array
        Share of shuffles that agree at least as much (one-sided, never 0 [2]_).
    """

    interviewers: tuple[str, ...]
    pairs: Integers
    agreement: Floats
    expected: Floats
    p_value: Floats

    @property
    def p_holm(self) -> Floats:
        """The p-values, adjusted for there being so many interviewers."""
        return holm(self.p_value)


def similarity(
    answers: NDArray[np.int64],
    interviewer: Sequence[str],
    stratum: Sequence[str],
    *,
    seed: int,
    shuffles: int = SHUFFLES,
) -> Similarity:
    """Compare interviews within interviewers with those of others of the same stratum.

    Parameters
    ----------
    answers : array of int, shape (n, questions)
        Codes; below 0 where there is no answer.
    interviewer, stratum : sequence of str, length n
    seed : int
        Of the shuffles, so that the figures can be made again.

    Returns
    -------
    Similarity
        Without interviewers who have no two interviews in a stratum with a colleague.

    Examples
    --------
    >>> answers = np.array([[1, 1], [1, 1], [1, 1], [2, 1], [1, 2], [2, 2]])
    >>> found = similarity(answers, list("aaabbb"), ["s"] * 6, seed=1)
    >>> found.interviewers, found.agreement.round(2)
    (('a', 'b'), array([1.  , 0.33]))
    """
    names, who = np.unique(np.asarray(interviewer, dtype=str), return_inverse=True)
    where = np.asarray(stratum, dtype=str)
    rng = np.random.default_rng(seed)
    agreed = np.zeros((shuffles + 1, len(names)))  # row 0: as it was
    compared = np.zeros_like(agreed)
    pairs = np.zeros(len(names), dtype=np.int64)
    for place in np.unique(where):
        rows = np.flatnonzero(where == place)
        if len(np.unique(who[rows])) < 2:
            continue
        alike, known = _agreement(answers[rows])
        labels = _shuffled(who[rows], shuffles, rng)
        for start in range(0, len(labels), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            agreed[some] += _within(alike, labels[some], len(names))
            compared[some] += _within(known, labels[some], len(names))
        own = np.bincount(who[rows], minlength=len(names))
        pairs += own * (own - 1) // 2
    kept = (pairs > 0) & (compared[0] > 0)
    with np.errstate(invalid="ignore"):
        share = (agreed / compared)[:, kept]
    reached = (share[1:] >= share[0] - 1e-12).sum(0)
    return Similarity(
        interviewers=tuple(str(name) for name in names[kept]),
        pairs=pairs[kept],
        agreement=share[0],
        expected=share[1:].mean(0),
        p_value=(1 + reached) / (1 + shuffles),
    )


def _agreement(answers: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Of each two interviews the share of answers that agree, and 1 where any can be compared."""
    n = len(answers)
    agree, both = np.zeros((n, n)), np.zeros((n, n))
    for column in answers.T:
        given = (column >= 0).astype(np.float64)
        both += np.outer(given, given)
        agree += np.equal.outer(column, column) * np.outer(given, given)
    np.fill_diagonal(both, 0)
    known = (both > 0).astype(np.float64)
    return np.divide(agree, both, out=np.zeros((n, n)), where=both > 0), known


def _shuffled(who: Integers, shuffles: int, rng: np.random.Generator) -> Integers:
    """The names as they are, and in random order so many times."""
    repeated = np.tile(who, (shuffles, 1))
    return np.vstack([who, rng.permuted(repeated, axis=1)])


def _within(pairs: Floats, labels: Integers, interviewers: int) -> Floats:
    """Of each shuffle and interviewer, the sum of a matrix over that interviewer's pairs."""
    marks = (labels[:, :, None] == np.arange(interviewers)).astype(np.float64)  # shuffle, row, name
    return np.asarray(np.einsum("snk,snk->sk", pairs @ marks, marks) / 2)
