"""The list of addresses as a draw reads it: in columns, with a checksum."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.frames import Address
from surveys.picks import Cell

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
        texts = [
            sa.func.aggregate_strings(sa.cast(column, sa.Text), SEPARATOR)
            for column in (Address.position, Address.id, Address.household, Address.grid)
        ]
        query = (
            sa.select(Address.community_id, Address.housing, *texts)
            .where(sa.true() if last_id is None else Address.id <= last_id)
            .group_by(Address.community_id, Address.housing)
        )
        rows = [row for row in session.execute(query) if row[0] in codes]
        strata: dict[str, list[Cell]] = {code: [] for code in sorted(communities)}
        digest, newest = hashlib.sha256(), 0
        for community_id, housing, *columns in sorted(rows, key=lambda r: (codes[r[0]], r[1])):
            positions, ids, households, grids = (text.split(SEPARATOR) for text in columns)
            places = np.array(positions, dtype=np.int64)
            if (np.diff(places) < 0).any():  # the database need not keep the order
                order = np.argsort(places, kind="stable").tolist()
                ids, households, grids = (
                    [column[place] for place in order] for column in (ids, households, grids)
                )
            community = codes[community_id]
            for part in ([community, housing], ids, households, grids):
                digest.update(SEPARATOR.join(part).encode() + b"\n")
            numbers = np.array(ids, dtype=np.int64)
            newest = max(newest, int(numbers.max()))
            named = [housing] * len(ids)
            strata[community].append(Cell(community, housing, numbers, households, named, grids))
        return cls(strata, digest.hexdigest(), newest)
