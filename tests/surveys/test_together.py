"""Those who write at one moment share a transaction, and nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from surveys import together
from surveys.audit import AuditEntry
from surveys.database import Database
from surveys.together import Together


def note(connection: sa.Connection, subjects: Sequence[str]) -> list[str]:
    """Jobs for these tests: write a subject down; a bad one cannot be written."""
    for subject in subjects:
        if subject == "bad":
            raise ValueError(subject)
        row = {"actor": "test", "action": "test", "subject": subject, "detail": {}}
        connection.execute(sa.insert(AuditEntry), row)
    return [f"{subject} is written" for subject in subjects]


def written(database: Database) -> list[str]:
    with database.read_connection() as connection:
        return sorted(connection.scalars(sa.select(AuditEntry.subject)))


class Gate:
    """Work that stops before its first transaction until it is told to go on."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.begun, self.may_go_on = threading.Event(), threading.Event()

    def work(self, connection: sa.Connection, subjects: Sequence[str]) -> list[str]:
        self.batches.append(sorted(subjects))
        self.begun.set()
        assert self.may_go_on.wait(30)
        return note(connection, subjects)


def wait_for(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def meanwhile(
    database: Database, gate: Gate, work: Callable[..., list[str]], subjects: Sequence[str]
) -> list[Future[str]]:
    """Have the first written, the others at one moment while that one is not committed yet."""
    pool = ThreadPoolExecutor(len(subjects))
    first = pool.submit(database.write_together, work, subjects[0])
    assert gate.begun.wait(30)
    others = [pool.submit(database.write_together, work, one) for one in subjects[1:]]
    wait_for(lambda: len(database._together[work]._line) == len(others))
    gate.may_go_on.set()
    pool.shutdown()
    return [first, *others]


def test_those_on_their_way_come_along(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "PATIENCE", 30.0)
    gate = Gate()
    gate.may_go_on.set()
    with ThreadPoolExecutor(1) as pool:
        with database.joining(gate.work) as write:
            other = pool.submit(database.write_together, gate.work, "other")
            wait_for(lambda: database._together[gate.work]._awaited)
            assert write("mine") == "mine is written"
        assert other.result(30) == "other is written"
    assert gate.batches == [["mine", "other"]]


def test_nobody_waits_for_whoever_has_turned_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "PATIENCE", 30.0)
    began = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        with database.joining(note):
            other = pool.submit(database.write_together, note, "other")
            wait_for(lambda: database._together[note]._awaited)
        assert other.result(30) == "other is written"
    assert time.monotonic() - began < 30


def test_whoever_takes_long_is_not_waited_for(database: Database) -> None:
    with ThreadPoolExecutor(1) as pool, database.joining(note) as write:
        assert pool.submit(database.write_together, note, "other").result(30) == "other is written"
        assert write("mine") == "mine is written"
    assert written(database) == ["mine", "other"]


def test_what_is_done_is_committed_and_has_its_own_result(database: Database) -> None:
    assert database.write_together(note, "one") == "one is written"
    assert written(database) == ["one"]


def test_those_who_come_while_another_writes_share_one_transaction(database: Database) -> None:
    gate = Gate()
    done = meanwhile(database, gate, gate.work, ["first", "b", "c", "a"])
    assert [one.result() for one in done] == [
        "first is written", "b is written", "c is written", "a is written",
    ]  # fmt: skip
    assert gate.batches == [["first"], ["a", "b", "c"]]
    assert written(database) == ["a", "b", "c", "first"]


def test_a_fault_meets_only_whose_it_is(database: Database) -> None:
    gate = Gate()
    done = meanwhile(database, gate, gate.work, ["first", "good", "bad", "fine"])
    with pytest.raises(ValueError, match="bad"):
        done[2].result()
    assert [done[at].result() for at in (1, 3)] == ["good is written", "fine is written"]
    assert written(database) == ["fine", "first", "good"]


def test_what_could_not_be_committed_is_done_for_nobody(database: Database) -> None:
    gate, fails = Gate(), [False]

    def broken(connection: sa.Connection) -> None:
        if fails[0]:
            raise sa.exc.OperationalError("COMMIT", {}, Exception("no more room on the disk"))

    def work(connection: sa.Connection, subjects: Sequence[str]) -> list[str]:
        fails[0] = "first" not in subjects
        return gate.work(connection, subjects)

    sa.event.listen(database.engine, "commit", broken)
    done = meanwhile(database, gate, work, ["first", "a", "b"])
    assert done[0].result() == "first is written"
    for one in done[1:]:
        with pytest.raises(sa.exc.OperationalError):
            one.result()
    sa.event.remove(database.engine, "commit", broken)
    assert written(database) == ["first"]
    assert database.write_together(work, "first again") == "first again is written"


def test_nobody_waits_for_ever_for_one_who_was_stopped(database: Database) -> None:
    gate = Gate()

    def work(connection: sa.Connection, subjects: Sequence[str]) -> list[str]:
        results = gate.work(connection, subjects)
        if "first" not in subjects:
            raise KeyboardInterrupt
        return results

    done = meanwhile(database, gate, work, ["first", "a", "b"])
    errors = {type(one.exception()) for one in done[1:]}
    assert errors == {KeyboardInterrupt, RuntimeError}
    assert written(database) == ["first"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # PostgreSQL has no turns
def test_nobody_who_holds_the_turn_waits_for_one_who_waits_for_it(database: Database) -> None:
    with ThreadPoolExecutor(1) as pool:
        with database.write_connection():
            other = pool.submit(database.write_together, note, "other")
            while note not in database._together:
                time.sleep(0.001)
            with pytest.raises(RuntimeError, match="inside another"):
                database.write_together(note, "mine")
        assert other.result() == "other is written"


def test_who_cannot_begin_a_transaction_says_so_and_is_forgotten() -> None:
    def closed() -> sa.Connection:
        raise sa.exc.OperationalError("BEGIN", {}, Exception("the database is away"))

    group: Together[str, str] = Together(closed, note)  # type: ignore[arg-type]
    for subject in ("a", "b"):
        with group.joining() as write, pytest.raises(sa.exc.OperationalError):
            write(subject)
    assert not group._line
