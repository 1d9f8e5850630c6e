"""Columns that are made when they are first read: a draw looks at few of a million addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
    places : array of int, optional
        What of it is meant, in an order of its own; by default all.

    Examples
    --------
    >>> column = Lazy(lambda: "a,b,c".split(","))
    >>> column[1], list(column.taking(np.array([2, 0])))
    ('b', ['c', 'a'])
    """

    def __init__(
        self, make: Callable[[], list[str]], places: NDArray[np.int64] | None = None
    ) -> None:
        self._make = make
        self._places = places

    @cached_property
    def _made(self) -> list[str]:
        return self._make()

    def taking(self, places: NDArray[np.int64]) -> Lazy:
        """Some of it, in an order of their own."""
        own = places if self._places is None else self._places[places]
        return Lazy(lambda: self._made, own)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if self._places is None:
            return self._made[place]
        if isinstance(place, slice):
            return [self._made[at] for at in self._places[place]]
        return self._made[int(self._places[place])]

    def __iter__(self) -> Iterator[str]:
        if self._places is None:
            return iter(self._made)
        return map(self._made.__getitem__, self._places.tolist())

    def __len__(self) -> int:
        return len(self._made) if self._places is None else len(self._places)
