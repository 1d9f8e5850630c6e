"""Writing together: what several threads want to write at one moment is one transaction.

Each commit waits for the disk and each statement costs a trip, however little they carry. So
whoever comes while another writes does not queue behind with a transaction of their own: one of
those who wait writes for all, and nobody goes on before that transaction is committed. Whoever is
about to write lets those come along who have said that they are on their way.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

import sqlalchemy as sa

Job = TypeVar("Job")
Result = TypeVar("Result")

Work: TypeAlias = Callable[[sa.Connection, Sequence[Job]], Sequence[Result]]
Transaction: TypeAlias = Callable[[], AbstractContextManager[sa.Connection]]

PATIENCE = 0.01  # seconds; to read and check an interview takes a processor two thousandths


@dataclass(eq=False)
class _Waiting(Generic[Job, Result]):
    """A job of a thread that waits, and what became of it."""

    job: Job
    results: list[Result] = field(default_factory=list)  # one, once it is committed
    error: BaseException | None = None

    @property
    def is_settled(self) -> bool:
        return bool(self.results) or self.error is not None


class Together(Generic[Job, Result]):
    """Does one kind of work for all threads that want it done.

    Parameters
    ----------
    transaction : callable
        Opens a write transaction, as :meth:`surveys.database.Database.write_connection` does.
    work : callable
        Does jobs in a transaction and returns the result of each, in their order. A job it cannot
        do must not fail for a reason of another: it is tried again without the others then.
    """

    def __init__(self, transaction: Transaction, work: Work[Job, Result]) -> None:
        self._transaction = transaction
        self._work = work
        self._line: deque[_Waiting[Job, Result]] = deque()
        self._leading = threading.Lock()
        self._arrival = threading.Condition()
        self._coming: set[object] = set()
        self._awaited: set[object] = set()  # of those, by whoever writes next

    @contextmanager
    def joining(self) -> Iterator[Callable[[Job], Result]]:
        """Say that a job is on its way; the block calls what it gets with it, or does not.

        The call returns when the job is committed.

        Raises
        ------
        Exception
            From that call: what the work raised for this job, or what befell the transaction.
        """
        me = object()
        with self._arrival:
            self._coming.add(me)

        def do(job: Job) -> Result:
            mine: _Waiting[Job, Result] = _Waiting(job)
            self._line.append(mine)
            self._arrived(me)
            return self._settle(mine)

        try:
            yield do
        finally:
            self._arrived(me)

    def _arrived(self, one: object) -> None:
        with self._arrival:
            self._coming.discard(one)
            if one in self._awaited:
                self._awaited.discard(one)
                if not self._awaited:
                    self._arrival.notify()

    def _wait_for_the_others(self) -> None:
        """Those who are on their way at this moment; whoever sets out later takes the next one."""
        with self._arrival:
            self._awaited = set(self._coming)
            if self._awaited:
                self._arrival.wait(PATIENCE)
                self._awaited = set()

    def _settle(self, mine: _Waiting[Job, Result]) -> Result:
        with self._leading:
            if not mine.is_settled:  # nobody has written it while this thread waited
                self._wait_for_the_others()
                self._write_for_all(mine)
        if mine.error is not None:
            raise mine.error
        return mine.results[0]

    def _write_for_all(self, mine: _Waiting[Job, Result]) -> None:
        together: list[_Waiting[Job, Result]] = []
        try:
            with self._transaction() as connection:
                # Only now: more have come while it waited for its turn.
                together = [self._line.popleft() for _ in range(len(self._line))]
                results = self._work(connection, [one.job for one in together])
            for one, result in zip(together, results, strict=True):
                one.results.append(result)
        except sa.exc.OperationalError as error:  # of the database, not of anybody's job
            _fail(together or [mine], error)
        except Exception as error:
            if len(together) > 1:
                self._write_apart(together)
            else:
                mine.error = error
        finally:
            if not together:
                self._line.remove(mine)
            _fail(together, RuntimeError("whoever wrote for all was stopped"))

    def _write_apart(self, jobs: Sequence[_Waiting[Job, Result]]) -> None:
        """Each in a transaction of its own, so that a fault meets only whose it is."""
        for one in jobs:
            try:
                with self._transaction() as connection:
                    (result,) = self._work(connection, [one.job])
                one.results.append(result)
            except Exception as error:
                one.error = error


def _fail(jobs: Sequence[_Waiting[Any, Any]], error: BaseException) -> None:
    for one in jobs:
        if not one.is_settled:
            one.error = error
