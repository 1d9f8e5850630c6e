"""Staff at their desks, with a wave under way or already locked."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveys import areas, people
from surveys.office import Office
from surveys.results import locking
from tests.support import harvest
from tests.support.fieldwork import Fieldwork, begin

BRANCHES = ("township", "east")


@pytest.fixture(scope="session")
def open_wave(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Fieldwork:
    """An open wave to copy, with people of every role in the township and in one community."""
    data = tmp_path_factory.mktemp("open")
    shutil.copy(sqlite_template, data / "minyi.sqlite")
    fieldwork = begin(Office.open(data))
    with fieldwork.office.database.write() as session:
        for role in people.ROLES:
            for branch in BRANCHES:
                area = areas.get(session, branch)
                people.add_user(session, f"{role}.{branch}", role, area, actor="test")
    harvest.gather(fieldwork)
    fieldwork.office.database.engine.dispose()
    return fieldwork


@pytest.fixture(scope="session")
def locked_wave(tmp_path_factory: pytest.TempPathFactory, open_wave: Fieldwork) -> Fieldwork:
    """The same wave, closed and locked, to copy."""
    data = tmp_path_factory.mktemp("locked") / "data"
    fieldwork = _copy(open_wave, data)
    harvest.close(fieldwork)
    locking.lock(fieldwork.office, fieldwork.wave, "test")
    fieldwork.office.database.engine.dispose()
    return fieldwork


def _copy(fieldwork: Fieldwork, data: Path) -> Fieldwork:
    shutil.copytree(fieldwork.office.data, data)
    return replace(fieldwork, office=Office.open(data))


@pytest.fixture
def fieldwork(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fieldwork]:
    """The wave of this test: open, unless the test asks for ``locked``."""
    made = "locked_wave" if "locked" in request.fixturenames else "open_wave"
    fieldwork = _copy(request.getfixturevalue(made), tmp_path / "data")
    yield fieldwork
    fieldwork.office.database.engine.dispose()


@pytest.fixture
def locked(fieldwork: Fieldwork) -> Fieldwork:
    """The wave with its answers in, closed and locked."""
    return fieldwork


@pytest.fixture
def office(fieldwork: Fieldwork) -> Office:
    """The office of ``app``."""
    return fieldwork.office


@pytest.fixture
def desk_of(app: Flask, office: Office) -> Callable[..., FlaskClient]:
    """Someone of a role and a branch who has logged in; the login has tests of its own."""

    def log_in(role: str, branch: str = "township") -> FlaskClient:
        with office.database.read() as session:
            user = people.get(session, f"{role}.{branch}")
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = f"{user.id}.{user.epoch}"
        return client

    return log_in


@pytest.fixture
def desk(desk_of: Callable[..., FlaskClient]) -> FlaskClient:
    """A member of staff of the township."""
    return desk_of("staff")
