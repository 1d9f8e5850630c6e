"""Missing design variables are borrowed from someone alike: a seeded hot deck."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Imputed(Generic[Value]):
    """Values without gaps, and where each borrowed one came from.

    Parameters
    ----------
    values : list
        None only where no class of the row has a single donor.
    lent_by : list of int or None
        None where the row had its own value, else the index of the class that lent one, -1 when
        none could.
    """

    values: list[Value | None]
    lent_by: list[int | None]


def hot_deck(
    values: Sequence[Value | None],
    classes: Sequence[Sequence[str]],
    names: Sequence[str],
    seed: int | str,
) -> Imputed[Value]:
    """Fill each gap with the value of a donor of the same class.

    The donor is picked by a hash of the seed and the row's name, so that one more row, another
    order or another version of a library leaves every other pick as it was.

    Parameters
    ----------
    values : sequence
        None where missing.
    classes : sequence of sequence of str
        One sequence over the rows per kind of class, the closest kind first.
    names : sequence of str
        Unique, one per row.
    seed : int or str
        Repeats the picks.

    Examples
    --------
    >>> hot_deck([2, None, 4], [["a", "a", "b"]], ["r1", "r2", "r3"], seed=1).values
    [2, 2, 4]
    """
    filled: list[Value | None] = list(values)
    lent_by: list[int | None] = [None] * len(filled)
    if None not in filled:
        return Imputed(filled, lent_by)
    donors: list[defaultdict[str, list[Value]]] = [defaultdict(list) for _ in classes]
    for pool, kind in zip(donors, classes, strict=True):
        for label, value in zip(kind, values, strict=True):
            if value is not None:
                pool[label].append(value)
    for row, value in enumerate(values):
        if value is not None:
            continue
        lent_by[row] = -1
        for level, (pool, kind) in enumerate(zip(donors, classes, strict=True)):
            if lenders := pool.get(kind[row]):
                filled[row] = lenders[_pick(f"{seed}:{names[row]}", len(lenders))]
                lent_by[row] = level
                break
    return Imputed(filled, lent_by)


def _pick(key: str, count: int) -> int:
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest[:8], "big") % count
