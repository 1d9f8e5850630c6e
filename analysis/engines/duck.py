"""The pass in DuckDB: one GROUP BY over a Parquet or CSV file, or over an Arrow table.

Rows stay on disk and need not fit in memory; only the cells come back. The statement is plain SQL
written from the same :class:`~analysis.cells.Pass` that numpy carries out.
"""
# ruff: noqa: S608 - statements are put together from quoted names and literals

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analysis.cells import ROW, Algebra, Cells, Key, Moment, Pass, combine
from analysis.columns import Columns, factorise
from analysis.engines.checks import refuse_no_rate, refuse_weights
from analysis.files import MISSING
from analysis.problems import DesignError, unknown_column
from analysis.variables import Variable

Floats = NDArray[np.float64]


class DuckEngine:
    """Sums rows with DuckDB.

    Parameters
    ----------
    data : path of a .parquet or .csv file, or pyarrow.Table, or mapping of str to array-like
    memory_limit : str, optional
        Such as ``"1GB"``; by default DuckDB's own.
    """

    def __init__(self, data: Any, memory_limit: str | None = None) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET enable_progress_bar = false")  # it would go into the output
        if memory_limit is not None:
            self.connection.execute("SET memory_limit = ?", [memory_limit])
        self._nulls: dict[str, int] = {}  # missing values, where that is known without a scan
        if isinstance(data, (str, Path)):
            self.source = _from_file(Path(data))
        else:
            table = data if isinstance(data, pa.Table) else pa.table(dict(data))
            self._nulls = {name: table.column(name).null_count for name in table.column_names}
            self.connection.register("respondents", table)
            self.source = "respondents"
        try:
            described = self.connection.execute(f"DESCRIBE SELECT * FROM {self.source}").fetchall()
        except duckdb.Error as error:
            raise DesignError("%(error)s", error=str(error).splitlines()[0]) from None
        self.types: dict[str, str] = {row[0]: row[1] for row in described}
        self.names = list(self.types)
        if self.source.startswith("read_parquet"):
            self._nulls = self._nulls_of_parquet()
        self._complete: dict[Variable, bool] = {}  # of variables seen before
        self._weighed: set[str | None] = {None}  # columns known to hold weights
        self._numeric: set[str] = set()  # columns of text known to hold numbers

    def collapse(self, wanted: Pass) -> Cells:
        """Run the pass; see :class:`~analysis.cells.Pass`.

        What is seen for the first time is checked in the same scan, on the guess that all is well.
        """
        guess = tuple(self._guessed(variable) for variable in wanted.variables)
        algebra = Algebra(wanted.variables, guess)
        moments = algebra.moments(wanted.moments)
        keys = list(dict.fromkeys([*wanted.units, *wanted.domains, *wanted.classes]))
        sums = [self._sum(moment, wanted, algebra) for moment in moments]
        odd = self._odd(wanted, guess)
        chosen = [*map(self._key, keys), *sums, *odd] or ["count(*)"]
        statement = f"SELECT {', '.join(chosen)} FROM {self.source}"
        if keys:
            statement += f" GROUP BY {', '.join(str(place + 1) for place in range(len(keys)))}"
        table = self._run(statement)
        if odd and pc.sum(table.column(table.num_columns - 1)).as_py():
            self._look_closer(wanted)
            return self.collapse(wanted)
        self._complete |= dict(zip(wanted.variables, guess, strict=True))
        self._weighed |= {wanted.weight}
        coded = {name: factorise(_whole(table.column(at))) for at, name in enumerate(keys)}
        rows = table.num_rows
        parts = [_combined(names, coded, rows) for names in
                 (wanted.units, wanted.domains, wanted.classes)]  # fmt: skip
        found = {moment: _sums(table.column(len(keys) + at)) for at, moment in enumerate(moments)}
        (unit, units), (domain, domains), (klass, classes) = parts
        return Cells(unit, domain, klass, units, domains, classes, found, algebra)

    def check_weights(self, columns: Sequence[str]) -> None:
        """Refuse missing, negative and infinite weights, all columns in one scan."""
        new = [column for column in columns if column not in self._weighed]
        if not new:
            return
        bad = ", ".join(f"count(*) FILTER ({self._no_weight(column)})" for column in new)
        counts = self._run(f"SELECT {bad} FROM {self.source}").columns
        for column, count in zip(new, counts, strict=True):
            if count[0].as_py():
                refuse_weights(column, self.numbers(column))
        self._weighed |= set(new)

    def _guessed(self, variable: Variable) -> bool:
        """Say, or guess, whether everyone is in the base of a variable."""
        known = self._complete.get(variable)
        if known is not None:
            return known
        columns = (variable.column, variable.denominator or variable.column)
        for column in columns:
            self._type(column)
        return not (variable.base or variable.missing or any(map(self._nulls.get, columns)))

    def _odd(self, wanted: Pass, guess: Sequence[bool]) -> list[str]:
        """Count the rows against which a guess or a column's first use fails."""
        conditions = []
        for variable, complete in zip(wanted.variables, guess, strict=True):
            if variable in self._complete:
                continue
            base = self._base(variable)
            if complete:
                conditions.append(f"NOT coalesce({base}, FALSE)")
            if _zero_or_one(variable):
                conditions.append(f"(({base}) AND {self._y(variable)} NOT IN (0, 1))")
        if wanted.weight is not None and wanted.weight not in self._weighed:
            conditions.append(f"({self._no_weight(wanted.weight)})")
        return [f"count(*) FILTER ({' OR '.join(conditions)})"] if conditions else []

    def _look_closer(self, wanted: Pass) -> None:
        """Find out what is odd: refuse it, or remember who is not in every base."""
        if wanted.weight is not None:
            self.check_weights((wanted.weight,))
        new = [variable for variable in wanted.variables if variable not in self._complete]
        asked = []
        for variable in new:
            base = self._base(variable)
            bad = f"({base}) AND {self._y(variable)} NOT IN (0, 1)"
            asked.append(f"count(*) FILTER (NOT coalesce({base}, FALSE))")
            asked.append(f"count(*) FILTER ({bad if _zero_or_one(variable) else 'FALSE'})")
        if not new:
            return
        counts = self._run(f"SELECT {', '.join(asked)} FROM {self.source}").columns
        for place, variable in enumerate(new):
            outside, bad_ones = (counts[2 * place + at][0].as_py() for at in (0, 1))
            if bad_ones:
                refuse_no_rate(variable.column, self.numbers(variable.column))
            self._complete[variable] = not outside

    def _no_weight(self, column: str) -> str:
        weight = self._number(column)
        return f"{weight} IS NULL OR {weight} < 0 OR isinf({weight}::DOUBLE)"

    def inside(self, variable: Variable) -> NDArray[np.bool_]:
        """Return which rows are in the base of a variable."""
        answered = f"SELECT coalesce({self._base(variable)}, FALSE) FROM {self.source}"
        rows: NDArray[np.bool_] = self._run(answered).column(0).to_numpy()
        return rows

    def places(self, columns: tuple[str, ...]) -> NDArray[np.intp]:
        rows = self._rows(columns)
        coded = {name: rows.codes(name) for name in columns}
        return _combined(columns, coded, rows.rows)[0]

    def numbers(self, column: str) -> Floats:
        return self._rows((column,)).numbers(column)

    def _rows(self, columns: tuple[str, ...]) -> Columns:
        chosen = ", ".join(map(self._key, columns)) or "1 AS one"
        return Columns(self._run(f"SELECT {chosen} FROM {self.source}"))

    def _nulls_of_parquet(self) -> dict[str, int]:
        """Read from the file's footer how many values each column lacks."""
        footer = self.source.replace("read_parquet", "parquet_metadata", 1)
        told = self.connection.execute(
            f"SELECT path_in_schema, sum(stats_null_count) FROM {footer} GROUP BY 1"
        ).fetchall()
        return {column: int(count) for column, count in told if count is not None}

    def _run(self, statement: str) -> Any:
        try:
            return self.connection.sql(statement).to_arrow_table()
        except duckdb.ConversionException as error:
            raise DesignError("%(error)s", error=str(error).splitlines()[0]) from None

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
            if (
                column not in self._numeric
                and self._run(
                    f"SELECT count(*) FROM {self.source} "
                    f"WHERE {name} IS NOT NULL AND try_cast({name} AS DOUBLE) IS NULL"
                )
                .column(0)[0]
                .as_py()
            ):
                self.numbers(column)  # refuses, naming the rows
            self._numeric.add(column)
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

    def _sum(self, moment: Moment, wanted: Pass, algebra: Algebra) -> str:
        power, named = moment
        terms = [] if wanted.weight is None else [self._number(wanted.weight)] * power
        inside: list[str] = []
        for name in named:
            place = int(name[1:])
            variable = wanted.variables[place]
            if name[0] == "y":
                terms.append(self._y(variable))
            elif name[0] == "x" and variable.denominator is not None:
                terms.append(self._number(variable.denominator))
            if not algebra.complete[place]:
                inside.append(self._base(variable))
        only = f" FILTER ({' AND '.join(dict.fromkeys(inside))})" if inside else ""
        return f"sum({' * '.join(terms)}){only}::DOUBLE" if terms else f"count(*){only}::DOUBLE"


