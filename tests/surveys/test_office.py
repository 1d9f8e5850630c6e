"""The office and its data folder."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from surveys.database import Database
from surveys.keys import Keys
from surveys.office import Office


def test_an_office_opens_in_a_folder_of_its_own(tmp_path: Path) -> None:
    office = Office.open(tmp_path / "var")
    assert office.data.stat().st_mode & 0o777 == 0o700
    assert office.snapshots == tmp_path / "var" / "snapshots"
    assert office.database.url.database == str(tmp_path / "var" / "minyi.sqlite")


def test_the_schema_is_made_from_any_folder_and_only_once(
    empty_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    office = Office(tmp_path, empty_database, Keys.load(tmp_path / "keys"))
    assert not office.is_ready()
    office.migrate()
    assert office.is_ready()
    office.migrate()
    with empty_database.read_connection() as connection:
        assert sa.inspect(connection).has_table("responses")
