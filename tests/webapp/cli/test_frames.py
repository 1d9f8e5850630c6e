"""``minyi frame``."""

from __future__ import annotations

from pathlib import Path

import pytest

from surveys.office import Office
from surveys.sampling import frames
from tests.support import record
from tests.webapp.cli.conftest import Minyi


@pytest.fixture
def addresses(sqlite_office: Office, tmp_path: Path) -> str:
    """A list for the township that stands in the record, with a wave to draw."""
    with sqlite_office.database.write() as session:
        record.wave(session, record.township(session), record.publish(session))
    file = tmp_path / "addresses.csv"
    file.write_bytes(record.addresses(20).getvalue())
    return str(file)


def test_a_list_is_imported_and_counted(minyi: Minyi, addresses: str) -> None:
    said = "{} addresses are added, 0 updated, {} as they were; 0 stood twice.\n"
    assert minyi("frame", "import", addresses).output == said.format(80, 0)
    assert minyi("frame", "import", addresses).output == said.format(0, 80)
    header, *rows = (line.split() for line in minyi("frame", "show").output.splitlines())
    assert header == ["community", *frames.HOUSING]
    assert rows == [
        ["east", "东村", "20", "0", "0", "0", "20"],
        ["west", "西村", "20", "0", "0", "0", "20"],
    ]


def test_every_fault_of_a_list_has_its_line(minyi: Minyi, addresses: str) -> None:
    with Path(addresses).open("a") as file:
        file.write("\nmars,managed,1\neast,castle,2\n")
    said = minyi("frame", "import", addresses, status=1).stderr.splitlines()
    assert [line.partition(":")[0] for line in said] == ["Line 82", "Line 83"]
    assert minyi("frame", "show").output.split() == ["community", *frames.HOUSING]
