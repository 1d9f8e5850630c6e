"""The area tree: province › city › district › township › community or village › grid."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from surveys import divisions, lists
from surveys.database import Base, batches
from surveys.keys import plain
from surveys.problems import N_, Problem, Refused

# Each level with the words that lists have for it.
LEVEL_WORDS = {
    "province": ("省", "直辖市", "自治区", "省级"),
    "city": ("市", "地级市", "地级", "prefecture"),
    "district": ("区", "县", "区县", "县区", "县级", "county"),
    "township": ("镇", "乡", "街道", "乡镇", "镇街", "乡级", "subdistrict", "town"),
    "community": ("社区", "村", "村居", "村社", "村级", "village"),
    "grid": ("网格",),
}
LEVELS = tuple(LEVEL_WORDS)
WORDS = {word: level for level, words in LEVEL_WORDS.items() for word in (level, *words)}
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}")  # it stands in addresses: /s/<wave>/<code>
NUMBER = re.compile(r"[0-9][.0-9]*[Ee]\+?[0-9]+")  # what a spreadsheet makes of a long code
COLUMNS = (
    lists.Column("code", ("编码", "代码", "区划代码", "统计用区划代码")),
    lists.Column("parent", ("上级", "上级编码", "上级代码")),
    lists.Column("level", ("级别", "层级")),
    lists.Column("name", ("name_zh", "名称")),
    lists.Column("name_en", ("英文名称",), required=False),
)

BATCH = 10_000  # rows that are written at a time

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
    tree = {parent.code: parent.level} if parent else {}
    problems = list(_faults(code, name_zh, level, parent.code if parent else "", tree))
    if session.scalar(sa.select(Area.id).where(Area.code == code)) is not None:
        problems.append(Problem(TAKEN, {"code": code}))
    if problems:
        raise Refused(*problems)
    area = Area(code=code, name_zh=name_zh, name_en=name_en, level=level, parent=parent)
    session.add(area)
    session.flush()
    return area


@dataclass(frozen=True)
class Imported:
    """What came of a list, and what in it looks odd without being wrong."""

    added: int
    updated: int
    unchanged: int
    remarks: tuple[Problem, ...] = ()


def import_list(
    session: Session,
    file: IO[bytes],
    filename: str = "",
    area_id: int | None = None,
    *,
    dry: bool = False,
) -> Imported:
    """Add the areas of a list, and bring the names of those that are there up to date.

    Parameters
    ----------
    file : binary file
        CSV or a workbook with the columns code, parent, level, name, and name_en if there is one;
        an empty name_en leaves the name that is known. Parents may stand anywhere in the list, or
        in the record already.
    area_id : int, optional
        Branch of the tree outside of which the list may change nothing.
    dry : bool
        Look only, store nothing.

    Raises
    ------
    Refused
        With every fault of every line; then nothing is changed. Statistical division codes (see
        :mod:`surveys.divisions`) must be of their level and begin with their parent's.
    """
    rows = lists.read(file, COLUMNS, filename)
    session.flush()
    record = _Record.of(session)
    entries = [_Entry.of(row) for row in rows]
    tree = record.levels | {entry.code: entry.level for entry in entries}
    problems = list(_list_faults(entries, record, tree))
    if area_id is not None:
        problems += _outside(entries, record, set(branch(session, area_id)))
    if problems:
        raise Refused(*problems)
    new = [entry for entry in entries if entry.code not in record.ids]
    changes = [change for entry in entries if (change := record.change(entry))]
    if not dry:
        _insert(session, new, record.ids)
        if changes:
            session.execute(sa.update(Area), changes)
        session.expire_all()  # what was loaded before may have another name by now
    unchanged = len(entries) - len(new) - len(changes)
    return Imported(len(new), len(changes), unchanged, tuple(_remarks(entries)))


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


def tree(session: Session, area_id: int | None) -> list[Area]:
    """The places of a branch, each after the one it lies in; neighbours by code."""
    ids = branch(session, area_id)
    children: dict[int | None, list[Area]] = {}
    for area in session.scalars(sa.select(Area).where(Area.id.in_(ids)).order_by(Area.code)):
        children.setdefault(None if area.id == area_id else area.parent_id, []).append(area)
    found: list[Area] = []
    waiting = children.get(None, [])[::-1]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1].id, [])[::-1]
    return found


# ---- one line of a list --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entry:
    line: int
    code: str
    parent: str
    level: str  # a word that is none stays as it is
    name: str
    name_en: str

    @classmethod
    def of(cls, row: lists.Row) -> _Entry:
        level = row["level"]
        level = WORDS.get(level) or WORDS.get(plain(level), level)
        return cls(row.line, row["code"], row["parent"], level, row["name"], row["name_en"])

    def problem(self, text: str, **params: object) -> Problem:
        return lists.in_line(self.line, Problem(text, params))


@dataclass(frozen=True)
class _Record:
    """The areas that are there already, by code."""

    ids: dict[str, int]
    levels: dict[str, str]
    parents: dict[str, str]
    names: dict[str, tuple[str, str]] = field(repr=False)

    @classmethod
    def of(cls, session: Session) -> _Record:
        above = sa.orm.aliased(Area)
        query = sa.select(
            Area.code, Area.id, Area.level, above.code, Area.name_zh, Area.name_en
        ).outerjoin(above, Area.parent_id == above.id)
        found = session.execute(query).all()
        return cls(
            {code: id_ for code, id_, *_ in found},
            {code: level for code, _, level, *_ in found},
            {code: parent or "" for code, _, _, parent, *_ in found},
            {code: (zh, en) for code, *_, zh, en in found},
        )

    def change(self, entry: _Entry) -> dict[str, object] | None:
        """What a line changes; None if nothing, or if it is new."""
        if entry.code not in self.ids:
            return None
        zh, en = self.names[entry.code]
        names = (entry.name, entry.name_en or en)
        if names == (zh, en):
            return None
        return {"id": self.ids[entry.code], "name_zh": names[0], "name_en": names[1]}


def _insert(session: Session, entries: list[_Entry], ids: dict[str, int]) -> None:
    """Add the new areas level by level, since each needs its parent's id."""
    table = Base.metadata.tables[Area.__tablename__]  # without the ORM's own books: half the time
    parents = {entry.parent for entry in entries} - set(ids)
    for level in LEVELS:
        of_level = [entry for entry in entries if entry.level == level]
        if not of_level:
            continue
        for some in batches(of_level, BATCH):
            session.execute(sa.insert(table), [_values(entry, ids) for entry in some])
        if parents.intersection(entry.code for entry in of_level):
            made = sa.select(Area.code, Area.id).where(Area.level == level)
            ids.update((code, id_) for code, id_ in session.execute(made) if code in parents)


