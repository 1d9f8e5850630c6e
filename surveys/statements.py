"""Statements of the hot paths: SQLAlchemy writes them, once, and the driver carries them out.

For each execution SQLAlchemy works out anew what never changes here (its cache's key, a context,
who listens), and that takes a processor several times what the statement does. What arrives from
five hundred phones at once pays it for every interview.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from surveys.database import Base, or_ignore

Parameters: TypeAlias = Mapping[str, Any]
Row: TypeAlias = tuple[Any, ...]
Convert: TypeAlias = Callable[[Any], Any]


class Statement:
    """One statement, for either database.

    Parameters
    ----------
    write : callable
        From the dialect's name to the statement: a SELECT, or an INSERT or UPDATE that names all
        its values; no lists that expand, and no defaults made in Python.

    Examples
    --------
    >>> double = Statement(lambda dialect: sa.select(sa.bindparam("n", type_=sa.Integer) * 2))
    >>> with sa.create_engine("sqlite://").connect() as connection:
    ...     double.rows(connection, [{"n": 21}]), double.rows(connection, [{"n": 1}, {"n": 2}])
    ([(42,)], [(2,), (4,)])
    """

    def __init__(self, write: Callable[[str], Any]) -> None:
        self._write = write
        self._written: dict[str, _Written] = {}

    def rows(self, connection: sa.Connection, many: Sequence[Parameters]) -> list[Row]:
        """Carry it out once for each of the parameters, in one trip; the rows it returns."""
        (found,) = in_one_trip(connection, (self, many))
        return found

    def row(self, connection: sa.Connection, parameters: Parameters) -> Row | None:
        """Carry it out; the one row that there can be, or None."""
        rows = self._rows(connection, parameters)
        return rows[0] if rows else None

    def _rows(self, connection: sa.Connection, parameters: Parameters) -> list[Row]:
        written = self._for(connection.dialect)
        with _cursor(connection, written) as cursor:
            cursor.execute(written.text, written.bound(parameters))
            return written.fetched(cursor)

    def _for(self, dialect: sa.Dialect) -> _Written:
        if dialect.name not in self._written:
            self._written[dialect.name] = _Written.of(self._write(dialect.name), dialect)
        return self._written[dialect.name]

    def _executions(
        self,
        dialect: sa.Dialect,  # noqa: ARG002
        many: Sequence[Parameters],
    ) -> Sequence[Parameters]:
        """The parameters of each time it is carried out."""
        return many


class Insertion(Statement):
    """An INSERT of every column but the key. PostgreSQL takes all rows in one execution, as JSON.

    Parameters
    ----------
    table : type
    returning : columns
    ignoring : bool
        Nothing happens where a row already stands, and the transaction stays usable.
    """

    def __init__(self, table: type[Base], *returning: Any, ignoring: bool = False) -> None:
        super().__init__(self._insert)
        self._table, self._returning, self._ignoring = table, returning, ignoring

    def _insert(self, dialect: str) -> Any:
        insert = or_ignore(dialect, self._table) if self._ignoring else sa.insert(self._table)
        columns = [one for one in self._table.__table__.columns if not one.primary_key]
        names = [one.name for one in columns]
        if dialect == "postgresql":
            insert = insert.from_select(names, _rows_of_json(columns), include_defaults=False)
        else:
            insert = insert.values(
                {one.name: sa.bindparam(one.name, type_=one.type) for one in columns}
            )
        return insert.returning(*self._returning) if self._returning else insert.inline()

    def _executions(self, dialect: sa.Dialect, many: Sequence[Parameters]) -> Sequence[Parameters]:
        if dialect.name != "postgresql" or not many:
            return many
        return [{"rows": json.dumps(many, ensure_ascii=False, default=_as_json)}]


def in_one_trip(
    connection: sa.Connection, *asked: tuple[Statement, Sequence[Parameters]]
) -> list[list[Row]]:
    """Carry out several statements, each so many times, of which none needs another's rows.

    PostgreSQL gets them all before its first answer is waited for.

    Returns
    -------
    list
        For each statement the rows it returns, in the order of its parameters.
    """
    todo = [(one, one._executions(connection.dialect, many)) for one, many in asked]
    if connection.dialect.name == "sqlite" or sum(len(many) for _, many in todo) < 2:
        return [[row for each in many for row in one._rows(connection, each)] for one, many in todo]
    driver: Any = connection.connection.driver_connection
    with ExitStack() as cursors:
        with driver.pipeline():
            sent: list[list[tuple[_Written, Any]]] = []
            for one, many in todo:
                written = one._for(connection.dialect)
                sent.append([])
                for parameters in many:
                    cursor = cursors.enter_context(_cursor(connection, written))
                    cursor.execute(written.text, written.bound(parameters))
                    sent[-1].append((written, cursor))
        return [
            [row for written, cursor in each for row in written.fetched(cursor)] for each in sent
        ]


def _rows_of_json(columns: Sequence[sa.ColumnElement[Any]]) -> Any:
    """A SELECT of the columns from a parameter ``rows`` that is a JSON array of objects."""
    text = sa.cast(sa.bindparam("rows", type_=sa.Text), postgresql.JSON)
    rows = (
        sa.func.json_to_recordset(text)
        .table_valued(*(sa.column(one.name, one.type) for one in columns))
        .render_derived(name="given", with_types=True)
    )
    return sa.select(*rows.c)


def _as_json(value: object) -> str:
    """How PostgreSQL reads what JSON has no word for."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"{type(value).__name__} has no place in a column")


