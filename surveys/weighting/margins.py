"""Population margins: how many adults live where, by sex, age band and housing type.

The population is the residents (常住, six months or more) aged 18 and over, not the registered
ones; every figure says where it comes from and of which day it is.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import areas, lists
from surveys.areas import Area
from surveys.database import Base
from surveys.keys import plain
from surveys.problems import N_, Problem, Refused
from surveys.sampling import frames
from surveys.sampling.frames import HOUSING

Cell = tuple[str, str, str]  # sex, age, housing; "" is all of them
Cells = dict[Cell, int]

SEXES = ("male", "female")
AGES = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
ALL = ("", "all", "合计", "总计", "小计", "全部", "不分")
SEX_WORDS = {"男": "male", "男性": "male", "女": "female", "女性": "female"}
COLUMNS = (
    lists.Column("area", ("区域", "区划代码", "编码", "代码", "社区", "社区编码")),
    lists.Column("sex", ("性别",), required=False),
    lists.Column("age", ("年龄", "年龄段"), required=False),
    lists.Column("housing", ("住房类型", "房屋类型"), required=False),
    lists.Column("adults", ("人数", "成年人数", "18岁以上常住人口")),
)
NAMES = {  # what the cells are called when something is wrong with them
    "male": N_("men"),
    "female": N_("women"),
    "managed": N_("managed estates"),
    "unmanaged": N_("estates without a manager"),
    "selfbuilt": N_("self-built houses"),
    "resettled": N_("public or resettled housing"),
    "rural": N_("rural houses"),
}


class Margin(Base):
    """Adults of an area in one cell; an empty word stands for all of that kind."""

    __tablename__ = "margins"
    __table_args__ = (UniqueConstraint("area_id", "sex", "age", "housing"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    sex: Mapped[str] = mapped_column(String(8), default="")  # codes of D1
    age: Mapped[str] = mapped_column(String(8), default="")  # codes of D2
    housing: Mapped[str] = mapped_column(String(16), default="")  # codes of the frame
    adults: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))
    as_of: Mapped[dt.date | None]


def of(session: Session, area_ids: Iterable[int]) -> list[Margin]:
    """The margins of these areas, by area, sex, age and housing."""
    query = sa.select(Margin).where(Margin.area_id.in_(list(area_ids)))
    order = (Margin.area_id, Margin.sex, Margin.age, Margin.housing)
    return list(session.scalars(query.order_by(*order)))


def adults(session: Session, area_ids: Iterable[int]) -> dict[int, int]:
    """Adults of those areas that have margins: the total, or the sum of the coarsest cells."""
    query = sa.select(Margin.area_id, Margin.sex, Margin.age, Margin.housing, Margin.adults)
    sums: defaultdict[int, defaultdict[tuple[bool, ...], int]] = defaultdict(
        lambda: defaultdict(int)
    )
    for area, *cell, number in session.execute(query.where(Margin.area_id.in_(list(area_ids)))):
        sums[area][tuple(map(bool, cell))] += number
    return {area: of[min(of, key=lambda kinds: (sum(kinds), kinds))] for area, of in sums.items()}


def import_list(  # noqa: PLR0917
    session: Session,
    file: IO[bytes],
    filename: str,
    source: str,
    as_of: dt.date | None,
    area_id: int | None = None,
    *,
    dry: bool = False,
) -> int:
    """Store the margins of a list, in place of those the same cells had, and count its lines.

    Parameters
    ----------
    file : binary file
        CSV or a workbook with the columns area (its code) and adults, and as many of sex, age and
        housing as it is broken down by: codes or Chinese words; an empty cell or 合计 is a total.
    source : str
        Where the figures come from.
    as_of : date
        The day they are of.
    area_id : int, optional
        Branch of the tree outside of which the list may name no area.
    dry : bool
        Look only, store nothing.

    Raises
    ------
    Refused
        With every fault of every line; then nothing is changed.
    """
    rows = lists.read(file, COLUMNS, filename)
    own = sa.true() if area_id is None else Area.id.in_(areas.branch(session, area_id))
    known: dict[str, int] = dict(session.execute(sa.select(Area.code, Area.id).where(own)).all())
    problems = []
    if not source.strip() or len(source) > 200:
        problems.append(Problem(N_("Say in at most 200 characters where the figures come from.")))
    found: dict[tuple[int, Cell], tuple[int, int]] = {}  # the number of adults and its line
    for row in rows:
        cell, adults = _cell(row), _number(row["adults"])
        problems += (faults := list(_faults(row, cell, adults, known)))
        if faults:
            continue
        key = (known[row["area"]], cell)
        _, line = found.setdefault(key, (adults, row.line))
        if line != row.line:
            problems.append(
                row.problem(N_("This cell stands in line %(first)d already."), first=line)
            )
    if problems:
        raise Refused(*problems)
    if dry:
        return len(rows)
    _store(session, {key: adults for key, (adults, _) in found.items()}, source.strip(), as_of)
    return len(rows)


def _store(
    session: Session,
    found: Mapping[tuple[int, Cell], int],
    source: str,
    as_of: dt.date | None,
) -> None:
    before = {
        (one.area_id, (one.sex, one.age, one.housing)): one
        for one in of(session, {area for area, _ in found})
    }
    for (area, cell), adults in found.items():
        one = before.get((area, cell))
        if one is None:
            sex, age, housing = cell
            one = Margin(area_id=area, sex=sex, age=age, housing=housing)
            session.add(one)
        one.adults, one.source, one.as_of = adults, source, as_of
    session.flush()


# ---- one line of a list --------------------------------------------------------------------------


def _cell(row: lists.Row) -> Cell:
    """The codes of a line's words; a word that is none becomes “?”."""
    sex, age, housing = (plain(row[name]) for name in ("sex", "age", "housing"))
    sex = "" if sex in ALL else SEX_WORDS.get(sex, sex)
    age = "" if age in ALL else _age(age)
    housing = "" if housing in ALL else frames.HOUSING_WORDS.get(housing, "?")
    return (
        sex if sex in ("", *SEXES) else "?",
        age if age in ("", *AGES) else "?",
        housing,
    )


