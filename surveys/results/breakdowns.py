"""Breakdowns: answers by question and rates by group, stored when a wave is locked.

A screen reads them with one plain SELECT; nothing of them is computed when someone looks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys.areas import Area
from surveys.database import Base, Json
from surveys.results import groups, items
from surveys.results.estimates import EstimatedColumns
from surveys.results.figures import GroupFigure
from surveys.results.items import COMMUNITY, Group, Share, Table
from surveys.results.weighed import Weighed
from surveys.weighting.weight_sets import WeightSet


class StoredTable(Base):
    """How a question was answered, in each category of one variable."""

    __tablename__ = "item_tables"
    __table_args__ = (UniqueConstraint("weight_set_id", "question", "crossed_by"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    weight_set_id: Mapped[int] = mapped_column(ForeignKey("weight_sets.id"))
    question: Mapped[str] = mapped_column(String(64))
    crossed_by: Mapped[str] = mapped_column(String(64))  # empty: everyone together
    # {"groups": [{"code", "n", "n_weighted", "missing", "shares": [...]}]}
    content: Mapped[dict[str, Any]] = mapped_column(Json)


class StoredGroup(EstimatedColumns, Base):
    """A rate among some of a place's residents."""

    __tablename__ = "group_estimates"
    __table_args__ = (
        UniqueConstraint("weight_set_id", "area_id", "indicator", "variable", "category"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    weight_set_id: Mapped[int] = mapped_column(ForeignKey("weight_sets.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    indicator: Mapped[str] = mapped_column(String(48))
    variable: Mapped[str] = mapped_column(String(16))  # sex | age | housing
    category: Mapped[str] = mapped_column(String(64))


class Breakdowns(NamedTuple):
    """Both kinds of a set of weights."""

    tables: list[Table]
    groups: list[GroupFigure]


def store(session: Session, weight_set: WeightSet, made: Breakdowns) -> None:
    """Keep the breakdowns that a stored set of weights yields."""
    rows = [
        {"weight_set_id": weight_set.id, "question": one.question, "crossed_by": one.by,
         "content": _content(one)}
        for one in made.tables
    ]  # fmt: skip
    if rows:
        session.execute(sa.insert(StoredTable), rows)
    ids = dict(session.execute(sa.select(Area.code, Area.id)).all())
    of_groups = []
    for figure in made.groups:
        numbers = dict(vars(figure))
        area_id = ids[numbers.pop("area")]
        of_groups.append({"weight_set_id": weight_set.id, "area_id": area_id, **numbers})
    if of_groups:
        session.execute(sa.insert(StoredGroup), of_groups)


def compute(weighed: Weighed) -> Breakdowns:
    """The breakdowns of a set of weights, both kinds at a time."""
    with ThreadPoolExecutor(1) as beside:
        of_groups = beside.submit(groups.compute, weighed)
        return Breakdowns(list(items.compute(weighed)), of_groups.result())


def of(session: Session, weight_set_id: int) -> Breakdowns:
    """The stored ones, in the order they were made."""
    return Breakdowns(tables(session, weight_set_id), group_figures(session, weight_set_id))


def tables(session: Session, weight_set_id: int, question: str = "") -> list[Table]:
    """The stored tables of a question, or of all, in the order they were made."""
    query = sa.select(StoredTable.question, StoredTable.crossed_by, StoredTable.content).where(
        StoredTable.weight_set_id == weight_set_id
    )
    if question:
        query = query.where(StoredTable.question == question)
    return [_table(*row) for row in session.execute(query.order_by(StoredTable.id))]


def table(
    session: Session,
    weight_set_id: int,
    question: str,
    by: str = items.EVERYONE,
    communities: Collection[str] | None = None,
) -> Table | None:
    """One stored table; None where the question was not asked or was not crossed so.

    Parameters
    ----------
    communities : collection of str, optional
        Of a table by community, the ones that the reader may see.
    """
    content = session.scalar(
        sa.select(StoredTable.content)
        .where(StoredTable.weight_set_id == weight_set_id)
        .where(StoredTable.question == question, StoredTable.crossed_by == by)
    )
    if content is None:
        return None
    found = _table(question, by, content)
    if by != COMMUNITY or communities is None:
        return found
    kept = tuple(group for group in found.groups if group.code in communities)
    return Table(question, by, kept)


def everyone(session: Session, weight_set_id: int) -> dict[str, Group]:
    """How everyone answered, by question."""
    rows = session.execute(
        sa.select(StoredTable.question, StoredTable.crossed_by, StoredTable.content)
        .where(StoredTable.weight_set_id == weight_set_id)
        .where(StoredTable.crossed_by == items.EVERYONE)
        .order_by(StoredTable.id)
    )
    return {row[0]: _table(*row).groups[0] for row in rows}


def group_figures(
    session: Session, weight_set_id: int, area: Area | None = None
) -> list[GroupFigure]:
    """The rates by group of one place; of None, of all."""
    query = (
        sa.select(Area.code.label("area"), *(getattr(StoredGroup, name) for name in _NUMBERS))
        .join(Area, Area.id == StoredGroup.area_id)
        .where(StoredGroup.weight_set_id == weight_set_id)
        .where(sa.true() if area is None else StoredGroup.area_id == area.id)
        .order_by(StoredGroup.id)
    )
    return [GroupFigure(**row) for row in session.execute(query).mappings()]


_NUMBERS = [field.name for field in fields(GroupFigure) if field.name != "area"]


def _content(of: Table) -> dict[str, Any]:
    groups = [
        {**vars(group), "shares": [dict(vars(share)) for share in group.shares]}
        for group in of.groups
    ]
    return {"groups": groups}


def _table(question: str, by: str, content: Mapping[str, Any]) -> Table:
    return Table(question, by, tuple(_groups(content["groups"])))


def _groups(stored: Iterable[Mapping[str, Any]]) -> Iterable[Group]:
    for one in stored:
        shares = tuple(Share(**share) for share in one["shares"])
        yield Group(one["code"], one["n"], one["n_weighted"], one["missing"], shares)
