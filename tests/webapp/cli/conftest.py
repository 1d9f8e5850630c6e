"""A keyboard at an office."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from surveys.office import Office
from webapp.cli import main

Minyi = Callable[..., Result]


@pytest.fixture
def minyi(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> Minyi:
    """Call it with the words of a command; it prints English unless another language is set."""
    monkeypatch.setenv("MINYI_DATA", str(sqlite_office.data))
    monkeypatch.setenv("MINYI_LANG", "en")
    monkeypatch.delenv("MINYI_DATABASE_URL", raising=False)

    def run(*words: str, status: int = 0) -> Result:
        result = CliRunner().invoke(main, words, catch_exceptions=False)
        assert result.exit_code == status, result.output
        return result

    return run