def _age(word: str) -> str:
    """An age band as it is coded: 18～24岁 is 18-24, 65岁及以上 is 65+."""
    word = re.sub(r"[\s周岁]", "", word)
    word = re.sub(r"[–—−~～至到]", "-", word)
    return re.sub(r"(?:及?以上|orover|andover)$", "+", word)


def _number(text: str) -> int:
    """A count of people; -1 if it is none."""
    digits = plain(text).replace(",", "")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else -1


def _faults(row: lists.Row, cell: Cell, adults: int, known: Mapping[str, int]) -> Iterator[Problem]:
    if row["area"] not in known:
        yield row.problem(areas.UNKNOWN, code=row["area"])
    words = (("sex", SEXES, "男, 女"), ("age", AGES, ""), ("housing", HOUSING, ""))
    for code, (column, codes, more) in zip(cell, words, strict=True):
        if code == "?":
            odd = N_("“%(word)s” is not known in the column %(column)s; there are: %(words)s.")
            there = ", ".join(filter(None, (*codes, more)))
            yield row.problem(odd, word=row[column], column=column, words=there)
    if adults < 0:
        yield row.problem(N_("“%(word)s” is no number of adults."), word=row["adults"])


# ---- what does not fit together ------------------------------------------------------------------


def check(session: Session, area_id: int | None = None) -> list[Problem]:
    """What is missing or contradictory in the margins of a branch; of None, of the whole tree.

    Children that do not add up to their parent, cells that do not add up to their total, cells and
    communities that are missing, and cells without anyone, into which a respondent may yet fall.
    A housing type may be missing where the frame has no address of it.
    """
    of_branch = Area.id.in_(areas.branch(session, area_id))
    places = list(session.scalars(sa.select(Area).where(of_branch).order_by(Area.code)))
    cells: dict[int, Cells] = defaultdict(dict)
    for margin in of(session, (place.id for place in places)):
        cells[margin.area_id][margin.sex, margin.age, margin.housing] = margin.adults
    if not cells:
        return [Problem(N_("There are no margins."))]
    checks = _Checks(places, cells, frames.counts(session))
    return list(checks.problems())