def _values(entry: _Entry, ids: Mapping[str, int]) -> dict[str, object]:
    return {
        "code": entry.code,
        "parent_id": ids[entry.parent] if entry.parent else None,
        "level": entry.level,
        "name_zh": entry.name,
        "name_en": entry.name_en,
    }


# ---- what is wrong, and what is odd --------------------------------------------------------------


def _list_faults(
    entries: list[_Entry], record: _Record, tree: Mapping[str, str]
) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for entry in entries:
        line = first.setdefault(entry.code, entry.line)
        if line != entry.line:
            twice = N_("The code %(code)s stands in line %(first)d already.")
            yield entry.problem(twice, code=entry.code, first=line)
            continue
        if entry.parent and entry.parent not in tree:
            yield entry.problem(UNKNOWN, code=entry.parent)
        faults = _faults(entry.code, entry.name, entry.level, entry.parent, tree)
        for fault in (*faults, *_moves(entry, record)):
            yield lists.in_line(entry.line, fault)


def _faults(
    code: str, name: str, level: str, parent: str, tree: Mapping[str, str]
) -> Iterator[Problem]:
    if NUMBER.fullmatch(code):
        mangled = N_("“%(code)s” was a code that a spreadsheet rounded; format its cells as text.")
        yield Problem(mangled, {"code": code})
    elif not CODE.fullmatch(code):
        odd = N_("“%(code)s” is no code: letters, digits and dashes, at most 32.")
        yield Problem(odd, {"code": code})
    if not name or len(name) > 80:
        yield Problem(N_("A name of at most 80 characters is missing."))
    if level not in LEVELS:
        params = {"level": level, "levels": ", ".join(LEVELS)}
        yield Problem(N_("“%(level)s” is no level; there are: %(levels)s."), params)
        return
    above = tree.get(parent, "")
    if above in LEVELS and LEVELS.index(above) >= LEVELS.index(level):
        params = {"level": level, "above": above}
        yield Problem(N_("A %(level)s does not lie in a %(above)s."), params)
    yield from _division_faults(code, level, parent, tree)


