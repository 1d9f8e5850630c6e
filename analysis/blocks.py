"""Work in blocks of rows, whose intermediate results fit into a cache instead of filling memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Places in a list, in the narrowest type that :func:`narrow` allows: never multiply them.
Codes = NDArray[np.signedinteger[Any]]
Floats = NDArray[np.float64]

BLOCK = 1 << 15


def blocks(rows: int, size: int = BLOCK) -> Iterator[slice]:
    """Yield the rows in blocks of a size.

    >>> list(blocks(50_000))
    [slice(0, 32768, None), slice(32768, 50000, None)]
    """
    for start in range(0, rows, size):
        yield slice(start, min(start + size, rows))


def narrow(size: int) -> np.dtype[np.signedinteger[Any]]:
    """Return the narrowest type that holds the places in a list of some size.

    >>> narrow(128), narrow(129)
    (dtype('int8'), dtype('int16'))
    """
    return np.min_scalar_type(-max(size, 1))


def add(sums: Floats, place: Codes, *factors: NDArray[Any]) -> None:
    """Add the product of the factors of each row to the sum at its place."""
    first, *more = factors or (np.ones(len(place)),)
    product = np.array(first, float, copy=True if more else None)  # a single one is only read
    for factor in more:
        product *= factor
    at = place.astype(np.intp, copy=False)
    if len(at) < len(sums) / 4:
        np.add.at(sums, at, product)
    else:  # a pass over all sums costs less than what the simpler loop saves
        sums += np.bincount(at, product, len(sums))


def grouped(place: Codes, size: int, *factors: NDArray[Any]) -> Floats:
    """Sum the product of factors by place; without a factor, count.

    >>> grouped(np.array([0, 2, 0]), 3, np.array([1.0, 2.0, 3.0]), np.array([1, 1, 2]))
    array([7., 0., 2.])
    """
    sums = np.zeros(size)
    for rows in blocks(len(place)):
        add(sums, place[rows], *(factor[rows] for factor in factors))
    return sums
