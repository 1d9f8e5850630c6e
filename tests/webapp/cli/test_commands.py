"""The command line as a whole: what it loads, what it lists, and how it refuses."""

from __future__ import annotations

import getpass
import subprocess
import sys
from pathlib import Path

import click
import pytest
import sqlalchemy as sa

from surveys.audit import AuditEntry
from surveys.office import Office
from surveys.problems import N_, Problem
from tests.webapp.cli.conftest import Minyi
from webapp.cli import COMMANDS, main, speaking


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_explains_itself(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name
    assert command.help


def test_help_lists_every_command_without_loading_it(minyi: Minyi) -> None:
    said = minyi("--help").output
    assert all(f"  {name} " in said and line in said for name, (_, line) in COMMANDS.items())


@pytest.mark.parametrize("unneeded", ["flask", "sqlalchemy", "alembic"])
def test_estimating_a_file_needs_neither_a_server_nor_a_database(unneeded: str) -> None:
    code = (
        "import sys; from webapp.cli import main; main(['estimate', '--help'], "
        f"standalone_mode=False); sys.exit({unneeded!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_refusal_is_said_and_the_status_is_one(minyi: Minyi) -> None:
    result = minyi("wave", "show", "2030-01", status=1)
    assert result.stderr == "There is no wave 2030-01.\n"
    assert result.stdout == ""


def test_a_refusal_is_said_in_the_readers_language(
    minyi: Minyi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINYI_LANG", "zh")
    assert "2030-01" in minyi("wave", "show", "2030-01", status=1).stderr
    assert "There is" not in minyi("wave", "show", "2030-01", status=1).stderr


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8", "MINYI_LANG": "zh"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "MINYI_LANG": ""}, "zh"),
    ],
)
def test_the_language_is_minyi_lang_or_else_the_systems(
    environ: dict[str, str], expected: str
) -> None:
    assert speaking.language(environ) == expected


def test_a_problem_within_a_problem_is_said_in_one_language() -> None:
    inner = Problem(N_("open"))
    outer = Problem("Wave %(code)s is %(state)s.", {"code": "x", "state": inner})
    words = {"open": "进行中", "Wave %(code)s is %(state)s.": "测评%(code)s%(state)s。"}
    assert outer.said(words.__getitem__) == "测评x进行中。"
    assert str(outer) == "Wave x is open."


def test_a_new_folder_asks_for_the_migration(
    minyi: Minyi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINYI_DATA", str(tmp_path / "new"))
    assert "Run: minyi migrate" in minyi("user", "list", status=1).stderr
    minyi("migrate")
    minyi("user", "list")


def test_a_database_that_does_not_answer_is_an_answer(
    minyi: Minyi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINYI_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/minyi")
    said = minyi("user", "list", status=1).stderr
    assert said.startswith("The database does not answer: connection failed")


def test_a_malformed_setting_is_named(minyi: Minyi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINYI_PROXIES", "two")
    assert minyi("user", "list", status=1).stderr.startswith("MINYI_PROXIES: ")


def test_places_are_imported_and_listed(minyi: Minyi, tmp_path: Path) -> None:
    file = tmp_path / "areas.csv"
    file.write_text("code,parent,level,name\nhekou,,township,河口镇\neast,hekou,community,东村\n")
    said = "2 places are added, 0 renamed, 0 as they were.\n"
    assert minyi("area", "import", str(file)).output == said
    assert minyi("area", "list").output == ("east   community  东村\nhekou  township   河口镇\n")


def test_the_trail_names_who_sat_at_the_keyboard(minyi: Minyi, sqlite_office: Office) -> None:
    minyi("user", "add", "wang")
    with sqlite_office.database.read() as session:
        assert session.scalar(sa.select(AuditEntry.actor)) == f"minyi:{getpass.getuser()}"
