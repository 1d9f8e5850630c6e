"""The one way to write, on both engines."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from surveys import people
from surveys.areas import Area
from surveys.audit import AuditEntry
from surveys.database import Database, insert_or_ignore
from surveys.people import User

ROUNDS = 25
on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


def someone(database: Database) -> int:
    with database.write() as session:
        return people.add_user(session, "wang", "staff", actor="test")[0].id


def count_up(url: str, user_id: int) -> None:
    """What a process of its own does: read a number, write it back one higher."""
    database = Database(url)
    for _ in range(ROUNDS):
        with database.write() as session:
            session.get_one(User, user_id, with_for_update=True).epoch += 1
    database.engine.dispose()


def test_four_processes_that_read_then_update_lose_nothing(database: Database) -> None:
    user_id = someone(database)
    url = database.url.render_as_string(hide_password=False)
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=count_up, args=(url, user_id)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    with database.read() as session:
        assert session.get_one(User, user_id).epoch == 1 + 4 * ROUNDS


def test_those_who_write_wait_for_their_turn(database: Database) -> None:
    def act(number: int) -> None:
        with database.write() as session:
            session.add(AuditEntry(actor="test", action="wait", subject=str(number)))
            session.flush()
            time.sleep(0.05)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(8)))
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 8


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as writer:
        writer.add(Area(code="a", level="city", name_zh="甲"))
        writer.flush()
        with database.read() as reader:
            assert reader.scalars(sa.select(Area)).all() == []


def test_an_exception_takes_the_whole_transaction_back(database: Database) -> None:
    def fail_late() -> None:
        with database.write() as session:
            session.add(Area(code="a", level="city", name_zh="甲"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_late()
    with database.read() as session:
        assert session.scalars(sa.select(Area)).all() == []


def test_a_row_that_stands_already_leaves_the_transaction_usable(database: Database) -> None:
    row = {"code": "a", "level": "city", "name_zh": "甲"}
    with database.write_connection() as connection:
        first = connection.scalar(insert_or_ignore(connection, Area).returning(Area.id), row)
        again = connection.scalar(insert_or_ignore(connection, Area).returning(Area.id), row)
        connection.execute(sa.insert(Area), {**row, "code": "b"})
    assert first is not None
    assert again is None
    with database.read() as session:
        assert session.scalars(sa.select(Area.code).order_by(Area.code)).all() == ["a", "b"]


def test_a_row_needs_the_row_it_points_at(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(Area(code="a", level="grid", name_zh="甲", parent_id=99))


def test_a_moment_is_kept_in_utc(database: Database) -> None:
    beijing = dt.timezone(dt.timedelta(hours=8))
    at = dt.datetime(2026, 11, 23, 8, 0, tzinfo=beijing)
    with database.write() as session:
        session.add(AuditEntry(actor="a", action="b", subject="c", at=at))
    with database.read() as session:
        read = session.scalars(sa.select(AuditEntry.at)).one()
    assert read == at
    assert read.tzinfo is dt.UTC


def test_a_moment_without_its_zone_is_refused(database: Database) -> None:
    noon = dt.datetime(2026, 11, 23, 12, 0)
    with pytest.raises(StatementError, match="no time zone"), database.write() as session:
        session.add(AuditEntry(actor="a", action="b", subject="c", at=noon))


@on_sqlite
def test_what_was_acknowledged_survives_a_power_cut(database: Database) -> None:
    with database.read_connection() as connection:
        asked = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert asked == ["wal", 2, 1]


@on_sqlite
def test_a_write_inside_a_write_is_an_error_and_no_deadlock(database: Database) -> None:
    with (
        database.write(),
        pytest.raises(RuntimeError, match="inside another"),
        database.write(),
    ):
        pass
    with database.write() as session:  # and the queue is free again
        session.add(Area(code="a", level="city", name_zh="甲"))


@on_sqlite
def test_a_table_is_rebuilt_without_losing_what_points_at_it(database: Database) -> None:
    family(database)
    with database.schema_connection() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("areas", recreate="always") as table:
            table.alter_column("name_zh", type_=sa.String(200))
    with database.read() as session:
        assert session.scalars(sa.select(Area.code).order_by(Area.code)).all() == ["a", "b"]
        assert session.connection().exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@on_sqlite
def test_a_rebuild_that_breaks_a_reference_is_taken_back(database: Database) -> None:
    family(database)
    with (
        pytest.raises(RuntimeError, match="areas"),
        database.schema_connection() as connection,
    ):
        connection.exec_driver_sql("DELETE FROM areas WHERE code = 'a'")
    with database.read() as session:
        assert session.scalars(sa.select(Area.code).order_by(Area.code)).all() == ["a", "b"]


@on_postgresql
def test_postgresql_does_not_wait_for_ever(database: Database) -> None:
    with database.read_connection() as connection:
        asked = [
            connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in ("statement_timeout", "lock_timeout", "TimeZone")
        ]
    assert asked == ["30s", "10s", "UTC"]


@on_postgresql
def test_connections_that_the_server_dropped_trouble_nobody(database: Database) -> None:
    someone(database)
    with database.read_connection() as one, database.read_connection() as other:
        idle = {c.scalar(sa.text("SELECT pg_backend_pid()")) for c in (one, other)}
    another = Database(database.url.render_as_string(hide_password=False))
    with another.read_connection() as connection:
        for pid in idle:
            connection.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    another.engine.dispose()
    with database.write() as session:
        session.add(AuditEntry(actor="test", action="go on", subject=""))
    with database.read_connection() as connection:
        assert connection.scalar(sa.text("SELECT pg_backend_pid()")) not in idle
        assert connection.scalar(sa.select(sa.func.count()).where(AuditEntry.action == "go on"))


def test_a_single_statement_is_there_at_once_and_stays(database: Database) -> None:
    row = {"code": "a", "level": "city", "name_zh": "甲"}
    with database.single_statements() as connection, database.turn():
        connection.execute(sa.insert(Area), row)
        with database.read() as session:
            assert session.scalars(sa.select(Area.code)).all() == ["a"]
        connection.rollback()  # there is nothing to take back
    with database.read() as session:
        assert session.scalars(sa.select(Area.code)).all() == ["a"]


def family(database: Database) -> None:
    with database.write() as session:
        above = Area(code="a", level="city", name_zh="甲")
        session.add(Area(code="b", level="grid", name_zh="乙", parent=above))


def test_a_session_and_its_connection_are_one_transaction(database: Database) -> None:
    with database.write() as session:
        row = {"code": "a", "level": "city", "name_zh": "甲"}
        session.connection().execute(sa.insert(Area), row)
        assert isinstance(session, Session)
        assert session.scalars(sa.select(Area.code)).all() == ["a"]