@dataclass(frozen=True)
class _Written:
    """A statement in the words of one database.

    Parameters
    ----------
    text : str
    names : tuple of str, or None
        Its parameters by place; None where the driver takes them by name.
    constant : mapping
        What stands in the statement itself.
    converted : mapping of name to callable
        How what is not kept as it is given becomes what the driver takes.
    returns : bool
        Whether rows come back.
    read_as : sequence of (int, callable)
        How their columns are read that are not kept as they are meant, by place.
    """

    text: str
    names: tuple[str, ...] | None
    constant: Mapping[str, Any]
    converted: Mapping[str, Convert]
    returns: bool
    read_as: Sequence[tuple[int, Convert]]

    @classmethod
    def of(cls, statement: Any, dialect: sa.Dialect) -> _Written:
        compiled = statement.compile(dialect=dialect)
        binders = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bind in compiled.binds.items()
        }
        columns = list(statement.exported_columns)
        readers = [
            one.type.dialect_impl(dialect).result_processor(dialect, None) for one in columns
        ]
        return cls(
            text=compiled.string,
            names=tuple(compiled.positiontup) if compiled.positional else None,
            constant={name: value for name, value in compiled.params.items() if value is not None},
            converted={name: convert for name, convert in binders.items() if convert},
            returns=bool(columns),
            read_as=[(place, convert) for place, convert in enumerate(readers) if convert],
        )

    def bound(self, parameters: Parameters) -> Any:
        """The parameters of one execution, as the driver takes them."""
        values = {**self.constant, **parameters}
        for name, convert in self.converted.items():
            values[name] = convert(values[name])
        return values if self.names is None else [values[name] for name in self.names]

    def fetched(self, cursor: Any) -> list[Row]:
        """The rows that a cursor has, as they are meant."""
        if not self.returns:
            return []
        rows: list[Row] = cursor.fetchall()
        if not self.read_as:
            return rows
        found = []
        for row in rows:
            values = list(row)
            for place, convert in self.read_as:
                values[place] = convert(values[place])
            found.append(tuple(values))
        return found


@contextmanager
def _cursor(connection: sa.Connection, written: _Written) -> Iterator[Any]:
    """A cursor of the driver. Whoever listens to SQLAlchemy's statements hears of this one, too."""
    driver: Any = connection.connection
    with _errors(connection, written.text), closing(driver.cursor()) as cursor:
        for hear in connection.dispatch.before_cursor_execute:
            hear(connection, cursor, written.text, None, None, False)
        yield cursor


@contextmanager
def _errors(connection: sa.Connection, text: str) -> Iterator[None]:
    """What the driver raises comes as SQLAlchemy's own exceptions."""
    dialect = connection.dialect
    errors: Any = dialect.loaded_dbapi.Error
    try:
        yield
    except errors as error:
        driver: Any = connection.connection
        if dialect.is_disconnect(error, driver.driver_connection, None):
            connection.invalidate(error)
        raise sa.exc.DBAPIError.instance(text, None, error, errors, dialect=dialect) from error
