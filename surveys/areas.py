"""The area tree: city › district › township › community or village › grid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from surveys import lists
from surveys.database import Base
from surveys.problems import N_, Problem, Refused

LEVELS = ("city", "district", "township", "community", "grid")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}")  # it stands in addresses: /s/<wave>/<code>
COLUMNS = (
    lists.Column("code", ("编码", "代码", "区划代码")),
    lists.Column("parent", ("上级", "上级编码", "上级代码")),
    lists.Column("level", ("级别", "层级")),
    lists.Column("name", ("name_zh", "名称")),
    lists.Column("name_en", ("英文名称",), required=False),
)

UNKNOWN = N_("There is no area with the code %(code)s.")
TAKEN = N_("There is already an area with the code %(code)s.")


class Area(Base):
    """A place that people, waves and figures belong to."""

    __tablename__ = "areas"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), index=True)
    level: Mapped[str] = mapped_column(String(16))
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80), default="")

    parent: Mapped[Area | None] = relationship(remote_side="Area.id")


def get(session: Session, code: str) -> Area:
    """The area of a code; an unknown one is refused."""
    area = session.scalar(sa.select(Area).where(Area.code == code))
    if area is None:
        raise Refused(Problem(UNKNOWN, {"code": code}))
    return area


def add(  # noqa: PLR0917
    session: Session, code: str, name_zh: str, name_en: str, level: str, parent: Area | None = None
) -> Area:
    """Add one area below another, or at the top.

    Raises
    ------
    Refused
        The code is taken or cannot stand in an address, the level is unknown, or the parent is
        not of a higher level.
    """
    problems = _faults(code, name_zh, level, parent.level if parent else None)
    if session.scalar(sa.select(Area.id).where(Area.code == code)) is not None:
        problems.append(Problem(TAKEN, {"code": code}))
    if problems:
        raise Refused(*problems)
    area = Area(code=code, name_zh=name_zh, name_en=name_en, level=level, parent=parent)
    session.add(area)
    session.flush()
    return area


def import_csv(session: Session, file: IO[bytes]) -> int:
    """Add the areas of a list (code, parent, level, name; name_en if given) and count them.

    Parents may stand anywhere in the list, or in the record already. Either the whole list is
    added or, with every fault named by its line, none of it.
    """
    rows = lists.read(file, COLUMNS)
    known = {area.code: area for area in session.scalars(sa.select(Area))}
    levels = {code: area.level for code, area in known.items()}
    levels.update((row["code"], row["level"]) for row in rows)
    problems: list[Problem] = []
    seen = set(known)
    for row in rows:
        problems += _row_faults(row, levels, seen)
        seen.add(row["code"])
    if problems:
        raise Refused(*problems)
    for row in sorted(rows, key=lambda row: LEVELS.index(row["level"])):
        known[row["code"]] = Area(
            code=row["code"],
            name_zh=row["name"],
            name_en=row["name_en"],
            level=row["level"],
            parent=known[row["parent"]] if row["parent"] else None,
        )
        session.add(known[row["code"]])
    session.flush()
    return len(rows)


def branch(session: Session, area_id: int | None) -> list[int]:
    """The ids of an area and of everything below it; of None, of the whole tree."""
    top = Area.parent_id.is_(None) if area_id is None else Area.id == area_id
    tree = sa.select(Area.id).where(top).cte("branch", recursive=True)
    tree = tree.union_all(sa.select(Area.id).join(tree, Area.parent_id == tree.c.id))
    return list(session.scalars(sa.select(tree.c.id)))


def communities(session: Session, area_id: int | None) -> list[Area]:
    """The communities and villages of a branch, ordered by their code."""
    of_branch = Area.id.in_(branch(session, area_id))
    query = sa.select(Area).where(of_branch, Area.level == "community").order_by(Area.code)
    return list(session.scalars(query))


def _row_faults(row: lists.Row, levels: Mapping[str, str], seen: set[str]) -> list[Problem]:
    if row["code"] in seen:
        return [row.problem(TAKEN, code=row["code"])]
    if row["parent"] and row["parent"] not in levels:
        return [row.problem(UNKNOWN, code=row["parent"])]
    faults = _faults(row["code"], row["name"], row["level"], levels.get(row["parent"]))
    return [row.problem(fault.text, **fault.params) for fault in faults]


def _faults(code: str, name: str, level: str, above: str | None) -> list[Problem]:
    faults = []
    if not CODE.fullmatch(code):
        odd = N_("“%(code)s” is no code: letters, digits and dashes, at most 32.")
        faults.append(Problem(odd, {"code": code}))
    if not name or len(name) > 80:
        faults.append(Problem(N_("A name of at most 80 characters is missing.")))
    if level not in LEVELS:
        params = {"level": level, "levels": ", ".join(LEVELS)}
        faults.append(Problem(N_("“%(level)s” is no level; there are: %(levels)s."), params))
    elif above is not None and above in LEVELS and LEVELS.index(above) >= LEVELS.index(level):
        params = {"level": level, "above": above}
        faults.append(Problem(N_("A %(level)s does not lie in a %(above)s."), params))
    return faults