def _division_faults(
    code: str, level: str, parent: str, tree: Mapping[str, str]
) -> Iterator[Problem]:
    """What a statistical code contradicts; other codes say nothing."""
    where = divisions.significant(code)
    if where is None or (len(code) < 6 and level not in divisions.LEVELS[:2]):
        return  # an office may number its communities 1101, 1102 …
    above = divisions.significant(parent)
    if where == above:
        return  # it stands for the whole of its parent, which is remarked on
    meant = divisions.levels(code)
    if level not in meant:
        wrong = N_("%(code)s is the code of a %(meant)s, not of a %(level)s.")
        yield Problem(wrong, {"code": code, "meant": " / ".join(meant), "level": level})
    if above and not where.startswith(above):
        lies = N_("%(code)s does not lie in %(parent)s: its code does not begin with %(above)s.")
        yield Problem(lies, {"code": code, "parent": parent, "above": above})
    if not parent:
        prefixes = (where[:length] for length in reversed(divisions.LENGTHS) if length < len(where))
        if nearest := next((prefix for prefix in prefixes if prefix in tree), None):
            orphan = N_("%(code)s names no parent, though %(above)s is there.")
            yield Problem(orphan, {"code": code, "above": nearest})


def _moves(entry: _Entry, record: _Record) -> Iterator[Problem]:
    if entry.code not in record.ids:
        return
    parent, level = record.parents[entry.code], record.levels[entry.code]
    if (entry.parent, entry.level) != (parent, level):
        moved = N_("%(code)s is a %(level)s in %(parent)s; a list does not move it.")
        yield Problem(moved, {"code": entry.code, "level": level, "parent": parent or "—"})


def _outside(entries: list[_Entry], record: _Record, own: set[int]) -> Iterator[Problem]:
    """Lines that would change what is not of the branch."""
    for entry in entries:
        known = record.ids.get(entry.code)
        if known is None:
            at_home = entry.parent not in record.ids or record.ids[entry.parent] in own
            foreign = not (entry.parent and at_home)
        else:
            foreign = known not in own and record.change(entry) is not None
        if foreign:
            yield entry.problem(N_("%(code)s is outside your own branch."), code=entry.code)


def _remarks(entries: list[_Entry]) -> Iterator[Problem]:
    """What may be meant, and often is a slip: each is worth a look."""
    first: dict[tuple[str, str], _Entry] = {}
    for entry in entries:
        name = entry.name if entry.name.isalpha() else plain(entry.name)
        same = first.setdefault((entry.parent, name), entry)
        if same is not entry:
            twice = N_("%(name)s stands in line %(first)d already, in the same place.")
            yield entry.problem(twice, name=entry.name, first=same.line)
        where = divisions.significant(entry.code) if entry.code.endswith("00") else None
        if where and where == divisions.significant(entry.parent):
            whole = N_("%(code)s stands for the whole of %(parent)s.")
            yield entry.problem(whole, code=entry.code, parent=entry.parent)
        if entry.name.isalpha():
            continue
        if any(unicodedata.category(sign) in ("Cc", "Cf", "Cn", "Co") for sign in entry.name):
            unseen = N_("The name %(name)s has a character that screens do not show.")
            yield entry.problem(unseen, name=entry.name)
        if name.count("(") != name.count(")"):
            open_ = N_("The name %(name)s has a bracket without its counterpart.")
            yield entry.problem(open_, name=entry.name)
