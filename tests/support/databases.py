"""Databases for tests: every test has a fresh one, on SQLite and on PostgreSQL.

As a pytest plugin this module gives ``database`` and ``office`` (each on both engines) and
``sqlite_office``. A migrated database is made once and copied for each test.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

import migrations
from surveys.database import Database
from surveys.keys import Keys
from surveys.office import Office
from tests.support.postgres import Cluster

ENGINES = ("sqlite", "postgresql")
RUN = "MINYI_TEST_RUN"  # a folder that the processes of one test run share
TEMPLATE = "minyi_template"


def pytest_configure(config: pytest.Config) -> None:
    if not _is_worker(config):
        os.environ[RUN] = tempfile.mkdtemp(prefix="minyi-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config):
        run = Path(os.environ.pop(RUN))
        Cluster(run / "postgres").stop()
        shutil.rmtree(run)


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """``sqlite`` and ``postgresql``: a test that asks for it, or for a database, runs on both."""
    name: str = request.param
    return name


@pytest.fixture
def empty_database(
    engine_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Database]:
    """A database without a single table."""
    if engine_name == "sqlite":
        yield from _opened(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    else:
        with _postgres(request.getfixturevalue("postgres_server")) as url:
            yield from _opened(url)


@pytest.fixture
def database(
    engine_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Database]:
    """A migrated database that no other test has seen."""
    if engine_name == "sqlite":
        file = tmp_path / "minyi.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield from _opened(f"sqlite:///{file}")
    else:
        server = request.getfixturevalue("postgres_server")
        with _postgres(server, request.getfixturevalue("postgres_template")) as url:
            yield from _opened(url)


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """An office with a migrated, empty database."""
    return Office(tmp_path, database, Keys.load(tmp_path / "keys"))


@pytest.fixture
def sqlite_office(sqlite_template: Path, tmp_path: Path) -> Iterator[Office]:
    """An office on SQLite alone, for what the engine makes no difference to."""
    shutil.copy(sqlite_template, tmp_path / "minyi.sqlite")
    office = Office.open(tmp_path)
    yield office
    office.database.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy; closing it moved everything from the log into the file."""
    file = tmp_path_factory.mktemp("template") / "minyi.sqlite"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_server() -> sa.URL:
    """A PostgreSQL to make databases on: the one that is named, or one started for this run."""
    if named := os.environ.get("MINYI_TEST_POSTGRES_URL"):
        return sa.make_url(named).set(drivername="postgresql+psycopg")
    cluster = Cluster(Path(os.environ[RUN]) / "postgres")
    _once("server", cluster.start)
    return sa.make_url(cluster.url)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: sa.URL) -> str:
    """The name of a migrated database to copy."""
    name = f"{TEMPLATE}_{Path(os.environ[RUN]).name.rpartition('-')[2]}"

    def make() -> None:
        _ask(postgres_server, f'CREATE DATABASE "{name}"')
        _migrate(_url(postgres_server, name))

    _once("template", make)
    return name


def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.engine.dispose()


def _migrate(url: str) -> None:
    for database in _opened(url):
        migrations.upgrade(database)


@contextmanager
def _postgres(server: sa.URL, template: str = "template1") -> Iterator[str]:
    name = f"minyi_test_{uuid.uuid4().hex}"
    _ask(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _url(server, name)
    _ask(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _ask(server: sa.URL, statement: str) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def _url(server: sa.URL, name: str) -> str:
    return server.set(database=name).render_as_string(hide_password=False)


def _once(what: str, make: Callable[[], None]) -> None:
    """Do something in the first process of the run that needs it; the others wait for it."""
    mark = Path(os.environ[RUN]) / what
    with mark.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not mark.read_text():
            make()
            mark.write_text("done")


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")
