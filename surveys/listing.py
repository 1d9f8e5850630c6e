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
        strung = [
            sa.func.aggregate_strings(sa.cast(column, sa.Text), separator)
            for column, separator in (
                (Address.position, ","),
                (Address.id, ","),
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
        for community_id, housing, places, ids, *texts in sorted(
            rows, key=lambda row: (codes[row[0]], row[1])
        ):
            position, numbers = (
                np.fromstring(text, dtype=np.int64, sep=",") for text in (places, ids)
            )
            households, grids = (text.split(SEPARATOR) for text in texts)
            if (np.diff(position) < 0).any():  # the database need not keep the order
                order = np.argsort(position, kind="stable")
                numbers = numbers[order]
                households, grids = (
                    [column[place] for place in order.tolist()] for column in (households, grids)
                )
                texts = [SEPARATOR.join(households), SEPARATOR.join(grids)]
            community = codes[community_id]
            digest.update(f"{community}\n{housing}\n".encode() + numbers.astype("<i8").tobytes())
            for text in texts:
                digest.update(text.encode() + b"\n")
            newest = max(newest, int(numbers.max()))
            named = [housing] * len(numbers)
            strata[community].append(Cell(community, housing, numbers, households, named, grids))
        return cls(strata, digest.hexdigest(), newest)
