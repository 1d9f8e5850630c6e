"""Columns of text as numbers: the answers of a wave are few, and said by many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analysis.cells import combine
from analysis.columns import factorise


@dataclass(frozen=True)
class Coded:
    """A column by its distinct texts.

    Parameters
    ----------
    place : array of int, shape (rows,)
        Where each row's text stands among the distinct ones.
    distinct : list of (str or None)
        In alphabetical order; a missing one last, as None.
    """

    place: npt.NDArray[np.intp]
    distinct: list[str | None]

    def among(self, codes: Sequence[str]) -> npt.NDArray[np.intp]:
        """Each row's place among some codes; how many there are, where it holds none of them.

        >>> coded(pa.array(["yes", None, "no"])).among(["no", "yes"])
        array([1, 2, 0])
        """
        at = {code: place for place, code in enumerate(codes)}
        known = [at.get(text or "", len(codes)) for text in self.distinct]
        return np.array(known, np.intp)[self.place]

    def holding(self, codes: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which rows hold one of some codes."""
        return np.array([text in codes for text in self.distinct], bool)[self.place]

    def texts(self) -> npt.NDArray[np.str_]:
        """The text of each row; empty where one is missing."""
        return np.array([*(text or "" for text in self.distinct), ""], str)[self.place]


def crossed(columns: Sequence[Coded]) -> tuple[list[Any], npt.NDArray[np.intp]]:
    """The combinations that occur of some columns, and each row's place among them.

    >>> crossed([coded(pa.array(["b", "a", "b"])), coded(pa.array(["x", "y", "x"]))])
    ([('a', 'y'), ('b', 'x')], array([1, 0, 1]))
    """
    sizes = [len(one.distinct) for one in columns]
    codes, index = combine([one.place for one in columns], sizes, len(columns[0].place))
    texts = [[one.distinct[at] for one, at in zip(columns, row, strict=True)] for row in index]
    return [tuple(row) for row in texts], codes


def coded(column: pa.Array | pa.ChunkedArray) -> Coded:
    """Code a column of text.

    >>> coded(pa.array(["yes", None, "no", "yes"]))
    Coded(place=array([1, 2, 0, 1]), distinct=['no', 'yes', None])
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    place, distinct = factorise(column)
    return Coded(place.astype(np.intp), distinct)
