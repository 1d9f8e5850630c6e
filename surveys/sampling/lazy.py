"""Columns that are made when they are first read: a draw looks at few of a million addresses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray


class Lazy(Sequence[str]):
    """A column of text.

    Parameters
    ----------
    make : callable
        Gives the column.

    Examples
    --------
    >>> column = Lazy(lambda: "a,b,c".split(","))
    >>> column[1], list(column.taking(np.array([2, 0])))
    ('b', ['c', 'a'])
    """

    def __init__(self, make: Callable[[], list[str]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> list[str]:
        return self._make()

    def taking(self, places: NDArray[np.int64]) -> Lazy:
        """Some of it, in an order of their own."""
        return Lazy(lambda: [self._made[place] for place in places.tolist()])

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        return self._made[place]

    def __len__(self) -> int:
        return len(self._made)
