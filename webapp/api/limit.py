"""A limit that no phone meets: one that sends for ever must not keep the others from sending."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

AT_ONCE = 600  # writes: a phone that comes home after weeks
EACH_SECOND = 5.0  # from then on; an interview takes minutes


@dataclass
class Limit:
    """A bucket of writes for each person, which fills up again as time passes.

    It is kept in memory, by each process for itself: what is let in is a few times as much as it
    says at most, and asking it costs no statement.

    Parameters
    ----------
    at_once : int
        So many as a full bucket holds.
    each_second : float
        So many come back in a second.
    clock : callable
        Seconds that never run backwards.

    >>> moment = 0.0
    >>> limit = Limit(at_once=2, each_second=0.5, clock=lambda: moment)
    >>> [limit.wait(7) for _ in range(3)], limit.wait(8)
    ([0, 0, 2], 0)
    """

    at_once: int = AT_ONCE
    each_second: float = EACH_SECOND
    clock: Callable[[], float] = time.monotonic
    _full_at: dict[int, float] = field(default_factory=dict)  # person → when their bucket is full
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, person: int) -> int:
        """Take one write from somebody's bucket; 0, or in how many seconds one is there again."""
        now = self.clock()
        with self._lock:
            full_at = max(self._full_at.get(person, now), now) + 1 / self.each_second
            missing = full_at - now - self.at_once / self.each_second
            if missing > 1e-9:
                return math.ceil(missing)
            self._full_at[person] = full_at
        return 0
