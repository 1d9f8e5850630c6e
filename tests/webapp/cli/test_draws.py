"""``minyi draw``, ``minyi release``, ``minyi codes``, ``minyi slips``."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from surveys.office import Office
from surveys.sampling import frames, invitations
from tests.support import record
from tests.webapp.cli.conftest import Minyi


@pytest.fixture
def addresses(sqlite_office: Office) -> None:
    """A list for the township that stands in the record, with a wave to draw."""
    with sqlite_office.database.write() as session:
        record.wave(session, record.township(session), record.publish(session))
        frames.import_list(session, sqlite_office.keys, record.addresses(20), "addresses.csv")


def test_a_sample_is_drawn_once(minyi: Minyi, addresses: None) -> None:
    draw = ("draw", "2026-11", "--per-community", "10")
    assert minyi(*draw).output == "20 addresses are drawn (seed 7).\n"
    assert "was drawn already" in minyi(*draw, status=1).stderr


def test_the_slips_say_where_to_answer(
    minyi: Minyi, addresses: None, sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINYI_PUBLIC_URL", "https://survey.example")
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


def test_a_reserve_is_released_once(minyi: Minyi, addresses: None) -> None:
    drawn = minyi("draw", "2026-11", "--per-community", "10", "--batches", "1", "--reserve", "0.5")
    assert drawn.output.splitlines()[1] == "12 more are in reserve."
    assert len(minyi("codes", "2026-11").output.splitlines()) == 21
    release = ("release", "2026-11", "2")
    assert minyi(*release, "--community", "east").output == "6 addresses are released.\n"
    assert minyi(*release).output == "6 addresses are released.\n"
    assert "no batch 2 to release next" in minyi(*release, status=1).stderr
    assert len(minyi("codes", "2026-11").output.splitlines()) == 33


def test_slips_are_printed_for_all_or_for_one_community(
    minyi: Minyi, addresses: None, tmp_path: Path
) -> None:
    minyi("draw", "2026-11", "--per-community", "10")
    file = tmp_path / "slips.pdf"
    said = minyi("slips", "2026-11", "--community", "east", "-o", str(file)).output
    assert said == f"10 slips are in {file}.\n"
    assert file.read_bytes().startswith(b"%PDF")
    unknown = minyi("slips", "2026-11", "--community", "mars", "-o", str(file), status=1)
    assert "mars" in unknown.stderr
