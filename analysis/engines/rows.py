"""What all engines share: the cell of every row is found first, then rows are summed in blocks.

Of each row only its places stay in memory: that of its unit, of its domain, and of its cell. Its
numbers come and go with its block, so the work weighs as much as the cells, however many rows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.blocks import Codes, add
from analysis.cells import Algebra, Cells, Key, Pass, combine
from analysis.variables import Variable

Floats = NDArray[np.float64]
Numbers = Mapping[str, NDArray[Any]]


class RowEngine(ABC):
    """Carries out a pass over what an engine reads of the rows."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, ...], tuple[Codes, Key]] = {}
        self._weighed: set[str] = set()  # columns known to hold weights

    def collapse(self, wanted: Pass) -> Cells:
        """Run the pass; see :class:`~analysis.cells.Pass`."""
        self._prepare(wanted)
        asked = (wanted.units, wanted.domains, wanted.classes)
        known = [self._keys[names] for names in asked]
        units, domains, classes = (key for _, key in known)
        cell, index = combine(
            [codes for codes, _ in known], [len(key) for _, key in known], self.rows
        )
        bases = [self._base_of(variable) for variable in wanted.variables]
        first = {base: at for at, base in reversed(list(enumerate(bases)))}
        algebra = Algebra(
            wanted.variables, tuple(not base for base in bases), tuple(first[b] for b in bases)
        )
        moments = algebra.moments(wanted.moments)
        sums = {moment: np.zeros(len(index)) for moment in moments}
        named = {name for _, names in moments for name in names}
        if wanted.weight is not None and any(power for power, _ in moments):
            named.add("w")
        for rows, numbers in self._blocks(wanted, sorted(named)):
            at = cell[rows].astype(np.intp)
            for (power, names), into in sums.items():
                weight = ["w"] * power if wanted.weight is not None else []
                add(into, at, *(numbers[name] for name in (*weight, *names)))
        unit, domain, klass = index.T
        return Cells(unit, domain, klass, units, domains, classes, sums, algebra)

    def places(self, columns: tuple[str, ...]) -> NDArray[np.intp]:
        """Return each row's place among the combinations of some columns, as in a pass's key."""
        self._prepare(Pass(columns))
        return self._keys[columns][0].astype(np.intp, copy=False)

    @property
    @abstractmethod
    def rows(self) -> int:
        """How many rows there are."""

    @abstractmethod
    def _prepare(self, wanted: Pass) -> None:
        """Read and check what a pass needs to know of the columns beforehand."""

    @abstractmethod
    def _base_of(self, variable: Variable) -> bytes | str:
        """Return what tells a base from others; nothing where everyone is in it."""

    @abstractmethod
    def _blocks(self, wanted: Pass, factors: Sequence[str]) -> Iterator[tuple[slice, Numbers]]:
        """Yield the factors of all rows, block by block in their order; ``w`` is the weight."""

    def _known(self, names: tuple[str, ...], coded: Mapping[str, tuple[Codes, list[Any]]]) -> None:
        """Remember the key of some columns."""
        of_names = [coded[name] for name in names]
        sizes = [len(levels) for _, levels in of_names]
        codes, index = combine([codes for codes, _ in of_names], sizes, self.rows)
        self._keys[names] = codes, Key(names, tuple(levels for _, levels in of_names), index)
