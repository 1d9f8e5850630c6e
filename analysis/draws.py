"""Draws: which units a seed picks. A draw repeats its seed, so that anyone can replay it.

The stream of random numbers is that of the bit generator PCG64 alone, whose raw output NumPy
promises never to change [1]_; nothing here calls a method that a later NumPy may do otherwise.

References
----------
.. [1] NEP 19, Random number generator policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.problems import DesignError
from analysis.selection import systematic

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Draw:
    """What was drawn.

    Parameters
    ----------
    method : str
        How.
    seed : int
        What replays it.
    population : int
        N, the units on the list.
    indices : array of int, shape (n,)
        Places of the drawn units on the list, from 0, rising.
    probabilities : array, shape (n,)
        Their inclusion probabilities π; a unit's base weight is 1/π.
    """

    method: str
    seed: int
    population: int
    indices: Places
    probabilities: Floats

    def __post_init__(self) -> None:
        self.indices.setflags(write=False)
        self.probabilities.setflags(write=False)

    def __len__(self) -> int:
        return len(self.indices)


class Uniforms:
    """Random numbers evenly from [0, 1), the same for the same seed wherever and whenever.

    Parameters
    ----------
    seed : int
        0 or more.

    Examples
    --------
    They are those of NumPy's generator today:

    >>> bool(Uniforms(7).take(3).tolist() == np.random.default_rng(7).random(3).tolist())
    True
    """

    def __init__(self, seed: int) -> None:
        if seed < 0 or seed != int(seed):
            raise DesignError("A seed is a whole number of 0 or more, not %(found)s.", found=seed)
        self._bits = np.random.PCG64(int(seed))

    def take(self, count: int) -> Floats:
        """Return the next ``count`` numbers: the upper 53 bits of each raw 64."""
        return np.asarray((self._bits.random_raw(count) >> np.uint64(11)) * 2.0**-53)


def draw_simple(population: int, size: int, seed: int) -> Draw:
    """Draw a simple random sample without replacement: every set of n is equally likely.

    Each unit gets a random number and the n smallest are drawn; a larger sample of the same seed
    contains the smaller one, so that a reserve only adds.

    Parameters
    ----------
    population, size : int
        N and n.
    seed : int

    Raises
    ------
    DesignError
        Where the size is negative or above the population.

    Examples
    --------
    >>> draw = draw_simple(1000, 3, seed=1)
    >>> draw.indices, draw.probabilities
    (array([323, 458, 622]), array([0.003, 0.003, 0.003]))
    """
    check_size(population, size)
    numbers = Uniforms(seed).take(population)
    if size < population:
        picked = np.sort(np.argpartition(numbers, size)[:size])
    else:
        picked = np.arange(population)
    return Draw("simple", seed, population, picked, _even(population, size))


def draw_systematic(
    population: int, size: int, seed: int, *, order: Sequence[ArrayLike] = ()
) -> Draw:
    """Draw at even distances from a random start, so that the order of the list spreads the sample.

    The interval N/n need not be whole: see :func:`analysis.selection.systematic`.

    Parameters
    ----------
    population, size : int
        N and n.
    seed : int
    order : sequence of array-like, each of shape (N,)
        Columns to order the list by (the first, then the second, …) before drawing: implicit
        strata. Without it the list's own order counts.

    Raises
    ------
    DesignError
        Where the size is negative or above the population, or a column is not as long as it.

    Examples
    --------
    >>> draw_systematic(10, 4, seed=1).indices
    array([1, 3, 6, 8])
    >>> building = np.array(["b", "a", "b", "a"])
    >>> draw_systematic(4, 2, seed=1, order=[building]).indices  # one in each building
    array([2, 3])
    """
    check_size(population, size)
    start = int(Uniforms(seed).take(1)[0] * population)
    places = np.array(systematic(population, size, start), np.int64)
    picked = np.sort(in_order(population, order)[places])
    return Draw("systematic", seed, population, picked, _even(population, size))


def in_order(population: int, order: Sequence[ArrayLike]) -> Places:
    """Return the places of the list, sorted by columns; equal ones stay in their order.

    >>> in_order(3, [["b", "a", "a"], [1, 2, 1]])
    array([2, 1, 0])
    """
    columns = [np.asarray(column) for column in order]
    if any(column.shape != (population,) for column in columns):
        raise DesignError("Each column to order by must have %(rows)d rows.", rows=population)
    return np.lexsort(columns[::-1]) if columns else np.arange(population)


def check_size(population: int, size: int) -> None:
    """Refuse a sample that cannot be."""
    if not 0 <= size <= population:
        raise DesignError(
            "%(size)d units cannot be drawn from %(population)d.", size=size, population=population
        )


def _even(population: int, size: int) -> Floats:
    return np.full(size, size / max(population, 1))
