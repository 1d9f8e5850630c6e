"""Large selections as columns: a hundred thousand rows on their way to an Arrow table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.orm import Session


def columns_of(session: Session, query: sa.Select[*tuple[Any, ...]]) -> dict[str, Sequence[Any]]:
    """The columns of a query, without the ORM's care for each row; none where it finds nothing."""
    result = session.connection().execute(query)
    names = tuple(result.keys())
    return dict(zip(names, zip(*result.fetchall(), strict=True), strict=False))


def table_of(columns: Mapping[str, Sequence[Any]], kinds: Mapping[str, pa.DataType]) -> pa.Table:
    """A table of these columns; one that is not there is empty."""
    return pa.table({name: pa.array(columns.get(name, ()), kind) for name, kind in kinds.items()})


def in_order(table: pa.Table, order: Sequence[str]) -> pa.Table:
    """The rows sorted here, by code point: databases differ in how they order text."""
    place = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in order])
    return table.take(place).combine_chunks()
