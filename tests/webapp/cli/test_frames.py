"""``minyi frame``, ``minyi draw``, ``minyi codes``."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from surveys import frames, invitations
from surveys.office import Office
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


def test_a_sample_is_drawn_once(minyi: Minyi, addresses: str) -> None:
    minyi("frame", "import", addresses)
    draw = ("draw", "2026-11", "--per-community", "10")
    assert minyi(*draw).output == "20 addresses are drawn (seed 7).\n"
    assert "was drawn already" in minyi(*draw, status=1).stderr


def test_the_slips_say_where_to_answer(
    minyi: Minyi, addresses: str, sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINYI_PUBLIC_URL", "https://survey.example")
    minyi("frame", "import", addresses)
    minyi("draw", "2026-11", "--per-community", "10")
    output = minyi("codes", "2026-11", "--format", "csv").output
    assert output.startswith("\ufeff")  # so that spreadsheets read it as UTF-8
    header, *rows = csv.reader(io.StringIO(output.lstrip("\ufeff")))
    assert header == ["community", "address", "code", "link"]
    assert len(rows) == 20
    with sqlite_office.database.read_connection() as connection:
        for community, address, code, link in rows:
            assert address.startswith(community)
            assert link == f"https://survey.example/i/{code}"
            assert invitations.find_unit(connection, sqlite_office.keys, code) is not None
    assert rows[0][3] in minyi("codes", "2026-11").output
