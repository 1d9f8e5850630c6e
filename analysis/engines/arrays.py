"""The pass in memory: over arrays, Arrow tables and pandas frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.blocks import Codes, blocks, narrow
from analysis.cells import ROW, Pass
from analysis.columns import Columns
from analysis.engines.checks import refuse_no_rate, refuse_weights
from analysis.engines.rows import Numbers, RowEngine
from analysis.variables import Variable

Floats = NDArray[np.float64]

#: Rows in a block: they are at hand, so a block may be as large as a table of cells.
MANY = 1 << 19


class ArrayEngine(RowEngine):
    """Sums rows held in memory.

    Parameters
    ----------
    data : mapping of str to array-like, pyarrow.Table or pandas.DataFrame
    """

    def __init__(self, data: Any) -> None:
        super().__init__()
        self._base: dict[Variable, bytes] = {}  # who is in it; empty where everyone is
        self.columns = Columns(data)
        self.names = self.columns.names

    @property
    def rows(self) -> int:
        return self.columns.rows

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

    def check_weights(self, columns: Sequence[str]) -> None:
        """Refuse missing, negative and infinite weights."""
        for column in columns:
            if column not in self._weighed:
                refuse_weights(column, self.columns.numbers(column))
                self._weighed.add(column)

    def inside(self, variable: Variable) -> NDArray[np.bool_]:
        """Return which rows are in the base of a variable."""
        return self._factors(variable)[0]

    def numbers(self, column: str) -> Floats:
        return self.columns.numbers(column)

    def _prepare(self, wanted: Pass) -> None:
        if wanted.weight is not None:
            self.check_weights((wanted.weight,))
        for names in (wanted.units, wanted.domains, wanted.classes):
            if names not in self._keys:
                self._known(names, {name: self._codes(name) for name in names})
        for variable in wanted.variables:
            if variable not in self._base:
                r, y, _ = self._factors(variable)
                if variable.statistic == "rate" and variable.codes is None:
                    refuse_no_rate(variable.column, y)
                self._base[variable] = b"" if r.all() else np.packbits(r).tobytes()

    def _base_of(self, variable: Variable) -> bytes:
        return self._base[variable]

    def _codes(self, name: str) -> tuple[Codes, list[Any]]:
        if name == ROW:
            return np.arange(self.rows, dtype=narrow(self.rows)), list(range(self.rows))
        return self.columns.codes(name)

    def _blocks(self, wanted: Pass, factors: Sequence[str]) -> Iterator[tuple[slice, Numbers]]:
        whole: dict[str, NDArray[Any]] = {}
        for i, variable in enumerate(wanted.variables):
            whole[f"r{i}"], whole[f"y{i}"], whole[f"x{i}"] = self._factors(variable)
        if wanted.weight is not None:
            whole["w"] = self.columns.numbers(wanted.weight)
        for rows in blocks(self.rows, MANY):
            yield rows, {name: whole[name][rows] for name in factors}

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
