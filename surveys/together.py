"""Writing together: what several threads want to write at one moment is one transaction.

Each commit waits for the disk and each statement costs a trip, however little they carry. So
whoever comes while another writes does not queue behind with a transaction of their own: one of
those who wait writes for all, and nobody goes on before that transaction is committed.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

import sqlalchemy as sa

Job = TypeVar("Job")
Result = TypeVar("Result")

Work: TypeAlias = Callable[[sa.Connection, Sequence[Job]], Sequence[Result]]
Transaction: TypeAlias = Callable[[], AbstractContextManager[sa.Connection]]


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

    def do(self, job: Job) -> Result:
        """Do a job; it is committed when this returns.

        Raises
        ------
        Exception
            What the work raised for this job, or what befell the transaction.
        """
        mine: _Waiting[Job, Result] = _Waiting(job)
        self._line.append(mine)
        with self._leading:
            if not mine.is_settled:  # nobody has written it while this thread waited
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
