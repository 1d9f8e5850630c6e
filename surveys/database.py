"""The database: one engine, and the one way to write.

SQLite is opened in WAL mode with ``synchronous=FULL``; every write transaction begins IMMEDIATE
inside a fair queue between processes (a blocking ``flock``), because the default transactions lose
updates silently and bare BEGIN IMMEDIATE lets latecomers starve. PostgreSQL gets statement and lock
timeouts instead.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import select
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session

from surveys.together import Job, Result, Together, Work

ROOM = 512 * 1024  # KiB, taken as needed
POOL = 16  # connections that stay open: more than a process has threads

T = TypeVar("T")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Json = sa.JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(sa.types.TypeDecorator[dt.datetime]):
    """A moment, stored and returned in UTC; a moment without its zone is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: dt.datetime | None,
        dialect: sa.Dialect,  # noqa: ARG002
    ) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(
        self,
        value: dt.datetime | None,
        dialect: sa.Dialect,  # noqa: ARG002
    ) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(DeclarativeBase):
    """What every table of the record is declared on."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {dt.datetime: UtcDateTime, dict[str, Any]: Json, list[str]: Json}  # noqa: RUF012


def now() -> dt.datetime:
    """The present moment, in UTC."""
    return dt.datetime.now(dt.UTC)


class Database:
    """An engine with its ways to read and to write.

    Parameters
    ----------
    url : str
        An SQLAlchemy address, ``sqlite:///…`` or ``postgresql+psycopg://…``.
    """

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgres_engine(self.url)
        self._single, self._writing = _ways(self.engine, is_sqlite=self.is_sqlite)
        self._queue = Path(f"{self.url.database}.queue") if self.is_sqlite else None
        self._mine = threading.local()
        self._together: dict[Callable[..., Any], Together[Any, Any]] = {}

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def read_connection(self) -> Iterator[sa.Connection]:
        """A connection that only reads."""
        with self._single.connect() as connection:
            yield connection

    @contextmanager
    def single_statements(self) -> Iterator[sa.Connection]:
        """A connection on which every statement is a transaction of its own.

        For what one statement does, as saving a page: a transaction around it would cost
        PostgreSQL two trips more. Whoever writes waits for the :meth:`turn` to do so.
        """
        with self._single.connect() as connection:
            yield connection

    @contextmanager
    def write_connection(self) -> Iterator[sa.Connection]:
        """One write transaction: committed at the end, rolled back on an exception."""
        with self.turn(), self._writing.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def joining(self, work: Work[Job, Result]) -> Iterator[Callable[[Job], Result]]:
        """Say that a job is on its way to those who have ``work`` done together.

        The block gets what has it done; see :meth:`surveys.together.Together.joining`.
        """
        self._has_no_turn()  # whoever writes for all would wait for it, and it for them
        together = self._together.get(work)
        if together is None:
            together = self._together.setdefault(work, Together(self.write_connection, work))
        with together.joining() as do:
            yield do

    def write_together(self, work: Work[Job, Result], job: Job) -> Result:
        """Have ``work(connection, jobs)`` done in one write transaction for all who wait for it.

        Returns its result for this job, which is committed then.
        """
        with self.joining(work) as do:
            return do(job)

    @contextmanager
    def schema_connection(self) -> Iterator[sa.Connection]:
        """A write transaction that may rebuild tables.

        SQLite changes a table by copying it, which its foreign keys forbid: they rest meanwhile,
        and the whole database is checked before the commit.
        """
        with self.turn(), self._writing.connect() as connection:
            if not self.is_sqlite:
                with connection.begin():
                    yield connection
                return
            _say(connection, "PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    yield connection
                    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                        raise RuntimeError(f"foreign keys without their row: {broken[:10]}")
            finally:
                _say(connection, "PRAGMA foreign_keys=ON")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """An ORM session that only reads."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """An ORM session in one write transaction; ``session.connection()`` is its connection."""
        with (
            self.write_connection() as connection,
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session
            session.flush()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait in the queue of those who write to the SQLite file, and hold its head."""
        if self._queue is None:
            yield
            return
        self._has_no_turn()  # it would wait for itself, for ever
        handle = os.open(self._queue, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self._mine.held = True
            yield
        finally:
            self._mine.held = False
            os.close(handle)

    def _has_no_turn(self) -> None:
        if getattr(self._mine, "held", False):
            raise RuntimeError("a write transaction inside another of the same thread")


def batches(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Rows to be written a batch at a time, since each becomes several objects on its way."""
    return (rows[start : start + size] for start in range(0, len(rows), size))


@contextmanager
def room_for_many(session: Session) -> Iterator[None]:
    """Let SQLite keep the pages of a big import in memory.

    Keyed hashes fall everywhere in their indexes: with the usual 2 MB nearly every row writes
    pages out and reads others in.
    """
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    usual = session.scalar(sa.text("PRAGMA cache_size"))
    session.execute(sa.text(f"PRAGMA cache_size=-{ROOM}"))
    try:
        yield
    finally:
        session.execute(sa.text(f"PRAGMA cache_size={usual}"))


def insert_or_ignore(connection: sa.Connection, table: Any) -> Any:
    """An INSERT that does nothing where a row already stands, without spoiling the transaction.

    On PostgreSQL a failed INSERT would abort everything done so far; this one does not fail.
    """
    return or_ignore(connection.dialect.name, table)


def or_ignore(dialect: str, table: Any) -> Any:
    """The same for a dialect, to be made once where it is executed often."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()


def _say(connection: sa.Connection, pragma: str) -> None:
    """Speak to SQLite outside any transaction, where alone this pragma has an effect."""
    cursor = connection.connection.cursor()
    cursor.execute(pragma)
    cursor.close()


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url, pool_size=POOL, connect_args={"timeout": 30})

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("minyi_single", False):
            writes = options.get("minyi_writes", False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(url: sa.URL) -> sa.Engine:
    timeouts = "-c statement_timeout=30000 -c lock_timeout=10000 -c timezone=UTC"
    # The kernel notices within a minute that the other end is gone without a word.
    alive = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
    # Every statement by itself, as the pages of residents want it: whoever needs a transaction
    # asks for one, which costs a little each time (see _ways).
    engine = sa.create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=POOL,
        connect_args={"options": timeouts, **alive},
    )

    @sa.event.listens_for(engine, "checkout")
    def _is_alive(connection: Any, _record: Any, _proxy: Any) -> None:
        """Ask a connection how it is only where it has something to say.

        Nothing arrives on an idle connection but its end, as when the server was restarted: a
        look at the socket spares every page the trip that ``pool_pre_ping`` takes.
        """
        if _is_silent(connection.fileno()):
            return
        try:
            connection.execute("SELECT 1")
            connection.rollback()
        except psycopg.OperationalError as error:
            raise sa.exc.DisconnectionError from error  # the pool tries another

    return engine


def _is_silent(socket: int) -> bool:
    """Whether nothing waits to be read, the end included."""
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return not poll.poll(0)


def _ways(engine: sa.Engine, *, is_sqlite: bool) -> tuple[sa.Engine, sa.Engine]:
    """The same engine for single statements, and for transactions that write."""
    if is_sqlite:
        single = engine.execution_options(minyi_single=True)
        return single, engine.execution_options(minyi_writes=True)
    return engine, engine.execution_options(minyi_writes=True, isolation_level="READ COMMITTED")
