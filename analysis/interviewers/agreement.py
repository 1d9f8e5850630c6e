"""Agreement of a re-check with the interview, with an exact interval and corrected for chance.

References
----------
.. [1] Clopper & Pearson 1934, Biometrika 26, 404–413.
.. [2] Gwet 2008, Computing inter-rater reliability and its variance in the presence of high
       agreement, British Journal of Mathematical and Statistical Psychology 61, 29–48.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv


@dataclass(frozen=True)
class Agreement:
    """How often a second asking gave the same.

    Parameters
    ----------
    n, agreed : int
    level : float
        Of the interval.
    """

    n: int
    agreed: int
    level: float = 0.95

    @property
    def rate(self) -> float:
        """Share that agreed; NaN where nothing was compared."""
        return self.agreed / self.n if self.n else float("nan")

    @property
    def bounds(self) -> tuple[float, float]:
        """The exact interval [1]_; 0 to 1 where nothing was compared.

        >>> Agreement(n=20, agreed=20).bounds[0].__round__(4)
        0.8316
        """
        tail = (1 - self.level) / 2
        failed = self.n - self.agreed
        lower = betaincinv(self.agreed, failed + 1, tail) if self.agreed else 0.0
        upper = betaincinv(self.agreed + 1, failed, 1 - tail) if failed else 1.0
        return float(lower), float(upper)


def gwet_ac1(table: NDArray[np.float64] | NDArray[np.int64]) -> float:
    """Agreement corrected for chance: Gwet's AC1.

    Parameters
    ----------
    table : array, shape (q, q)
        Counts by the first and the second answer; ``q`` is the number of possible answers.

    Notes
    -----
    (p_a − p_e)/(1 − p_e) with p_e = Σπ(1 − π)/(q − 1), π the mean of an answer's two shares.
    Where nearly everybody answers the same, Cohen's κ calls even 94 % agreement
    poor (below 0 in the example); AC1 does not.

    Examples
    --------
    >>> gwet_ac1(np.array([[118, 5], [2, 0]])).__round__(3)
    0.941
    """
    counts = np.asarray(table, dtype=np.float64)
    total, answers = counts.sum(), len(counts)
    if total == 0 or answers < 2:
        return float("nan")
    share = (counts.sum(0) + counts.sum(1)) / (2 * total)
    by_chance = float((share * (1 - share)).sum()) / (answers - 1)
    return (float(np.trace(counts)) / float(total) - by_chance) / (1 - by_chance)


def cross_table(
    first: Sequence[str], second: Sequence[str], answers: Sequence[str]
) -> NDArray[np.int64]:
    """Count pairs of answers; pairs with an answer that is not listed are left out.

    >>> cross_table(["yes", "yes", "no"], ["yes", "no", "-1"], ["yes", "no"])
    array([[1, 1],
           [0, 0]])
    """
    place = {answer: number for number, answer in enumerate(answers)}
    table = np.zeros((len(answers), len(answers)), dtype=np.int64)
    for one, other in zip(first, second, strict=True):
        if one in place and other in place:
            table[place[one], place[other]] += 1
    return table
