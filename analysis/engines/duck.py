"""The pass in DuckDB: over a Parquet or CSV file, or over an Arrow table.

Rows stay on disk and need not fit in memory. DuckDB reads the columns that a pass needs, finds who
is in the base, and streams each row's factors. It does not group: a hash table of its groups takes
several times the memory and the time of our cells where nearly every row is a cell of its own.
"""
# ruff: noqa: S608 - statements are put together from quoted names and literals

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analysis.blocks import BLOCK, blocks, narrow
from analysis.cells import ROW, Cells, Pass
from analysis.columns import Columns, factorise
from analysis.engines.checks import refuse_no_rate, refuse_weights
from analysis.engines.rows import Numbers, RowEngine
from analysis.files import MISSING
from analysis.problems import DesignError, unknown_column
from analysis.variables import Variable

Floats = NDArray[np.float64]
Check = tuple[str, Callable[[], object]]  # a condition no row should meet; what to do if one does

#: Casts of whole numbers, by the bytes that hold them.
NARROW = {1: "::TINYINT", 2: "::SMALLINT", 4: "::INTEGER"}


class _UnexpectedError(Exception):
    """A row is not as was guessed."""


class DuckEngine(RowEngine):
    """Sums rows that DuckDB reads.

    Parameters
    ----------
    data : path of a .parquet or .csv file, or pyarrow.Table, or mapping of str to array-like
    memory_limit : str, optional
        Such as ``"1GB"``; by default DuckDB's own.
    """

    def __init__(self, data: Any, memory_limit: str | None = None) -> None:
        super().__init__()
        self.connection = duckdb.connect()
        self.connection.execute("SET enable_progress_bar = false")  # it would go into the output
        self.connection.execute("SET streaming_buffer_size = '4MB'")  # as fast as the usual 10 MB
        if memory_limit is not None:
            self.connection.execute("SET memory_limit = ?", [memory_limit])
        if isinstance(data, (str, Path)):
            self.source = _from_file(Path(data))
        else:
            table = data if isinstance(data, pa.Table) else pa.table(dict(data))
            self.connection.register("respondents", table)
            self.source = "respondents"
        try:
            described = self.connection.execute(f"DESCRIBE SELECT * FROM {self.source}").fetchall()
        except duckdb.Error as error:
            raise DesignError("%(error)s", error=str(error).splitlines()[0]) from None
        self.types: dict[str, str] = {row[0]: row[1] for row in described}
        self.names = list(self.types)
        self._complete: dict[Variable, bool] = {}  # whether everyone is in the base
        self._sure: set[Variable] = set()  # those whose bases and values were seen to be as guessed

    @cached_property
    def rows(self) -> int:
        count: int = self._run(f"SELECT count(*) FROM {self.source}").column(0)[0].as_py()
        return count

    def collapse(self, wanted: Pass) -> Cells:
        """Run the pass; see :class:`~analysis.cells.Pass`.

        What is seen for the first time is checked in the same scan, on the guess that all is well.
        """
        with suppress(_UnexpectedError):
            cells = super().collapse(wanted)
            self._sure |= set(wanted.variables)
            return cells
        self._look_closer(wanted)
        return super().collapse(wanted)

    def check_weights(self, columns: Sequence[str]) -> None:
        """Refuse missing, negative and infinite weights, all columns in one scan."""
        new = [column for column in columns if column not in self._weighed]
        checks: list[Check] = []
        for column in new:
            weight = self._number(column)
            bad = f"{weight} IS NULL OR {weight} < 0 OR isinf({weight}::DOUBLE)"
            checks.append((bad, partial(self._refuse, refuse_weights, column)))
        self._check(checks)
        self._weighed |= set(new)

    def inside(self, variable: Variable) -> NDArray[np.bool_]:
        """Return which rows are in the base of a variable."""
        answered = f"SELECT coalesce({self._base(variable)}, FALSE) FROM {self.source}"
        rows: NDArray[np.bool_] = self._run(answered).column(0).to_numpy()
        return rows

    def numbers(self, column: str) -> Floats:
        chosen = f"SELECT {self._key(column)} FROM {self.source}"
        return Columns(self._run(chosen)).numbers(column)

    def _prepare(self, wanted: Pass) -> None:
        """Read keys and guess who is in the base of what is asked for the first time."""
        new = [variable for variable in wanted.variables if variable not in self._complete]
        for variable in new:
            self._base(variable)  # refuses unknown columns
        apart = [variable for variable in new if variable.base or variable.missing]
        self._check_texts(apart)
        self._complete |= {variable: variable not in apart for variable in new}
        asked = dict.fromkeys((wanted.units, wanted.domains, wanted.classes))
        weight = wanted.weight if wanted.weight not in self._weighed else None
        self._read([names for names in asked if names not in self._keys], weight)

    def _base_of(self, variable: Variable) -> str:
        return "" if self._complete[variable] else self._base(variable)

    def _read(self, keys: Sequence[tuple[str, ...]], weight: str | None) -> None:
        """Read keys, and check a weight in the same scan."""
        columns = list(dict.fromkeys(name for names in keys for name in names))
        chosen = self._narrowed(columns)
        if weight is not None:
            chosen.append(f"({self._number(weight)})::DOUBLE")
        pieces: dict[str, list[Any]] = {name: [] for name in columns}
        statement, odd = f"SELECT {', '.join(chosen)} FROM {self.source}", False
        for batch in self._stream(statement) if chosen else ():
            for name, column in zip(columns, batch.columns, strict=False):
                whole = pa.types.is_integer(column.type) and not column.null_count
                known = column if whole else Columns({name: column}).array(name)
                pieces[name].append(known if whole else known.dictionary_encode())
            odd = odd or (weight is not None and _no_weights(batch.columns[-1]))
        if odd and weight is not None:
            self.check_weights((weight,))
        coded = {name: factorise(_joined(pieces.pop(name))) for name in columns}
        for names in keys:
            self._known(names, coded)
        if weight is not None:
            self._weighed.add(weight)
        pa.default_memory_pool().release_unused()  # the pieces: it would keep them

    def _narrowed(self, columns: Sequence[str]) -> list[str]:
        """Write keys, whole numbers in the narrowest type that holds them."""
        whole = [name for name in columns if self._type(name) in ("BIGINT", "INTEGER")]
        casts: dict[str, str] = {}
        if whole:
            asked = ", ".join(f"min({_quoted(name)}), max({_quoted(name)})" for name in whole)
            bounds = [bound[0].as_py() for bound in self._run(f"SELECT {asked} FROM {self.source}")]
            for name, low, high in zip(whole, bounds[::2], bounds[1::2], strict=True):
                if low is not None:
                    casts[name] = NARROW.get(narrow(max(high + 1, -low)).itemsize, "")
        return [self._key(name) + casts.get(name, "") for name in columns]

    def _check_texts(self, variables: Sequence[Variable]) -> None:
        """Refuse text where numbers are needed."""
        used = {one.denominator for one in variables}
        used |= {one.column for one in variables if one.codes is None}
        texts = sorted(name for name in used if name and self._type(name) == "VARCHAR")
        checks: list[Check] = []
        for name in texts:
            lost = f"{_quoted(name)} IS NOT NULL AND {self._number(name)} IS NULL"
            checks.append((lost, partial(self.numbers, name)))
        self._check(checks)

    def _look_closer(self, wanted: Pass) -> None:
        """Find out what is odd: refuse it, or remember who is not in every base."""
        self._check_texts(wanted.variables)
        checks: list[Check] = []
        for variable in wanted.variables:
            if variable in self._sure:
                continue
            base = self._base(variable)
            if _zero_or_one(variable):
                bad = f"({base}) AND {self._y(variable)} NOT IN (0, 1)"
                checks.append((bad, partial(self._refuse, refuse_no_rate, variable.column)))
            outside = partial(self._complete.update, {variable: False})
            checks.append((f"NOT coalesce({base}, FALSE)", outside))
        self._check(checks)
        self._sure |= set(wanted.variables)

    def _check(self, checks: Sequence[Check]) -> None:
        """Look for rows that meet conditions, all in one scan."""
        if not checks:
            return
        asked = ", ".join(f"bool_or({condition})" for condition, _ in checks)
        found = self._run(f"SELECT {asked} FROM {self.source}").columns
        for (_, do), met in zip(checks, found, strict=True):
            if met[0].as_py():
                do()

    def _refuse(self, refuse: Callable[[str, Floats], None], column: str) -> None:
        refuse(column, self.numbers(column))

    def _blocks(self, wanted: Pass, factors: Sequence[str]) -> Iterator[tuple[slice, Numbers]]:
        unsure = [at for at, one in enumerate(wanted.variables) if one not in self._sure]
        names = dict.fromkeys([*factors, *(f"y{at}" for at in unsure)])
        if not names:
            yield from ((rows, {}) for rows in blocks(self.rows))
            return
        zero_or_one = [_zero_or_one(variable) for variable in wanted.variables]
        chosen = ", ".join(self._factor(name, wanted) for name in names)
        start = 0
        for batch in self._stream(f"SELECT {chosen} FROM {self.source}"):
            columns = dict(zip(names, batch.columns, strict=True))
            numbers = {name: one.to_numpy(zero_copy_only=False) for name, one in columns.items()}
            odd = any(one.null_count for one in columns.values())
            odd |= any(_no_rate(numbers[f"y{at}"]) for at in unsure if zero_or_one[at])
            if odd:
                raise _UnexpectedError
            yield slice(start, start := start + len(batch)), numbers

    def _factor(self, name: str, wanted: Pass) -> str:
        """Write a factor, missing where a guess fails."""
        if name == "w":
            return f"({self._number(wanted.weight or '')})::DOUBLE"
        variable = wanted.variables[int(name[1:])]
        value = "1"
        if name[0] == "y":
            value = self._y(variable)
        elif name[0] == "x" and variable.denominator is not None:
            value = self._number(variable.denominator)
        if self._complete[variable]:
            sure = variable in self._sure
            value = value if sure else f"CASE WHEN {self._base(variable)} THEN {value} END"
        else:
            value = f"CASE WHEN {self._base(variable)} THEN {value} ELSE 0 END"
        return f"({value})::DOUBLE"

    def _run(self, statement: str) -> Any:
        return self.connection.sql(statement).to_arrow_table()

    def _stream(self, statement: str) -> Iterator[Any]:
        """Yield the rows of an answer, in their order, in batches."""
        yield from self.connection.sql(statement).to_arrow_reader(BLOCK)

    def _type(self, column: str) -> str:
        if column == ROW:
            raise DesignError("In a file every row needs a unit of its own: name a psu column.")
        if column not in self.types:
            raise unknown_column(column, self.names)
        return self.types[column]

    def _key(self, column: str) -> str:
        self._type(column)
        return _quoted(column)

    def _number(self, column: str) -> str:
        kind, name = self._type(column), _quoted(column)
        if kind in ("DOUBLE", "FLOAT"):
            return f"nullif({name}, 'NaN'::DOUBLE)"
        if kind == "VARCHAR":
            return f"try_cast({name} AS DOUBLE)"
        return f"{name}::DOUBLE" if kind in ("BOOLEAN",) or kind.startswith("DECIMAL") else name

    def _holds(self, column: str, codes: tuple[str, ...]) -> str:
        kind, name = self._type(column), _quoted(column)
        if kind in ("DOUBLE", "FLOAT"):
            name = f"regexp_replace({name}::VARCHAR, '\\.0$', '')"
        elif kind == "BOOLEAN":
            name = f"if({name}, 'True', 'False')"
        listed = ", ".join("'" + code.replace("'", "''") + "'" for code in codes) or "NULL"
        return f"coalesce({name}::VARCHAR IN ({listed}), FALSE)"

    def _y(self, variable: Variable) -> str:
        if variable.codes is not None:
            return f"{self._holds(variable.column, variable.codes)}::DOUBLE"
        return self._number(variable.column)

    def _base(self, variable: Variable) -> str:
        """The condition of being in the base."""
        parts = [f"{_quoted(variable.column)} IS NOT NULL"]
        if variable.codes is None:
            parts = [f"{self._number(variable.column)} IS NOT NULL"]
        if variable.denominator is not None:
            parts.append(f"{self._number(variable.denominator)} IS NOT NULL")
        if variable.missing:
            parts.append(f"NOT {self._holds(variable.column, variable.missing)}")
        parts += [self._holds(column, codes) for column, codes in variable.base]
        return " AND ".join(parts)


