"""Whatever happens between a phone and the office, what was acknowledged is stored exactly once.

Random histories against the real application: phones write down visits, interviews and shifts and
send them, and everything fails that can fail. ``make test`` runs some of them, ``make test-slow``
ten thousand.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)
from werkzeug.test import TestResponse

from surveys.office import Office
from tests.support.sync_world import NAMES, Broken, Record, World

NAME, UNIT = st.sampled_from(NAMES), st.integers(0, 2)
KIND = st.sampled_from(["attempts", "interviews", "interviews", "shifts"])
FAULTS = (
    "none",
    "response lost",
    "never arrived",
    "fails before the commit",
    "fails at the commit",
    "fails after the commit",
    "session over",
    "too often",
    "truncated",
    "a proxy says 409",
    "two tabs",
)
HOUR = dt.timedelta(hours=1)
PARTS = 20  # of the ten thousand, so that several processes may share them
TAKEN = ("stored", "repeated", "held")


class Sync(RuleBasedStateMachine):
    """Two phones, one office."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.queues: dict[str, list[Record]] = {name: [] for name in NAMES}
        self.made: list[Record] = []
        self.closed = False
        self.said: dict[tuple[str, bytes], tuple[str, str | None]] = {}
        world.empty()

    # ---- the phones --------------------------------------------------------------------------

    @rule(name=NAME, kind=KIND, unit=UNIT, lie=st.sampled_from(["", "", "", "seal", "answers"]))
    def write_down(self, name: str, kind: str, unit: int, lie: str) -> None:
        self._queue(name, self._record(name, kind, unit, lie, ""))

    @precondition(lambda self: self.made)
    @rule(name=NAME, data=st.data())
    def use_a_name_again(self, name: str, data: st.DataObject) -> None:
        """A fault of the app or a malicious one: other bytes under a name that was used."""
        before = data.draw(st.sampled_from(self.made))
        self._queue(name, self._record(name, before.kind, 0, "", before.id))

    def _queue(self, name: str, record: Record) -> None:
        self.made.append(record)
        self.queues[name].append(record)

    def _record(self, name: str, kind: str, place: int, lie: str, id_: str) -> Record:
        phone, mark = self.world.phones[name], self.world.tick()
        unit = self.world.units[place]
        moment = mark.isoformat()
        if kind == "shifts":
            body = phone.shift(id=id_ or str(uuid.uuid4()), started_at=moment)
            body["ended_at"] = (mark + HOUR).isoformat()
            return Record(kind, body["id"], json.dumps(body).encode(), None, mark)
        if kind == "attempts":
            body = phone.attempt(unit, id=id_ or str(uuid.uuid4()), at=moment, phone_time=moment)
            return Record(kind, body["id"], json.dumps(body).encode(), unit, mark)
        inside = {"started_at": moment, "finished_at": (mark + HOUR).isoformat()}
        more = {"kid": "0" * 16} if lie == "seal" else {}
        told = {**inside, "answers": {"S1": "perhaps"}} if lie == "answers" else inside
        body = phone.interview(
            unit, told, id=id_ or f"uuid:{uuid.uuid4()}", phone_time=moment, **more
        )
        return Record(kind, body["id"], json.dumps(body).encode(), unit, mark)

    # ---- the way -----------------------------------------------------------------------------

    @precondition(lambda self: any(self.queues.values()))
    @rule(name=NAME, fault=st.sampled_from(FAULTS), at=st.integers(0, 9), cut=st.floats(0, 0.99))
    def send(self, name: str, fault: str, at: int, cut: float) -> None:
        if not self.queues[name]:
            return
        record = self.queues[name][0]
        world = self.world
        if fault == "none":
            self._hear(name, record, world.send(name, record))
        elif fault == "response lost":
            world.send(name, record)
        elif fault == "fails before the commit":
            with world.failing_at(at):
                self._hear(name, record, world.send(name, record))
        elif fault == "fails at the commit":
            with world.failing_at(-1):
                assert world.send(name, record).status_code == 500
        elif fault == "fails after the commit":
            with world.failing_after_the_commit():
                assert world.send(name, record).status_code == 500
        elif fault == "session over":
            assert world.send_without_session(record).status_code == 401
        elif fault == "too often":
            assert world.send_too_often(name, record).status_code == 429
        elif fault == "truncated":
            short = record.body[: int(cut * len(record.body))]
            assert world.send(name, record, short).status_code == 400
        elif fault == "two tabs":
            first, second = world.send(name, record), world.send(name, record)
            self._hear(name, record, first)
            self._hear(name, record, second)

    @precondition(lambda self: any(self.queues.values()))
    @rule(data=st.data(), fails=st.sampled_from([False, False, True]), at=st.integers(-1, 9))
    def send_at_once(self, data: st.DataObject, fails: bool, at: int) -> None:
        """Several tabs of both phones at one moment, which the server enters together."""
        waiting = [(name, record) for name, queue in self.queues.items() for record in queue]
        sent = data.draw(st.lists(st.sampled_from(waiting), min_size=1, max_size=6))
        with self.world.failing_at(at) if fails else nullcontext():
            try:
                outcomes = self.world.send_at_once(sent)
            except Broken:
                return
        for (name, record), outcome in zip(sent, outcomes, strict=True):
            self._take(name, record, outcome.status, outcome.reason)

    def _hear(self, name: str, record: Record, answer: TestResponse) -> None:
        """What the app does with an answer: only a yes lets it forget."""
        if answer.status_code != 200:
            assert answer.status_code == 500
            return
        said = answer.get_json()
        self._take(name, record, said["status"], said["reason"])

    def _take(self, name: str, record: Record, status: str, reason: str | None) -> None:
        assert status in TAKEN
        self.world.check(record, status, reason)
        heard = ("held" if status == "held" else "stored", reason)
        before = self.said.setdefault((record.id, record.body), heard)
        assert before == heard  # nobody is told two things
        if record in self.queues[name]:
            self.queues[name].remove(record)

    # ---- the others --------------------------------------------------------------------------

    @rule(name=NAME, unit=UNIT)
    def move(self, name: str, unit: int) -> None:
        if not self.closed:
            self.world.move(name, self.world.units[unit])

    @rule(unit=UNIT)
    def answer_on_the_web(self, unit: int) -> None:
        self.world.answer_on_the_web(self.world.units[unit])

    @rule(really=st.sampled_from([False, False, False, True]))
    def close_wave(self, really: bool) -> None:
        if really:
            self.closed = True
            self.world.close_wave()

    @rule()
    def restart(self) -> None:
        self.world.restart()

    def teardown(self) -> None:
        """In the end every phone has signal for a while."""
        for name, queue in self.queues.items():
            while queue:
                record, left = queue[0], len(queue)
                self._hear(name, record, self.world.send(name, record))
                assert len(queue) == left - 1
        self.world.check_all(self.made)
        for record in self.made:
            self.world.check(record, *self.said[record.id, record.body])


@pytest.fixture
def world(office: Office, tmp_path: Path) -> Iterator[World]:
    """An office that need not survive a power cut: histories would wait for the disk."""
    engine = office.database.engine

    @sa.event.listens_for(engine, "connect")
    def _hurry(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
        if office.database.is_sqlite:
            cursor = connection.cursor()
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.close()

    engine.dispose()
    made = World.make(tmp_path, office)
    yield made
    made.app.logger.disabled = False  # other tests read what it says


def run(world: World, histories: int) -> None:
    """Run so many histories of up to twenty-five steps."""
    chosen = settings(
        max_examples=histories,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: Sync(world), settings=chosen)


def test_what_was_acknowledged_is_stored_exactly_once(world: World) -> None:
    run(world, 75)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_it_is_through_ten_thousand_histories(world: World, part: int) -> None:
    run(world, 10_000 // PARTS)