def _zero_or_one(variable: Variable) -> bool:
    """Whether the column itself must hold 0 and 1."""
    return variable.statistic == "rate" and variable.codes is None


def _from_file(path: Path) -> str:
    literal = "'" + str(path).replace("'", "''") + "'"
    if path.suffix.lower() == ".parquet":
        return f"read_parquet({literal})"
    if path.suffix.lower() == ".csv":
        missing = ", ".join(f"'{text}'" for text in MISSING)
        return f"read_csv({literal}, all_varchar = true, header = true, nullstr = [{missing}])"
    raise DesignError("%(file)s: DuckDB reads .parquet and .csv files.", file=path.name)


def _combined(
    names: tuple[str, ...], coded: dict[str, tuple[NDArray[np.intp], list[Any]]], rows: int
) -> tuple[NDArray[np.intp], Key]:
    codes, index = combine(
        [coded[name][0] for name in names], [len(coded[name][1]) for name in names], rows
    )
    return codes, Key(names, tuple(coded[name][1] for name in names), index)


def _sums(column: Any) -> Floats:
    """Return the sums of a column; where nobody was in the base there is none, so 0."""
    sums: Floats = column.to_numpy(zero_copy_only=False)
    return np.nan_to_num(sums) if column.null_count else sums


def _whole(column: Any) -> Any:
    return Columns({"column": column}).array("column")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
