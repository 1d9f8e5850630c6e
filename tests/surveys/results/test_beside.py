"""Tables made in a process of their own: the same, and nothing is left of it."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest
import sqlalchemy as sa

from surveys import waves
from surveys.office import Office
from surveys.problems import Refused
from surveys.results import beside, breakdowns, locking, replay, snapshots, weighed
from surveys.results.snapshots import Snapshot
from surveys.results.weighed import Weighed
from surveys.weighting.weight_sets import WeightSet
from tests.support import harvest
from tests.support.fieldwork import Fieldwork, begin


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that were started; every wave is a large one."""
    found: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)  # type: ignore[call-overload]
            found.append(self)

    monkeypatch.setattr(beside, "LARGE", 1)
    monkeypatch.setattr(subprocess, "Popen", Noted)
    return found


@pytest.fixture
def field(sqlite_office: Office, started: list[subprocess.Popen[bytes]]) -> Fieldwork:
    fieldwork = begin(sqlite_office)
    harvest.gather(fieldwork)
    harvest.close(fieldwork)
    locking.lock(sqlite_office, fieldwork.wave, "test")
    return fieldwork


@pytest.fixture
def read(field: Fieldwork) -> Weighed:
    """What the breakdowns of the locked wave are made from."""
    with field.office.database.read() as session:
        snapshot = session.scalars(sa.select(Snapshot)).one()
        weight_set = session.scalars(sa.select(WeightSet)).one()
        material = snapshots.material(field.office, snapshot)
        return weighed.read(field.office, session, snapshot, weight_set, material)


def test_a_large_wave_has_the_tables_that_are_made_again_here(
    field: Fieldwork, read: Weighed, started: list[subprocess.Popen[bytes]]
) -> None:
    assert [process.returncode for process in started] == [0]
    with field.office.database.read() as session:
        wave = waves.get(session, field.wave)
        assert list(replay.replay(field.office, session, wave)) == []
        weight_set = session.scalars(sa.select(WeightSet)).one()
        assert breakdowns.of(session, weight_set.id) == breakdowns.compute(read)


def test_what_is_refused_there_is_refused_here(read: Weighed) -> None:
    others = replace(read, weights=read.weights.slice(1))
    with beside.tabulating(1) as start:
        made = start(others)
    with pytest.raises(Refused, match="not the weights of this snapshot"):
        made.result()


def test_a_process_that_is_stopped_is_said(
    read: Weighed, started: list[subprocess.Popen[bytes]]
) -> None:
    with beside.tabulating(1) as start:
        started[-1].kill()
        made = start(read)
    with pytest.raises(RuntimeError, match="was stopped"):
        made.result()


def test_none_is_left_where_there_was_nothing_to_make_or_the_rest_failed(
    started: list[subprocess.Popen[bytes]],
) -> None:
    with beside.tabulating(1):
        pass
    with pytest.raises(ZeroDivisionError), beside.tabulating(1):
        raise ZeroDivisionError
    assert len(started) == 2
    assert all(process.returncode is not None for process in started)


def test_it_ends_when_whoever_started_it_is_gone() -> None:
    with beside._process() as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=120) == 0
