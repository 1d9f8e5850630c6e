"""Snapshots: what they hold, what they leave out, and that nobody changes them."""

import json

import pytest
import sqlalchemy as sa

from surveys import files, waves
from surveys.database import now
from surveys.problems import Refused
from surveys.results import locking, snapshots
from surveys.results.snapshots import Snapshot
from tests.support import fieldwork, harvest


@pytest.fixture
def field(sqlite_office):
    field = fieldwork.begin(sqlite_office)
    harvest.gather(field)
    harvest.close(field)
    return field


@pytest.fixture
def snapshot(field):
    locking.lock(field.office, field.wave, "test")
    with field.office.database.read() as session:
        return session.scalars(sa.select(Snapshot)).one()


def test_it_holds_every_response_of_both_streams(field, snapshot):
    table = snapshots.read(field.office, snapshot)
    streams = table["stream"].to_pylist()
    assert (streams.count("sample"), streams.count("open")) == (80, 6)
    assert table["eligible"].to_pylist().count(False) == 7
    assert sum(row["responses"] for row in snapshot.manifest["counts"]) == table.num_rows == 86


def test_a_question_off_the_path_is_null_and_a_skipped_one_is_not(field, snapshot):
    rows = snapshots.read(field.office, snapshot).to_pylist()
    unaware = next(row for row in rows if row["K1"] == "unaware")
    assert unaware["K2"] is None
    assert unaware["S2"] == "-2"
    ineligible = next(row for row in rows if not row["eligible"])
    assert ineligible["K1"] is None


def test_it_holds_no_personal_data(field, snapshot):
    table = snapshots.read(field.office, snapshot)
    assert snapshot.manifest["left_out"] == ["O1"]
    assert {"O1", "address", "lookup", "code", "unit_id"}.isdisjoint(table.column_names)
    assert harvest.WORDS not in str(table.to_pylist())


def test_a_household_keeps_its_pseudonym_and_the_open_link_has_none(field, snapshot):
    for row in snapshots.read(field.office, snapshot).to_pylist():
        assert (row["household"] is None) == (row["stream"] == "open")
        assert (row["probability"] is None) == (row["stream"] == "open")


def test_the_same_wave_gives_the_same_bytes(field):
    written = []
    for _ in range(2):
        with field.office.database.read() as session:
            wave = waves.get(session, field.wave)
            written.append(snapshots.write(field.office, session, wave, now()))
    assert written[0].sha256 == written[1].sha256
    assert written[0].manifest["rows"] == 86


def test_rows_stand_in_the_order_the_manifest_names(field, snapshot):
    rows = snapshots.read(field.office, snapshot).to_pylist()
    order = [tuple(row[name] for name in snapshot.manifest["row_order"]) for row in rows]
    assert order == sorted(order)


def test_the_manifest_counts_the_draw_and_what_was_held(sqlite_office):
    field = fieldwork.begin(sqlite_office)
    unit = harvest.units(field)[0]
    harvest.hand_in(field, "first", harvest.answers(0), unit=unit)
    harvest.hand_in(field, "housemate", harvest.answers(1), unit=unit)
    harvest.close(field)
    harvest.hand_in(field, "late", harvest.answers(2), unit=unit)
    locking.lock(field.office, field.wave, "test")
    with field.office.database.read() as session:
        manifest = session.scalars(sa.select(Snapshot.manifest)).one()
    assert manifest["held"] == {"late": 1, "second": 1}
    assert {cell["drawn"] for cell in manifest["sample"]} == {16}
    assert [cell["households"] for cell in manifest["sample"]] == pytest.approx([30] * 10)
    assert manifest["questionnaire"]["name"] == "neighbourhood-life"


def test_a_changed_byte_is_noticed(field, snapshot):
    path = field.office.data / snapshot.path
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    files.write_whole(path, bytes(data))
    with pytest.raises(Refused, match="has been changed"):
        snapshots.read(field.office, snapshot)


def test_a_changed_manifest_is_noticed(field, snapshot):
    path = (field.office.data / snapshot.path).with_name("manifest.json")
    assert snapshots.read_manifest(field.office, snapshot)["targets"]["awareness"] == 0.85
    manifest = json.loads(path.read_bytes())
    manifest["targets"]["awareness"] = 0.5
    files.write_whole(path, json.dumps(manifest).encode())
    with pytest.raises(Refused, match="is not the one in the record"):
        snapshots.read_manifest(field.office, snapshot)


def test_a_question_named_like_a_column_of_ours_steps_aside():
    assert snapshots.answer_column("stream") == "answer_stream"
    assert snapshots.answer_column("K1") == "K1"
