"""The schema goes up, down and up again, with data in every table, on both engines."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import migrations
from surveys.database import Database
from surveys.tables import metadata

# Columns that take only certain words; any other text will do for the rest.
WORDS = {
    "users.role": "staff",
    "waves.state": "open",
    "waves.kind": "measurement",
    "waves.selection": "kish",
    "responses.stream": "sample",
}
SAMPLES: dict[type, Any] = {
    int: 1,
    float: 0.25,
    bool: True,
    bytes: "密封".encode(),
    dict: {"键": ["值", 1]},
    dt.date: dt.date(2026, 11, 23),
    dt.datetime: dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC),
}


def revisions() -> list[str]:
    """Every revision, the oldest first."""
    with Database("sqlite://").read_connection() as connection:
        scripts = ScriptDirectory.from_config(migrations.configuration(connection))
    return [script.revision for script in scripts.walk_revisions()][::-1]


def tables(connection: sa.Connection) -> list[sa.Table]:
    """The tables that stand there now, each after those it points at."""
    standing = sa.MetaData()
    standing.reflect(connection)
    return [table for table in standing.sorted_tables if table.name != "alembic_version"]


def fill(database: Database) -> dict[str, int]:
    """Put a row into every table that is empty; returns how many rows each has."""
    with database.write_connection() as connection:
        for table in tables(connection):
            if not count(connection, table):
                connection.execute(table.insert(), dict(row(table)))
        return {table.name: count(connection, table) for table in tables(connection)}


def row(table: sa.Table) -> Iterator[tuple[str, Any]]:
    for column in table.columns:
        if column.foreign_keys:
            itself = any(key.column.table is table for key in column.foreign_keys)
            yield column.name, None if itself else 1
        elif isinstance(column.type, sa.JSON):
            yield column.name, SAMPLES[dict]
        elif isinstance(column.type, sa.String):
            yield column.name, WORDS.get(str(column), "文")
        else:
            yield column.name, SAMPLES[column.type.python_type]


def count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_every_revision_goes_up_down_and_up_again_with_data(empty_database: Database) -> None:
    below = "base"
    for revision in revisions():
        migrations.upgrade(empty_database, revision)
        filled = fill(empty_database)
        assert set(filled.values()) == {1}
        migrations.downgrade(empty_database, below)
        migrations.upgrade(empty_database, revision)
        assert fill(empty_database).keys() == filled.keys()
        below = revision


def test_a_database_full_of_data_goes_down_to_nothing(database: Database) -> None:
    assert len(fill(database)) >= 14
    migrations.downgrade(database, "base")
    with database.read_connection() as connection:
        assert tables(connection) == []
    migrations.upgrade(database)
    assert migrations.is_current(database)


def test_the_schema_is_what_the_models_say(database: Database) -> None:
    with database.read_connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_history_is_one_line() -> None:
    numbers = revisions()
    assert numbers == sorted(numbers)
    assert len(numbers) == len(set(numbers))


def host(url: str) -> None:
    """What each of several servers does as it starts."""
    database = Database(url)
    migrations.upgrade(database)
    database.engine.dispose()


def test_hosts_that_start_together_do_not_trip_over_each_other(empty_database: Database) -> None:
    url = empty_database.url.render_as_string(hide_password=False)
    spawn = multiprocessing.get_context("spawn")
    hosts = [spawn.Process(target=host, args=(url,)) for _ in range(3)]
    for process in hosts:
        process.start()
    for process in hosts:
        process.join()
    assert [process.exitcode for process in hosts] == [0, 0, 0]
    assert migrations.is_current(empty_database)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_migration_that_meets_a_lock_gives_up_soon(empty_database: Database) -> None:
    said: list[str] = []

    @sa.event.listens_for(empty_database.engine, "before_cursor_execute")
    def _listen(*heard: Any) -> None:
        said.append(heard[2])

    migrations.upgrade(empty_database)
    assert said.index("SET LOCAL lock_timeout = '5s'") < said.index(
        next(statement for statement in said if "CREATE TABLE areas" in statement)
    )
    assert "SET LOCAL statement_timeout = '300s'" in said