def _from_file(path: Path) -> str:
    literal = "'" + str(path).replace("'", "''") + "'"
    if path.suffix.lower() == ".parquet":
        return f"read_parquet({literal})"
    if path.suffix.lower() == ".csv":
        missing = ", ".join(f"'{text}'" for text in MISSING)
        return f"read_csv({literal}, all_varchar = true, header = true, nullstr = [{missing}])"
    raise DesignError("%(file)s: DuckDB reads .parquet and .csv files.", file=path.name)


def _joined(pieces: list[Any]) -> Any:
    """Join the pieces of a key's column."""
    if not any(pa.types.is_dictionary(piece.type) for piece in pieces):
        return pa.concat_arrays(pieces or [pa.array([], pa.int32())])
    coded = [p if pa.types.is_dictionary(p.type) else p.dictionary_encode() for p in pieces]
    return pa.chunked_array(coded).unify_dictionaries().combine_chunks()


def _no_rate(y: Floats) -> bool:
    return bool(((y != 0) & (y != 1)).any())


def _no_weights(column: Any) -> bool:
    weights = column.to_numpy(zero_copy_only=False)
    return bool(column.null_count or (weights < 0).any() or np.isinf(weights).any())


def _zero_or_one(variable: Variable) -> bool:
    """Whether the column itself must hold 0 and 1."""
    return variable.statistic == "rate" and variable.codes is None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
