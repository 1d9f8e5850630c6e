"""A locked wave whose papers are made; they are read, and the record is left as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from surveys.office import Office
from surveys.results import locking
from tests.support import harvest
from tests.support.fieldwork import Fieldwork, begin


@pytest.fixture(scope="session")
def printed(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Fieldwork:
    """An office with one locked wave; one of its communities has a name that is a formula."""
    data = tmp_path_factory.mktemp("papers")
    shutil.copy(sqlite_template, data / "minyi.sqlite")
    field = begin(Office.open(data))
    harvest.gather(field)
    harvest.close(field)
    locking.lock(field.office, field.wave, "test")
    field.office.database.engine.dispose()
    return field


@pytest.fixture
def office(printed: Fieldwork, tmp_path: Path) -> Office:
    """A copy of it, to be changed."""
    shutil.copytree(printed.office.data, tmp_path / "data")
    return Office.open(tmp_path / "data")
