"""The wheel carries everything: installed elsewhere, it migrates and shows its pages."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHIPPED = ("pyproject.toml", "README.md", "webapp", "surveys", "analysis", "migrations")

SHOW_ITS_PAGES = """
import webapp
from webapp import create_app

print(webapp.__file__)
client = create_app().test_client()
assert "登录" in client.get("/login").text, "the catalogues are missing"
assert client.get("/static/minyi.css").status_code == 200, "the style sheet is missing"
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it; what it depends on is borrowed from here."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in filter(lambda name: (ROOT / name).exists(), SHIPPED):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-index", "--no-deps"]
    _run(*pip, "wheel", *offline, "--no-build-isolation", "--wheel-dir", folder, source)
    shutil.rmtree(source)
    environment = folder / "environment"
    venv.create(environment)
    (wheel,) = folder.glob("minyi-*.whl")
    _run(*pip, "--python", environment / "bin" / "python", "install", *offline, wheel)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text("\n".join(site.getsitepackages()))
    return environment


def _run(*command: str | Path, cwd: Path | None = None, data: Path | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if "MINYI" not in name}
    if data:
        environment["MINYI_DATA"] = str(data)
    result = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_wheel_migrates_and_shows_its_pages_from_another_folder(
    elsewhere: Path, tmp_path: Path
) -> None:
    _run(elsewhere / "bin" / "minyi", "migrate", cwd=tmp_path, data=tmp_path / "data")
    assert (tmp_path / "data" / "minyi.sqlite").exists()
    python = elsewhere / "bin" / "python"
    shown = _run(python, "-c", SHOW_ITS_PAGES, cwd=tmp_path, data=tmp_path / "data")
    assert shown.startswith(str(elsewhere))


def test_the_wheel_carries_every_file_that_is_no_code(elsewhere: Path) -> None:
    (packages,) = elsewhere.glob("lib/python*/site-packages")
    for package in ("webapp", "surveys", "migrations"):
        for file in (ROOT / package).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                assert (packages / file.relative_to(ROOT)).exists(), file.relative_to(ROOT)


def test_the_wheel_carries_no_tests(elsewhere: Path) -> None:
    (packages,) = elsewhere.glob("lib/python*/site-packages")
    assert not (packages / "tests").exists()
