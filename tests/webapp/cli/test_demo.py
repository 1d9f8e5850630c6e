"""``minyi demo``: what it asks for; the township itself is tested with the record."""

from __future__ import annotations

import pytest

from surveys import demonstration
from surveys.office import Office
from tests.support import fieldwork
from tests.webapp.cli.conftest import Minyi


def test_the_seed_is_handed_on(
    minyi: Minyi, sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def build(office: Office, seed: int, progress: object) -> None:
        asked.append((office.data, seed))

    monkeypatch.setattr(demonstration, "build", build)
    minyi("demo")
    minyi("demo", "--seed", "7")
    assert asked == [(sqlite_office.data, demonstration.SEED), (sqlite_office.data, 7)]


def test_an_office_with_waves_is_left_alone(minyi: Minyi, sqlite_office: Office) -> None:
    fieldwork.begin(sqlite_office)
    refused = minyi("demo", status=1)
    assert "The demonstration needs an empty database: there are waves." in refused.stderr
