"""How what is derived from several waves is kept: rows that name their area by its code.

Rows belong to the wave at whose lock they were made, and are replaced when that wave, or one
before it, is weighed or locked anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.areas import Area
from surveys.database import Base

T = TypeVar("T")


@dataclass(frozen=True)
class Otherwise:
    """Something derived that does not come out again as it is stored."""

    what: str
    stored: str
    recomputed: str


def store(session: Session, table: type[Base], wave_id: int, rows: Sequence[Any]) -> None:
    """Put the rows of a wave in the place of those it had."""
    made: Any = table
    session.execute(sa.delete(made).where(made.wave_id == wave_id))
    if not rows:
        return
    ids = dict(session.execute(sa.select(Area.code, Area.id)).all())
    values = []
    for row in rows:
        named = dict(vars(row))
        values.append({"wave_id": wave_id, "area_id": ids[named.pop("area")], **named})
    session.execute(sa.insert(made), values)


def load(session: Session, table: type[Base], row: type[T], *where: Any) -> list[T]:
    """Stored rows as plain values, in the order they were made."""
    made: Any = table
    names = [field.name for field in fields(row)]  # type: ignore[arg-type]
    query = (
        sa.select(*(Area.code if name == "area" else getattr(made, name) for name in names))
        .join(Area, Area.id == made.area_id)
        .where(*where)
        .order_by(made.id)
    )
    return [row(*found) for found in session.execute(query)]


def compare(stored: Iterable[Any], made: Iterable[Any], what: str) -> list[Otherwise]:
    """What differs, by as much as one bit, between two makings of the same rows."""
    before, after = list(stored), list(made)
    if len(before) != len(after):
        return [Otherwise(what, f"{len(before)} rows", f"{len(after)} rows")]
    return [
        Otherwise(f"{what} {_place(old)} {name}", str(a), str(b))
        for old, new in zip(before, after, strict=True)
        for (name, a), b in zip(vars(old).items(), vars(new).values(), strict=True)
        if a != b
    ]


def _place(row: Any) -> str:
    names = ("period", "indicator", "area", "variable", "category")
    return " ".join(str(getattr(row, name)) for name in names if hasattr(row, name))


def finite(value: float) -> float | None:
    """A number a database can keep; what is not one is absent."""
    return float(value) if math.isfinite(value) else None


def numbers(columns: Mapping[str, Any], *place: int) -> dict[str, float | None]:
    """One place of several arrays."""
    return {name: finite(array[place]) for name, array in columns.items()}
