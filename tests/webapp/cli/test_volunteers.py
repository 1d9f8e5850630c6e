"""``minyi assign``, ``recheck``, ``interviewers``, ``service-record``."""

from __future__ import annotations

from pathlib import Path

import pytest

from surveys.office import Office
from tests.support import record
from tests.support.doors import interview, volunteer
from tests.webapp.cli.conftest import Minyi


@pytest.fixture
def small(sqlite_office: Office) -> record.Small:
    """Ten interviews by two pairs, and one volunteer who was in neither."""
    small = record.begin(sqlite_office)
    with sqlite_office.database.write() as session:
        for number in range(10):
            pair = ("wang", "li") if number % 2 else ("zhao", "qian")
            said = {"S1": "yes", "K1": ("yes", "no")[number % 3 > 0], "Z1": "yes"}
            interview(session, small, number, pair, said)
        volunteer(session, "chen")
    return small


@pytest.mark.usefixtures("small")
def test_a_community_is_assigned_and_only_moved_when_asked(minyi: Minyi) -> None:
    words = ("assign", "2026-11", "chen", "--community", "west")
    assert minyi(*words).output == "10 addresses are assigned to chen.\n"
    assert "No address is left" in minyi(*words, status=1).output
    assert minyi(*words, "--move", "--partner", "li").output.startswith("10 ")


@pytest.mark.usefixtures("small")
def test_nobody_is_assigned_their_own_grid(minyi: Minyi) -> None:
    minyi("user", "set-grid", "chen", "G1")
    said = minyi("assign", "2026-11", "chen", "--community", "west", "--grid", "G1", status=1)
    assert "No address is left" in said.output


@pytest.mark.usefixtures("small")
def test_re_checks_are_drawn_given_out_and_reported(minyi: Minyi) -> None:
    assert minyi("recheck", "draw", "2026-11").output == "1 interviews are drawn, 1 given out.\n"
    lines = minyi("recheck", "report", "2026-11").output.splitlines()
    assert lines[-1].split()[:3] == ["all", "1", "0"]


@pytest.mark.usefixtures("small")
def test_the_service_record_is_listed_and_printed(minyi: Minyi, tmp_path: Path) -> None:
    minyi("recheck", "draw", "2026-11")
    pdf = tmp_path / "certificate.pdf"
    said = minyi("service-record", "chen", "--from", "2026-11-01", "-o", str(pdf)).output
    assert said.splitlines()[1].split() == ["chen", "0", "0", "0"]
    assert pdf.read_bytes().startswith(b"%PDF")


@pytest.mark.usefixtures("small")
def test_the_interviewer_report_names_the_indicators_it_can_measure(minyi: Minyi) -> None:
    assert minyi("interviewers", "2026-11").output.splitlines()[0].startswith("indicator")
