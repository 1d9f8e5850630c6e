"""Imports run one way, and what is imported is declared, used and explained."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("webapp", "surveys", "analysis", "migrations")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
USED_UNIMPORTED = {"gunicorn", "psycopg"}  # run as a program; named in a database's address


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[><=!;~ ]", name)[0]).lower()


DECLARED = {normal(requirement) for requirement in PROJECT["dependencies"]}


def imported_distributions() -> set[str]:
    """The distributions that the packages import, by their names on the index."""
    providers = packages_distributions()
    names: set[str] = set()
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names.add(node.module.split(".")[0])
    outside = names - sys.stdlib_module_names - set(PACKAGES)
    return {normal(provider) for name in outside for provider in providers.get(name, [name])}


def test_the_import_contracts_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout


def test_whatever_is_imported_is_declared() -> None:
    # werkzeug, jinja2, markupsafe and babel are the halves of Flask and Flask-Babel.
    parts = {"werkzeug", "jinja2", "markupsafe", "babel"}
    assert imported_distributions() - DECLARED - parts == set()


def test_whatever_is_declared_is_used() -> None:
    assert DECLARED - imported_distributions() - USED_UNIMPORTED == set()


def test_every_dependency_says_why_it_is_here() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    lists = re.findall(r"^\w+ = \[\n((?:    \".*\n)+)\]", text, flags=re.MULTILINE)
    lines = [line for block in lists for line in block.splitlines() if ">=" in line]
    assert len(lines) > 20
    assert [line for line in lines if not re.search(r"\",\s+# \S", line)] == []


@pytest.mark.parametrize("heavy", ["scipy", "plotly", "pyarrow", "pyxform"])
def test_asking_for_help_imports_nothing_heavy(heavy: str) -> None:
    code = f"import sys, webapp.cli; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_server_loads_scipys_statistics_when_they_are_asked_for() -> None:
    code = "import sys, webapp.application; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_whatever_is_vendored_brings_its_licence() -> None:
    folders = [*(ROOT / "webapp" / "static" / "vendor").glob("*/"), ROOT / "tests/browser/axe"]
    assert [f.name for f in folders if f.is_dir() and not list(f.glob("LICEN*"))] == []
