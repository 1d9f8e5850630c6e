"""The tables of a wave, made beside the rest of its lock.

They are a third of the work and need nothing of the rest. Those of a large wave are made in a
process of their own (``python -m surveys.results.beside``), as two threads of one Python get in
each other's way; it loads what it needs while the snapshot is written.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeAlias

from surveys.results import items
from surveys.results.items import Table
from surveys.results.weighed import Weighed

LARGE = 20_000  # responses; fewer are tabulated sooner than a process has begun

# What it frees is not given back: it wants it again at once, and an array's pages fetched anew cost
# as much as what is done with it.
SETTINGS = {
    "MALLOC_MMAP_THRESHOLD_": str(4 * 1024**3),
    "MALLOC_TRIM_THRESHOLD_": str(8 * 1024**3),
    "MALLOC_TOP_PAD_": str(64 * 1024**2),
}

Begin: TypeAlias = Callable[[Weighed], Future[list[Table]]]


@contextmanager
def tabulating(responses: int) -> Iterator[Begin]:
    """Let the block begin the tables of what it has weighed, and go on meanwhile.

    Parameters
    ----------
    responses : int
        About how many there are.

    Yields
    ------
    callable
        Begins, and returns what holds the tables, or what was raised in making them, at the latest
        after the block.
    """
    if responses < LARGE:
        with ThreadPoolExecutor(1) as thread:
            yield lambda weighed: thread.submit(_tables, weighed)
        return
    with _process() as process, ThreadPoolExecutor(1) as thread:
        # Pickled at once: what the block computes of it later stays on its side.
        yield lambda weighed: thread.submit(_made_in, process, pickle.dumps(weighed))


@contextmanager
def _process() -> Iterator[subprocess.Popen[bytes]]:
    """A process that waits for its work; it ends with the block, or with whoever started it."""
    with subprocess.Popen(
        [sys.executable, "-m", __name__],
        env=os.environ | SETTINGS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _made_in(process: subprocess.Popen[bytes], weighed: bytes) -> list[Table]:
    try:
        answer, _ = process.communicate(weighed)
        made: list[Table] | Exception = pickle.loads(answer)  # noqa: S301  (from ourselves)
    except (BrokenPipeError, EOFError, pickle.UnpicklingError) as error:
        raise RuntimeError("the process that made the tables was stopped") from error
    if isinstance(made, Exception):
        raise made
    return made


def _tables(weighed: Weighed) -> list[Table]:
    return list(items.compute(weighed))


def _work() -> None:
    gc.disable()  # it would look through everything again and again, and free little
    given = sys.stdin.buffer.read()
    if not given:  # whoever started it has gone
        return
    made: list[Table] | Exception
    try:
        made = _tables(pickle.loads(given))  # noqa: S301  (from ourselves)
    except Exception as error:
        made = error
    sys.stdout.buffer.write(pickle.dumps(made))


if __name__ == "__main__":
    _work()
