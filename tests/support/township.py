"""The demonstration township, made once for all tests of a run."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from surveys import demonstration
from surveys.office import Office
from tests.support.databases import RUN


@pytest.fixture(scope="session")
def township(sqlite_template: Path) -> Iterator[Office]:
    """The default township on SQLite, to be read and left as it is."""
    data = Path(os.environ[RUN]) / "demonstration"
    data.mkdir(exist_ok=True)
    with (data / "made").open("a+") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)  # the first process of the run makes it
        mark.seek(0)
        if not mark.read():
            shutil.copy(sqlite_template, data / "minyi.sqlite")
            office = Office.open(data)
            demonstration.build(office)
            office.database.engine.dispose()
            mark.write("yes")
    office = Office.open(data)
    yield office
    office.database.engine.dispose()