@dataclass(frozen=True)
class _Checks:
    places: list[Area]
    cells: Mapping[int, Cells]
    addresses: Mapping[int, Mapping[str, int]]  # by housing type, as the frame has them

    def problems(self) -> Iterator[Problem]:
        children: defaultdict[int | None, list[Area]] = defaultdict(list)
        for place in self.places:
            if place.level != "grid":
                children[place.parent_id].append(place)
        for place in self.places:
            if place.id in self.cells:
                yield from self._inside(place)
                yield from self._below(place, children[place.id])
            elif place.level == "community":
                yield _at(place, Problem(N_("There are no margins of this community.")))

    def _inside(self, place: Area) -> Iterator[Problem]:
        """Cells against their totals, what is missing beside them, and who is nowhere."""
        housed = self._housed(place)
        tables: defaultdict[tuple[bool, ...], Cells] = defaultdict(dict)
        for cell, adults in self.cells[place.id].items():
            tables[tuple(map(bool, cell))][cell] = adults
            if adults == 0 and (not cell[2] or cell[2] in housed):
                nobody = N_("There are no %(cell)s; nobody who answers as one could be weighted.")
                yield _at(place, Problem(nobody, {"cell": said(cell)}))
        for kinds, table in tables.items():
            missing = [cell for cell in _whole(table, kinds, housed) if cell not in table]
            for cell in missing:
                gap = N_("The number of %(cell)s is missing.")
                yield _at(place, Problem(gap, {"cell": said(cell)}))
            coarser = [totals for other, totals in tables.items() if _is_within(other, kinds)]
            for totals in [] if missing else coarser:
                yield from (_at(place, problem) for problem in _differences(totals, table))

    def _below(self, place: Area, children: list[Area]) -> Iterator[Problem]:
        """The cells of a place against those of the places in it, however fine either's are."""
        inside = [self.cells.get(child.id, {}) for child in children]
        for cell in dict.fromkeys(itertools.chain(self.cells[place.id], *inside)):
            given = self._number(place, cell)
            numbers = [self._number(child, cell) for child in children]
            lacking = [
                number is None and not (cell[2] and cells)
                for number, cells in zip(numbers, inside, strict=True)
            ]
            added = sum(number or 0 for number in numbers)
            if given is None or any(lacking) or all(number is None for number in numbers):
                continue  # a place without margins, or without this cell, is named by itself
            if added != given:
                differs = N_(
                    "%(cell)s: %(given)d are given, the places within add up to %(added)d."
                )
                params = {"cell": said(cell), "given": given, "added": added}
                yield _at(place, Problem(differs, params))

    def _number(self, place: Area, cell: Cell) -> int | None:
        """The adults of a cell, else of all that it is made of, where none of those is missing."""
        own = self.cells.get(place.id, {})
        if cell in own:
            return own[cell]
        tables: defaultdict[tuple[bool, ...], Cells] = defaultdict(dict)
        for part, adults in own.items():
            if all(one in ("", other) for one, other in zip(cell, part, strict=True)):
                tables[tuple(map(bool, part))][part] = adults
        housed = self._housed(place)
        for kinds, table in sorted(tables.items(), key=lambda item: (sum(item[0]), item[0])):
            whole = [
                part
                for part in _whole(table, kinds, housed)
                if all(one in ("", other) for one, other in zip(cell, part, strict=True))
            ]
            if all(part in table for part in whole):
                return sum(table.values())
        return None

    def _housed(self, place: Area) -> list[str]:
        """The housing types that the frame has addresses of."""
        return [code for code in HOUSING if self.addresses.get(place.id, {}).get(code)]


def said(cell: Cell) -> Problem:
    """A cell in words.

    >>> str(said(("female", "25-34", ""))), str(said(("", "", "")))
    ('women, 25-34', 'all adults')
    """
    words = [Problem(NAMES[code]) if code in NAMES else code for code in cell if code]
    if not words:
        return Problem(N_("all adults"))
    texts = (N_("%(a)s"), N_("%(a)s, %(b)s"), N_("%(a)s, %(b)s, %(c)s"))
    return Problem(texts[len(words) - 1], dict(zip("abc", words, strict=False)))


def _whole(table: Cells, kinds: tuple[bool, ...], housed: Iterable[str]) -> Iterator[Cell]:
    """Every cell that a table of these kinds should have."""
    of_housing = {*(housing for _, _, housing in table), *housed}
    codes = (SEXES, AGES, [code for code in HOUSING if code in of_housing])
    every = (those if is_there else ("",) for those, is_there in zip(codes, kinds, strict=True))
    return itertools.product(*every)  # type: ignore[return-value]


def _is_within(coarse: tuple[bool, ...], fine: tuple[bool, ...]) -> bool:
    return coarse != fine and all(not one or other for one, other in zip(coarse, fine, strict=True))


def _differences(totals: Cells, table: Cells) -> Iterator[Problem]:
    """Totals that are not the sum of their parts."""
    for total, given in totals.items():
        parts = [
            adults
            for cell, adults in table.items()
            if all(one in ("", other) for one, other in zip(total, cell, strict=True))
        ]
        if parts and sum(parts) != given:
            differs = N_("%(cell)s: %(given)d are given, the parts add up to %(added)d.")
            yield Problem(differs, {"cell": said(total), "given": given, "added": sum(parts)})


def _at(place: Area, problem: Problem) -> Problem:
    params = {"code": place.code, "name": place.name_zh, "problem": problem}
    return Problem(N_("%(code)s %(name)s: %(problem)s"), params)
