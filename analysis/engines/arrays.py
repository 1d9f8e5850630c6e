"""The pass in memory: numpy sums over arrays, Arrow tables and pandas frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.cells import ROW, Algebra, Cells, Key, Moment, Pass, combine
from analysis.columns import Columns
from analysis.engines.checks import refuse_no_rate, refuse_weights
from analysis.variables import Variable

Floats = NDArray[np.float64]


class ArrayEngine:
    """Sums rows held in memory with :func:`numpy.bincount`.

    Parameters
    ----------
    data : mapping of str to array-like, pyarrow.Table or pandas.DataFrame
    """

    def __init__(self, data: Any) -> None:
        self.columns = Columns(data)
        self.names = self.columns.names
        self._keys: dict[tuple[str, ...], tuple[NDArray[np.intp], Key]] = {}
        self._base: dict[Variable, bytes] = {}  # who is in it; empty where everyone is
        self._weighed: set[str] = set()

    def with_columns(self, columns: Mapping[str, Any]) -> ArrayEngine:
        """Return an engine that reads more columns beside its own, and shares what it has read."""
        engine = copy(self)
        engine.columns = self.columns.beside(columns)
        engine.names = engine.columns.names
        engine._keys = {
            names: key for names, key in self._keys.items() if not columns.keys() & names
        }
        engine._base, engine._weighed = {}, self._weighed - columns.keys()
        return engine

    def collapse(self, wanted: Pass) -> Cells:
        """Run the pass; see :class:`~analysis.cells.Pass`."""
        if wanted.weight is not None:
            self.check_weights((wanted.weight,))
        unit, units = self._key(wanted.units)
        domain, domains = self._key(wanted.domains)
        klass, classes = self._key(wanted.classes)
        sizes = [len(units), len(domains), len(classes)]
        cell, index = combine([unit, domain, klass], sizes, self.columns.rows)
        bases = [self._base_of(variable) for variable in wanted.variables]
        first = {base: at for at, base in reversed(list(enumerate(bases)))}
        algebra = Algebra(
            wanted.variables, tuple(not base for base in bases), tuple(first[b] for b in bases)
        )
        sums = self._sums(wanted, algebra, cell, len(index))
        return Cells(index[:, 0], index[:, 1], index[:, 2], units, domains, classes, sums, algebra)

    def check_weights(self, columns: Sequence[str]) -> None:
        """Refuse missing, negative and infinite weights."""
        for column in columns:
            if column not in self._weighed:
                refuse_weights(column, self.columns.numbers(column))
                self._weighed.add(column)

    def _base_of(self, variable: Variable) -> bytes:
        if variable not in self._base:
            r, y, _ = self._factors(variable)
            if variable.statistic == "rate" and variable.codes is None:
                refuse_no_rate(variable.column, y)
            self._base[variable] = b"" if r.all() else np.packbits(r).tobytes()
        return self._base[variable]

    def inside(self, variable: Variable) -> NDArray[np.bool_]:
        """Return which rows are in the base of a variable."""
        return self._factors(variable)[0]

    def places(self, columns: tuple[str, ...]) -> NDArray[np.intp]:
        return self._key(columns)[0]

    def numbers(self, column: str) -> Floats:
        return self.columns.numbers(column)

    def _key(self, names: tuple[str, ...]) -> tuple[NDArray[np.intp], Key]:
        if names not in self._keys:
            rows = self.columns.rows
            coded = [
                (np.arange(rows), range(rows)) if name == ROW else self.columns.codes(name)
                for name in names
            ]
            codes, index = combine(
                [codes for codes, _ in coded], [len(levels) for _, levels in coded], rows
            )
            self._keys[names] = codes, Key(names, tuple(list(lev) for _, lev in coded), index)
        return self._keys[names]

    def _sums(
        self, wanted: Pass, algebra: Algebra, cell: NDArray[np.intp], cells: int
    ) -> dict[Moment, Floats]:
        factors: dict[str, NDArray[Any]] = {}
        for i, variable in enumerate(wanted.variables):
            factors[f"r{i}"], factors[f"y{i}"], factors[f"x{i}"] = self._factors(variable)
        powers: dict[int, list[NDArray[Any]]] = {0: [], 1: [], 2: []}
        if wanted.weight is not None:
            weight = self.columns.numbers(wanted.weight)
            powers = {0: [], 1: [weight], 2: [weight * weight]}
        held = np.empty(len(cell))  # one product at a time: new memory costs more than multiplying
        sums = {}
        for power, named in algebra.moments(wanted.moments):
            terms = [*powers[power], *(factors[name] for name in named)]
            product = (
                reduce(lambda one, other: np.multiply(one, other, out=held), terms)
                if terms
                else None
            )
            sums[power, named] = np.bincount(cell, product, cells).astype(float, copy=False)
        return sums

    def _factors(self, variable: Variable) -> tuple[NDArray[np.bool_], Floats, Floats]:
        """Return r, y and x of each row; y and x are 0 outside the base."""
        columns, below = self.columns, variable.denominator
        if variable.codes is None and not (variable.missing or variable.base):
            y_whole: Any = columns.whole(variable.column)
            x_whole: Any = None if below is None else columns.whole(below)
            if y_whole is not None and (below is None or x_whole is not None):
                everyone: Any = np.broadcast_to(np.array(True), columns.rows)
                return everyone, y_whole, everyone if below is None else x_whole
        if variable.codes is None:
            y = columns.numbers(variable.column)
            base = ~np.isnan(y)
        else:
            y = columns.matches(variable.column, variable.codes).astype(float)
            base = columns.array(variable.column).is_valid().to_numpy(zero_copy_only=False)
        x: Any = base
        if variable.denominator is not None:
            x = columns.numbers(variable.denominator)
            base = base & ~np.isnan(x)
        if variable.missing:
            base = base & ~columns.matches(variable.column, variable.missing)
        for column, codes in variable.base:
            base = base & columns.matches(column, codes)
        if not base.all():
            y = np.where(base, y, 0.0)
            x = base if variable.denominator is None else np.where(base, x, 0.0)
        return base, y, x
