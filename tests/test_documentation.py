"""The guides tell the truth: what they name exists, and what exists they name."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from surveys.office import Office
from tests.support.fieldwork import begin
from tests.support.server import MINYI, Server
from webapp.cli import main

ROOT = Path(__file__).parents[1]
PACKAGES = ("analysis", "surveys", "webapp", "migrations")
GUIDES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
CODE = re.compile(r"```\w*\n(?P<block>.*?)```|`(?P<span>[^`\n]+)`", re.DOTALL)
SETTING = re.compile(r"\bMINYI_[A-Z_]*[A-Z]\b")

every_guide = pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)


def code_lines(guide: Path) -> Iterator[tuple[str, bool]]:
    """Every line of code in a guide, without comments, and whether it stands in a block."""
    for found in CODE.finditer(guide.read_text("utf-8")):
        for line in (found["block"] or found["span"]).splitlines():
            yield line.partition(" #")[0].strip(), found["block"] is not None


def commands(guide: Path) -> Iterator[list[str]]:
    """Every ``minyi …`` of a guide, as the words after ``minyi``.

    In a block it is whole; in a sentence it may be a name alone, so there it is asked for help,
    which comes after its options have been understood.
    """
    for line, in_block in code_lines(guide):
        if found := re.match(r"(?:\.venv/bin/)?minyi ([^|…]+)", line):
            yield shlex.split(found[1]) + ([] if in_block else ["--help"])


def python_files(*folders: str) -> Iterator[Path]:
    return (file for folder in folders for file in sorted((ROOT / folder).rglob("*.py")))


def settings_in(files: Iterator[Path]) -> set[str]:
    return {name for file in files for name in SETTING.findall(file.read_text("utf-8"))}


def documented(guide: str) -> set[str]:
    return set(SETTING.findall((ROOT / "docs" / guide).read_text("utf-8")))


@every_guide
def test_every_command_a_guide_names_is_understood(
    guide: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each is parsed to its last option; nothing is carried out."""
    monkeypatch.setattr(click.Command, "invoke", lambda command, context: None)
    monkeypatch.chdir(tmp_path)
    for words in commands(guide):
        for word in words:
            if re.fullmatch(r"[\w-]+\.(csv|xlsx)", word):
                Path(word).touch()
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0, f"minyi {shlex.join(words)}\n{result.output}"


@every_guide
def test_every_make_target_a_guide_names_exists(guide: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for line, _in_block in code_lines(guide):
        if found := re.match(r"(?:[A-Z]+=\S+ )*make ([a-z-]+)", line):
            assert found[1] in targets, line


@every_guide
def test_every_link_of_a_guide_leads_somewhere(guide: Path) -> None:
    text = guide.read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", text):
        address = target[0] or target[1]
        if not address.startswith("http"):
            assert (guide.parent / address).exists(), address


def test_every_setting_is_explained_to_operators_and_every_one_explained_exists() -> None:
    used = settings_in(python_files(*PACKAGES))
    explained = documented("operators.md")
    assert used - explained == set()
    assert {name for name in explained if "TEST" not in name} - used == set()


def test_the_settings_of_the_tests_are_explained_too() -> None:
    read = settings_in(python_files("tests")) - settings_in(python_files(*PACKAGES))
    own = {name for name in read if name.startswith("MINYI_TEST_")} - {"MINYI_TEST_RUN"}
    assert own - documented("developers.md") - documented("operators.md") == set()


def test_the_way_into_service_works_as_the_readme_tells_it(tmp_path: Path) -> None:
    """Every line of its block is carried out, but for the installation."""
    readme = (ROOT / "README.md").read_text("utf-8")
    block = readme.partition("## Putting it into service")[2].partition("```sh\n")[2]
    lines = block.partition("```")[0].splitlines()
    assert lines[0] == "make install"
    assert lines[-1] == ".venv/bin/minyi serve --port 8000"
    environment = dict(os.environ)
    for line in lines[1:-1]:
        if line.startswith("export "):
            environment |= dict(part.split("=", 1) for part in line.split()[1:])
            environment["MINYI_DATA"] = str(tmp_path / "data")
            continue
        words = shlex.split(line)
        assert words[0] == ".venv/bin/minyi"
        subprocess.run([MINYI, *words[1:]], env=environment, check=True, cwd=tmp_path)
    with Server(tmp_path / "data"):
        pass  # it answered


def test_a_second_run_starts_at_once_and_keeps_the_data(tmp_path: Path) -> None:
    office = Office.open(tmp_path)
    office.migrate()
    begin(office)
    office.database.engine.dispose()
    with Server(tmp_path, command=(str(MINYI), "run", "--port", "{port}")) as server:
        said = server.log.read_text("utf-8")
    assert f"{server.url}/staff/" in said
    assert "reset-password" in said


@pytest.mark.parametrize("package", PACKAGES)
def test_the_examples_in_docstrings_are_right(package: str) -> None:
    tried = 0
    for file in python_files(package):
        if ">>>" not in file.read_text("utf-8"):
            continue
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        result = doctest.testmod(import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
        assert result.failed == 0, name
        tried += result.attempted
    assert tried or package == "migrations"


def test_every_command_explains_itself() -> None:
    context = click.Context(main, info_name="minyi")
    for name in main.list_commands(context):
        result = CliRunner().invoke(main, [name, "--help"])
        assert result.exit_code == 0
        assert "Usage: " in result.output
