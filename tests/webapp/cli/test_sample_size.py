"""``minyi sample-size``: the field's words in, interviews and addresses out."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.webapp.cli.conftest import Minyi


def test_a_margin_becomes_interviews_and_addresses(minyi: Minyi) -> None:
    said = minyi(
        "sample-size", "--margin", "0.05", "--rate", "0.85", "--population", "3000",
        "--deff", "1.5", "--response-rate", "0.6",
    ).output  # fmt: skip
    assert said == (
        "asked       ± 5 points at 95 % confidence\n"
        "rate        85 %\n"
        "simple      184, a simple random sample of 3000 adults\n"
        "interviews  276, with design effect 1.5\n"
        "addresses   460, at a response rate of 60 %\n"
    )


def test_a_decision_is_planned_with_its_power(minyi: Minyi) -> None:
    said = minyi("sample-size", "--power", "0.8", "--rate", "0.90", "--target", "0.85").output
    assert "met against 85 %, 80 % likely" in said
    assert "effective n  379" in said


def test_the_record_repeats_what_was_asked_and_assumed(minyi: Minyi) -> None:
    said = minyi(
        "sample-size", "--power", "0.8", "--rate", "0.75", "--population", "2000",
        "--response-rate", "0.5", "--format", "json",
    ).output  # fmt: skip
    assert json.loads(said) == {
        "rate": 0.75, "target": 0.85, "power": 0.8, "level": 0.95, "verdict": "not_met",
        "population": 2000, "deff": 1.0, "response_rate": 0.5,
        "simple": 136, "interviews": 136, "addresses": 272, "attainable": True,
    }  # fmt: skip


def test_too_few_adults_cannot_be_decided(minyi: Minyi) -> None:
    said = minyi("sample-size", "--power", "0.8", "--rate", "0.88", "--population", "800").output
    assert "Cannot be decided: it takes " in said
    assert "of 800 adults." in said


def test_without_a_question_it_tells_what_is_feasible(minyi: Minyi) -> None:
    rows = json.loads(minyi("sample-size", "--format", "json").output)
    assert {row["rate"]: row["by_interval"] for row in rows} == {
        0.70: 32, 0.75: 64, 0.80: 228, 0.88: 555, 0.90: 202, 0.92: 104, 0.95: 52, 1.00: 23,
    }  # fmt: skip
    assert min(row["interviews"] for row in rows) == 50
    said = minyi("sample-size", "--rate", "0.88", "--population", "500").output
    assert said.splitlines()[-1].split() == (
        "88 % met 555 555 555 555 cannot be decided".split()  # noqa: SIM905 - as it is printed
    )


@pytest.mark.parametrize(
    ("words", "said", "status"),
    [
        (["--margin", "5"], "The margin must lie between 0 and 1, and not be 5", 1),
        (["--margin", "0.05", "--rate", "1"], "The rate must lie between 0 and 1", 1),
        (["--margin", "0.05", "--level", "0"], "The level must lie between 0 and 1", 1),
        (["--margin", "0.05", "--response-rate", "60"], "A response rate lies above 0", 1),
        (["--margin", "0.05", "--deff", "0"], "A design effect lies above 0", 1),
        (["--margin", "0.05", "--population", "0"], "A population of 0 cannot be sampled", 1),
        (["--target", "0"], "The target must lie between 0 and 1", 1),
        (["--rate", "0.85"], "exactly the target cannot be decided", 1),
        (["--power", "0.8", "--rate", "0.85001"], "too close to the target", 1),
        (["--power", "0.8"], "--power needs the true rate", 2),
        (["--power", "0.8", "--margin", "0.1"], "not for both", 2),
        (["--margin", "0.1", "--target", "0.85"], "A --margin has no --target", 2),
        (["--power", "0.8", "--rate", "0.9", "--level", "0.9"], "--level goes with --margin", 2),
        (["--margin", "five"], "'five' is not a valid float", 2),
    ],
)
def test_bad_input_is_told_what_is_wrong(
    minyi: Minyi, words: list[str], said: str, status: int
) -> None:
    assert said in minyi("sample-size", *words, status=status).stderr


@pytest.mark.parametrize("unneeded", ["flask", "sqlalchemy"])
def test_planning_needs_neither_a_server_nor_a_database(unneeded: str) -> None:
    code = (
        "import sys; from webapp.cli import main; main(['sample-size'], standalone_mode=False); "
        f"sys.exit({unneeded!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
