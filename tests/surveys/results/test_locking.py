"""Locking: closed becomes locked in one story, whatever happens in between."""

import gc
import os
import subprocess
import sys

import pytest
import sqlalchemy as sa

from surveys import waves
from surveys.audit import AuditEntry
from surveys.problems import Refused
from surveys.results import estimates, locking, snapshots
from surveys.results.estimates import StoredEstimate
from surveys.results.snapshots import Snapshot
from surveys.waves import Wave
from surveys.weighting.weight_sets import WeightSet
from tests.support import fieldwork, harvest


def closed(office):
    field = fieldwork.begin(office)
    harvest.gather(field)
    harvest.close(field)
    return field


def test_a_locked_wave_has_its_files_its_figures_and_its_line_in_the_trail(office):
    field = closed(office)
    locking.lock(office, field.wave, "mayor")
    with office.database.read() as session:
        wave = waves.get(session, field.wave)
        snapshot = session.scalars(sa.select(Snapshot)).one()
        weight_set = session.scalars(sa.select(WeightSet)).one()
        trail = session.scalars(sa.select(AuditEntry.action).where(AuditEntry.actor == "mayor"))
        assert set(trail) == {"wave.lock", "wave.snapshot"}
        assert estimates.of_wave(session, wave) == estimates.estimate(office, session, wave)
    assert wave.state == "locked"
    assert wave.locked_at == snapshot.made_at == weight_set.made_at
    assert snapshots.read(office, snapshot).num_rows == snapshot.manifest["rows"]
    folder = office.snapshots / field.wave
    names = {"responses.parquet", "units.parquet", "manifest.json", "weights-1.parquet"}
    names |= {"cells-1.parquet", "totals-1.parquet"}
    assert {path.name for path in folder.iterdir()} == names


@pytest.mark.parametrize(
    ("state", "words"), [("draft", "a draft"), ("open", "open"), ("locked", "locked")]
)
def test_only_a_closed_wave_is_locked(sqlite_office, state, words):
    field = closed(sqlite_office)
    with sqlite_office.database.write() as session:
        session.execute(sa.update(Wave).values(state=state))
    with pytest.raises(Refused, match=f"cannot be locked: it is {words}"):
        locking.lock(sqlite_office, field.wave, "test")
    assert not sqlite_office.snapshots.exists()


def test_an_unknown_wave_is_refused(sqlite_office):
    with pytest.raises(Refused, match="There is no wave 1999-01"):
        locking.lock(sqlite_office, "1999-01", "test")
    assert gc.isenabled()  # however a lock ends


def test_the_commands_add_up_in_one_thread_however_many_processors_there_are():
    code = """
import webapp.cli, numpy, os, scipy.linalg
print(len(os.listdir("/proc/self/task")))
"""
    own = {name: value for name, value in os.environ.items() if "NUM_THREADS" not in name}
    done = subprocess.run(
        [sys.executable, "-c", code], env=own, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "1"


@pytest.mark.parametrize(
    "where",
    [
        "weighting.weight_sets.weigh",
        "results.sample_figures.compute",
        "results.snapshots.write_manifest",
        "results.estimates.store",
    ],
)
def test_after_a_crash_anywhere_the_wave_is_still_closed_and_locks_again(
    sqlite_office, where, monkeypatch
):
    field = closed(sqlite_office)

    def crash(*args):
        raise OSError("no power")

    with monkeypatch.context() as broken:
        broken.setattr(f"surveys.{where}", crash)
        with pytest.raises(OSError, match="no power"):
            locking.lock(sqlite_office, field.wave, "test")
    with sqlite_office.database.read() as session:
        assert waves.get(session, field.wave).state == "closed"
        for table in (Snapshot, WeightSet, StoredEstimate):
            assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    locking.lock(sqlite_office, field.wave, "test")
    with sqlite_office.database.read() as session:
        wave = waves.get(session, field.wave)
        assert (
            estimates.compare(
                estimates.of_wave(session, wave), estimates.estimate(sqlite_office, session, wave)
            )
            == []
        )


def test_of_two_who_lock_at_once_the_second_is_refused_and_changes_no_file(office, monkeypatch):
    field = closed(office)
    manifest = office.snapshots / field.wave / "manifest.json"
    first = []

    def overtaken(office, session, snapshot, material, weigh=locking.weight_sets.weigh):
        if not first:  # someone else locks while this one is still at the arithmetic
            first.append("on the way")
            locking.lock(office, field.wave, "first")
            first.append(manifest.read_bytes())
        return weigh(office, session, snapshot, material)

    monkeypatch.setattr(locking.weight_sets, "weigh", overtaken)
    with pytest.raises(Refused, match="cannot be locked: it is locked"):
        locking.lock(office, field.wave, "second")
    assert manifest.read_bytes() == first[1]
    with office.database.read() as session:
        wave = waves.get(session, field.wave)
        assert estimates.of_wave(session, wave) == estimates.estimate(office, session, wave)


def test_a_campaign_visit_is_locked_without_rates(sqlite_office):
    field = closed(sqlite_office)
    with sqlite_office.database.write() as session:
        session.execute(sa.update(Wave).values(kind="campaign"))
    locking.lock(sqlite_office, field.wave, "test")
    with sqlite_office.database.read() as session:
        wave = waves.get(session, field.wave)
        assert wave.state == "locked"
        assert session.scalars(sa.select(Snapshot)).one().manifest["kind"] == "campaign"
        assert estimates.of_wave(session, wave) == []
        with pytest.raises(Refused, match="campaigns yield no rates"):
            estimates.estimate(sqlite_office, session, wave)


def test_a_wave_that_nobody_answered_locks_and_says_too_few(sqlite_office):
    field = fieldwork.begin(sqlite_office)
    harvest.close(field)
    locking.lock(sqlite_office, field.wave, "test")
    with sqlite_office.database.read() as session:
        figures = estimates.of_wave(session, waves.get(session, field.wave))
    judged = [figure for figure in figures if figure.stream == "sample" and figure.target]
    assert {figure.verdict for figure in judged} == {"too_few"}
    assert {figure.n for figure in figures} == {0}
