"""``minyi plan``."""

from __future__ import annotations

import json

import pytest

from surveys.office import Office
from surveys.sampling import frames
from tests.support import record
from tests.webapp.cli.conftest import Minyi


@pytest.fixture
def township(sqlite_office: Office) -> None:
    with sqlite_office.database.write() as session:
        record.township(session)
        frames.import_list(session, sqlite_office.keys, record.addresses(400))


def test_a_plan_is_a_table_of_needs_of_allocations_and_of_work(
    minyi: Minyi, township: None
) -> None:
    needs, options, work = minyi("plan", "hekou", "--interviews", "100").output.split("\n\n")
    assert [line.split()[0] for line in needs.splitlines()] == ["place", "east", "west", "hekou"]
    assert "60%*" in needs
    assert "1.50*" in needs
    assert options.splitlines()[0].split() == [
        "interviews",
        "proportional",
        "equal",
        "neyman",
        "power",
    ]
    assert options.splitlines()[-1].split() == ["addresses", *["168"] * 4]
    assert len(work.splitlines()) == 5


def test_a_plan_is_json_too(minyi: Minyi, township: None) -> None:
    said = json.loads(minyi("plan", "hekou", "--format", "json", "--pairs", "3").output)
    assert said["work"]["pairs"] == 3
    assert [need["code"] for need in said["communities"]] == ["east", "west"]
    assert {"rule", "interviews", "addresses", "margins", "margin"} == set(said["options"][0])


def test_an_unknown_township_is_refused(minyi: Minyi) -> None:
    assert "mars" in minyi("plan", "mars", status=1).stderr
