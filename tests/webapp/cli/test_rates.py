"""``minyi rates``."""

from __future__ import annotations

import csv
import io
import json

import pytest
import sqlalchemy as sa

from surveys import files
from surveys.office import Office
from surveys.results import locking
from surveys.results.estimates import StoredEstimate
from tests.support import fieldwork, harvest
from tests.support.fieldwork import Fieldwork
from tests.webapp.cli.conftest import Minyi


@pytest.fixture
def locked(sqlite_office: Office) -> Fieldwork:
    """A small wave, locked."""
    field = fieldwork.begin(sqlite_office)
    harvest.gather(field)
    harvest.close(field)
    locking.lock(sqlite_office, field.wave, "test")
    return field


def test_every_figure_comes_out_as_it_is_stored(minyi: Minyi, locked: Fieldwork) -> None:
    result = minyi("rates", locked.wave)
    assert "figures, each of them as it is stored." in result.stderr
    header, first, *_ = result.stdout.splitlines()
    assert header.split()[:3] == ["stream", "indicator", "area"]
    assert first.split()[:4] == ["sample", "awareness", "township", "河口镇"]


def test_json_and_csv_hold_the_same_figures(minyi: Minyi, locked: Fieldwork) -> None:
    told = json.loads(minyi("rates", locked.wave, "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(minyi("rates", locked.wave, "--format", "csv").stdout)))
    assert told["differences"] == []
    assert [row["estimate"] for row in rows] == [
        "" if figure["estimate"] is None else repr(figure["estimate"]) for figure in told["figures"]
    ]
    assert rows[0]["modes"] == "door:48 web:25"


def test_a_figure_that_does_not_come_out_again_is_named(minyi: Minyi, locked: Fieldwork) -> None:
    with locked.office.database.write() as session:
        change = sa.update(StoredEstimate).where(StoredEstimate.indicator == "support")
        session.execute(change.values(verdict="met"))
    result = minyi("rates", locked.wave, status=1)
    assert "sample support east: verdict is stored as met and comes out as" in result.stderr


def test_a_changed_snapshot_is_named(minyi: Minyi, locked: Fieldwork) -> None:
    path = locked.office.snapshots / locked.wave / "responses.parquet"
    files.write_whole(path, path.read_bytes() + b" ")
    result = minyi("rates", locked.wave, status=1)
    assert f"{path}: The file has been changed since it was locked" in result.stderr
    assert result.stdout == ""


def test_a_wave_that_is_not_locked_has_no_rates(minyi: Minyi, sqlite_office: Office) -> None:
    field = fieldwork.begin(sqlite_office)
    refused = minyi("rates", field.wave, status=1)
    assert refused.stderr == "Wave 2026-11 is open: only locked waves have rates.\n"
