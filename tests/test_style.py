"""House rules that no linter knows: files and functions stay small, and say what they are."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 450
LONGEST_FUNCTION = 50


@cache
def sources(pattern: str = "*.py") -> tuple[Path, ...]:
    """The files of the repository, as git knows them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return tuple(ROOT / name for name in listed.split("\0") if name and (ROOT / name).exists())


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    return {file: ast.parse(file.read_text("utf-8")) for file in sources()}


def test_files_stay_small() -> None:
    lengths = {str(f.relative_to(ROOT)): len(f.read_text("utf-8").splitlines()) for f in sources()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_functions_stay_small(trees: dict[Path, ast.Module]) -> None:
    """A docstring is not counted, for explaining must cost nothing; nor is a migration's list."""
    long = {}
    for file, tree in trees.items():
        if "migrations" in file.parts:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                length = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
                if length > LONGEST_FUNCTION:
                    long[f"{file.relative_to(ROOT)}:{node.name}"] = length
    assert long == {}


def test_every_module_says_what_it_is(trees: dict[Path, ast.Module]) -> None:
    silent = [file for file, tree in trees.items() if tree.body and not ast.get_docstring(tree)]
    assert [str(file.relative_to(ROOT)) for file in silent] == []


def test_nothing_is_left_to_be_done_later() -> None:
    leftover = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    texts = {file: file.read_text("utf-8") for file in sources() if file != Path(__file__)}
    assert [
        str(file.relative_to(ROOT)) for file, text in texts.items() if leftover.search(text)
    ] == []


def test_tests_are_named_as_sentences(trees: dict[Path, ast.Module]) -> None:
    short = [
        f"{file.relative_to(ROOT)}:{node.name}"
        for file, tree in trees.items()
        if file.name.startswith("test_")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and re.fullmatch(r"test(_[^_]+)?", node.name)
    ]
    assert short == []
