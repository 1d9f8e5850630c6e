"""The frame: the list of addresses that samples are drawn from."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import IO, NamedTuple

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import areas, lists
from surveys.database import Base, batches, room_for_many
from surveys.keys import Keys, plain
from surveys.problems import N_, Problem, Refused
from surveys.sampling.addresses import normal

HOUSING = ("managed", "unmanaged", "selfbuilt", "resettled", "rural")
HOUSING_ZH = ("有物业小区", "无物业小区", "自建房", "公租或安置", "农村住宅")
COLUMNS = (
    lists.Column("community", ("社区", "社区编码", "村居")),
    lists.Column("grid", ("网格",), required=False),
    lists.Column("housing", ("住房类型", "房屋类型")),
    lists.Column("building", ("楼栋", "幢"), required=False),
    lists.Column("unit", ("单元",), required=False),
    lists.Column("door", ("门牌", "户室", "室"), required=False),
    lists.Column("address", ("地址",), required=False),
)


HOUSING_WORDS = {
    **{code: code for code in HOUSING},
    **dict(zip(HOUSING_ZH, HOUSING, strict=True)),
    "有物业": "managed",
    "无物业": "unmanaged",
    "公租房": "resettled",
    "安置房": "resettled",
    "公租房或安置房": "resettled",
}
BATCH = 10_000  # rows that are written at a time
LONGEST = 200  # characters of an address

TWICE = N_("The address stands in line %(first)d already; it counts once.")
CONTRADICTS = N_("The address stands in line %(first)d already, with another housing type or grid.")


class Address(Base):
    """A dwelling on the list. Its text is sealed; answers never point here but through a unit."""

    __tablename__ = "addresses"
    __table_args__ = (
        UniqueConstraint("community_id", "lookup"),
        Index(None, "community_id", "housing", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    grid: Mapped[str] = mapped_column(String(32), default="")
    housing: Mapped[str] = mapped_column(String(16))
    position: Mapped[int]  # place in the list: the implicit order of a systematic draw
    lookup: Mapped[str] = mapped_column(String(64))  # keyed hash of the normalised text
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  # the text, encrypted
    household: Mapped[str] = mapped_column(String(32), unique=True)  # stable pseudonymous id


@dataclass(frozen=True)
class Imported:
    """What came of a list; of a door that stands in it twice, the first line counts."""

    added: int
    updated: int
    unchanged: int
    duplicates: tuple[Problem, ...] = ()


def import_list(
    session: Session,
    keys: Keys,
    file: IO[bytes],
    filename: str = "",
    progress: lists.Progress | None = None,
) -> Imported:
    """Add the addresses of a list, in its order, and bring those that are known up to date.

    Parameters
    ----------
    file : binary file
        CSV or a workbook with the columns community (its code), housing (a code of ``HOUSING`` or
        its Chinese words), and address or building, unit and door, or both; grid if there is one.
    progress : callable
        Told from time to time how many steps are done, of how many.

    Raises
    ------
    Refused
        With every fault of every line; then nothing is changed. A door that stands twice is a
        fault where the lines contradict each other.

    Notes
    -----
    Addresses are the same when :func:`surveys.sampling.addresses.normal` makes them so. One
    that is known keeps its household; its housing, its grid (where the list names one) and its
    place follow the list. Addresses that the list leaves out stay, before those of the list, so
    that one list may follow another.
    """
    return store(session, keys, read_list(session, keys, file, filename, progress), progress)


@dataclass(frozen=True)
class Listed:
    """A list as it was read: nothing is wrong with it, and nothing of it is stored yet."""

    entries: Mapping[tuple[int, str], _Entry] = field(repr=False)
    duplicates: tuple[Problem, ...]
    lines: int


def read_list(  # noqa: PLR0917
    session: Session,
    keys: Keys,
    file: IO[bytes],
    filename: str = "",
    progress: lists.Progress | None = None,
    area_id: int | None = None,
) -> Listed:
    """The first half of :func:`import_list`, which only reads: others may write meanwhile.

    Parameters
    ----------
    area_id : int, optional
        Branch of the tree outside of which the list may name no community.
    """
    rows = lists.read(file, COLUMNS, filename)
    steps = _Steps(2 * len(rows), progress)
    communities = {area.code: area.id for area in areas.communities(session, area_id)}
    return Listed(*_entries(communities, keys, rows, steps), len(rows))


def compare(session: Session, listed: Listed) -> Imported:
    """What :func:`store` would do, without doing it."""
    entries = listed.entries.values()
    known = _known(session, {entry.community for entry in entries})
    last = _last_left_out(known, listed.entries)
    added = updated = 0
    for entry in entries:
        last[entry.community] += 1
        before = known.get((entry.community, entry.lookup))
        added += before is None
        updated += before is not None and bool(_change(entry, last[entry.community], before))
    return Imported(added, updated, len(entries) - added - updated, listed.duplicates)


def store(
    session: Session, keys: Keys, listed: Listed, progress: lists.Progress | None = None
) -> Imported:
    """The second half of :func:`import_list`: it writes, all or nothing."""
    entries = list(listed.entries.values())
    steps = _Steps(2 * listed.lines, progress)
    steps.done = listed.lines
    known = _known(session, {entry.community for entry in entries})
    last = _last_left_out(known, listed.entries)
    added = updated = 0
    with room_for_many(session):
        for batch in batches(entries, BATCH):
            new, changed = [], []
            for entry in batch:
                last[entry.community] += 1
                place, before = last[entry.community], known.get((entry.community, entry.lookup))
                if before is None:
                    new.append(_values(entry, place, keys))
                elif change := _change(entry, place, before):
                    changed.append(change)
            if new:
                session.execute(sa.insert(Base.metadata.tables[Address.__tablename__]), new)
            if changed:
                session.execute(sa.update(Address), changed)
            added, updated = added + len(new), updated + len(changed)
            steps.add(len(batch))
    session.expire_all()
    return Imported(added, updated, len(entries) - added - updated, listed.duplicates)


def counts(session: Session) -> dict[int, Counter[str]]:
    """How many addresses each community has, by housing type."""
    query = sa.select(Address.community_id, Address.housing, sa.func.count()).group_by(
        Address.community_id, Address.housing
    )
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for community, housing, count in session.execute(query):
        found[community][housing] = count
    return dict(found)


# ---- one line of a list --------------------------------------------------------------------------


class _Entry(NamedTuple):
    """What a line says of an address."""

    line: int
    community: int
    housing: str
    grid: str
    text: str
    lookup: str


class _Stored(NamedTuple):
    """What the record says of it."""

    id: int
    housing: str
    grid: str
    position: int


class _Steps:
    """Tells how far it has come, not too often."""

    def __init__(self, total: int, progress: lists.Progress | None) -> None:
        self.done, self.total, self.progress = 0, total, progress

    def add(self, number: int) -> None:
        self.done += number
        if self.progress:
            self.progress(self.done, self.total)


def _entries(
    communities: Mapping[str, int], keys: Keys, rows: lists.Rows, steps: _Steps
) -> tuple[dict[tuple[int, str], _Entry], tuple[Problem, ...]]:
    """The addresses of a list without its duplicates, which are named."""
    first: dict[tuple[int, str], _Entry] = {}
    problems: list[Problem] = []
    duplicates: list[Problem] = []
    for number, row in enumerate(rows, start=1):
        if number % BATCH == 0:
            steps.add(BATCH)
        text = written(row["address"], row["building"], row["unit"], row["door"])
        housing = _housing(row["housing"])
        spelling = normal(text)
        if faults := _faults(row, spelling, housing, communities):
            problems += faults
            continue
        community, lookup = communities[row["community"]], keys.lookup(spelling)
        entry = _Entry(row.line, community, housing, row["grid"], text, lookup)
        same = first.setdefault((community, lookup), entry)
        if same is entry:
            continue
        if (same.housing, same.grid) == (entry.housing, entry.grid):
            duplicates.append(row.problem(TWICE, first=same.line))
        else:
            problems.append(row.problem(CONTRADICTS, first=same.line))
    if problems:
        raise Refused(*problems)
    steps.add(len(rows) - steps.done)
    return first, tuple(duplicates)


def written(address: str, building: str, unit: str, door: str) -> str:
    """The text of an address from the columns of a list.

    >>> written("", "3", "2", "501"), written("", "", "", "15")
    ('3栋2单元501室', '15号')
    >>> written("阳光小区", "3号楼", "", "501室")
    '阳光小区3号楼501室'
    """
    parts = "".join(
        (
            f"{building}栋" if _is_bare(building) else building,
            f"{unit}单元" if _is_bare(unit) else unit,
            f"{door}{'室' if building or unit else '号'}" if _is_bare(door) else door,
        )
    )
    if not address or not parts:
        return address or parts
    return address if normal(address).endswith(normal(parts)) else address + parts


def _is_bare(part: str) -> bool:
    return part.isascii() and part.isalnum()


def _housing(word: str) -> str:
    """The code of a type of housing; nothing if it is none."""
    return HOUSING_WORDS.get(plain(word), "")


def _faults(
    row: lists.Row, address: str, housing: str, communities: Mapping[str, int]
) -> list[Problem]:
    faults = []
    if row["community"] not in communities:
        unknown = N_("There is no community with the code “%(code)s”.")
        faults.append(row.problem(unknown, code=row["community"]))
    if not housing:
        odd = N_("“%(word)s” is no type of housing; there are: %(types)s.")
        types = ", ".join((*HOUSING, *HOUSING_ZH))
        faults.append(row.problem(odd, word=row["housing"], types=types))
    if not address:
        faults.append(row.problem(N_("The address is missing.")))
    elif len(address) > LONGEST:
        long = N_("The address is longer than %(most)d characters.")
        faults.append(row.problem(long, most=LONGEST))
    if len(row["grid"]) > 32:
        faults.append(row.problem(N_("The grid's name is longer than 32 characters.")))
    return faults


# ---- what the record has -------------------------------------------------------------------------


def _known(session: Session, communities: Iterable[int]) -> dict[tuple[int, str], _Stored]:
    """The addresses of these communities as they stand in the record."""
    found = {}
    for community in communities:
        query = sa.select(
            Address.lookup, Address.id, Address.housing, Address.grid, Address.position
        ).where(Address.community_id == community)
        for lookup, id_, housing, grid, position in session.execute(query):
            found[community, lookup] = _Stored(id_, housing, grid, position)
    return found


def _last_left_out(
    known: Mapping[tuple[int, str], _Stored], listed: Container[tuple[int, str]]
) -> Counter[int]:
    """The last place that an address outside the list has, by community."""
    last: Counter[int] = Counter()
    for (community, lookup), stored in known.items():
        if (community, lookup) not in listed:
            last[community] = max(last[community], stored.position)
    return last


def _values(entry: _Entry, place: int, keys: Keys) -> dict[str, object]:
    return {
        "community_id": entry.community,
        "grid": entry.grid,
        "housing": entry.housing,
        "position": place,
        "lookup": entry.lookup,
        "sealed": keys.seal(entry.text),
        "household": secrets.token_hex(16),
    }


def _change(entry: _Entry, place: int, before: _Stored) -> dict[str, object] | None:
    """What a line changes of a known address; None if nothing."""
    after = _Stored(before.id, entry.housing, entry.grid or before.grid, place)
    return None if after == before else after._asdict()
