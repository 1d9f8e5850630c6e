"""The list of addresses as a draw reads it: in columns, with a checksum."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.sampling.frames import Address
from surveys.sampling.lazy import Lazy
from surveys.sampling.picks import Cell, Places

SEPARATOR = "\x1f"  # between the values of a column that the database strings together


@dataclass(frozen=True)
class List:
    """The addresses of a wave, by community and housing type, and what tells them apart."""

    strata: Mapping[str, list[Cell]]
    sha256: str
    last_id: int

    @classmethod
    def read(
        cls, session: Session, communities: Mapping[str, int], last_id: int | None = None
    ) -> List:
        """Read it in one pass: a string for each stratum and column, not an object per address."""
        codes = {identity: code for code, identity in communities.items()}
        strung = [
            sa.func.aggregate_strings(column, separator)
            for column, separator in (
                (sa.cast(Address.position, sa.Text), ","),
                (sa.cast(Address.id, sa.Text), ","),
                (Address.household, SEPARATOR),
                (Address.grid, SEPARATOR),
            )
        ]
        query = (
            sa.select(Address.community_id, Address.housing, *strung)
            .where(sa.true() if last_id is None else Address.id <= last_id)
            .group_by(Address.community_id, Address.housing)
        )
        rows = [row for row in session.execute(query) if row[0] in codes]
        strata: dict[str, list[Cell]] = {code: [] for code in sorted(communities)}
        digest, newest = hashlib.sha256(), 0
        for community_id, housing, *texts in sorted(rows, key=lambda r: (codes[r[0]], r[1])):
            numbers, households, grids = _columns(*texts)
            community = codes[community_id]
            digest.update(f"{community}\n{housing}\n".encode() + numbers.astype("<i8").tobytes())
            for text in (households, grids):
                digest.update(text.encode() + b"\n")
            newest = max(newest, int(numbers.max()))
            named = [housing] * len(numbers)
            parts = (_apart(households), _apart(grids))
            strata[community].append(Cell(community, housing, numbers, parts[0], named, parts[1]))
        return cls(strata, digest.hexdigest(), newest)


def _columns(places: str, ids: str, households: str, grids: str) -> tuple[Places, str, str]:
    """The columns of a stratum in the list's order, which the database need not have kept."""
    position, numbers = (np.fromstring(text, dtype=np.int64, sep=",") for text in (places, ids))
    if (np.diff(position) >= 0).all():
        return numbers, households, grids
    order = np.argsort(position, kind="stable")
    first, second = (SEPARATOR.join(_apart(text).taking(order)) for text in (households, grids))
    return numbers[order], first, second


def _apart(text: str) -> Lazy:
    return Lazy(partial(str.split, text, SEPARATOR))
