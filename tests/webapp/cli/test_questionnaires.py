"""``minyi questionnaire``: a workbook is published, or everything wrong with it is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import surveys
from surveys.office import Office
from tests.support.workbooks import single, workbook
from webapp.cli import main

STANDARD = Path(surveys.__file__).parent / "library" / "standard.xlsx"


@pytest.fixture(autouse=True)
def at_the_office(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINYI_DATA", str(sqlite_office.data))
    monkeypatch.delenv("MINYI_DATABASE_URL", raising=False)
    monkeypatch.setenv("MINYI_LANG", "en")


def minyi(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["questionnaire", *map(str, arguments)])


def test_the_standard_questionnaire_is_published_once_and_for_all() -> None:
    said = "neighbourhood-life 1.0 is published: 25 questions, 17 indicators.\n"
    for _ in range(2):
        result = minyi("add", STANDARD)
        assert (result.exit_code, result.stdout) == (0, said)


def test_what_is_published_is_listed_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert minyi("list").stdout == ""
    minyi("add", STANDARD)
    assert "Survey of neighbourhood life" in minyi("list").stdout
    monkeypatch.setenv("MINYI_LANG", "zh")
    assert "社区生活环境调查" in minyi("list").stdout


def test_questions_and_definitions_are_shown() -> None:
    minyi("add", STANDARD)
    shown = minyi("show", "neighbourhood-life").stdout
    assert shown.startswith("Survey of neighbourhood life (neighbourhood-life 1.0)\n")
    assert "What is your age group?" in shown
    assert "“do not know” stays in the base" in shown


def test_showing_what_is_not_there_is_refused() -> None:
    result = minyi("show", "census")
    assert (result.exit_code, result.stderr) == (1, "There is no questionnaire census.\n")


def test_every_problem_of_a_workbook_is_printed_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "faulty.xlsx"
    rows = ("geopoint", "where", "Where?"), ("integer", "age", None)
    file.write_bytes(workbook(single(*rows), None, None))
    result = minyi("add", file)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "survey!A2 (type): “geopoint” is not supported: locations are never recorded.",
        "survey!C3 (label): The text of “label” is missing.",
    ]
    assert minyi("list").stdout == ""


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.xlsx"
    file.write_text("名称,标签\n", "utf-8")
    result = minyi("add", file)
    assert result.exit_code == 1
    assert "notes.xlsx: This is no workbook that can be read" in result.stderr
