"""The frame: the list of addresses that samples are drawn from."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import areas, lists
from surveys.database import Base
from surveys.keys import Keys, plain
from surveys.problems import N_, Problem, Refused

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


def import_csv(session: Session, keys: Keys, file: IO[bytes]) -> int:
    """Add the addresses of a list, in its order, and count those that are new.

    Parameters
    ----------
    file : binary file
        UTF-8 CSV with the columns community (its code), housing (a code of ``HOUSING`` or its
        Chinese words), and either address or building, unit and door; grid if there is one.

    Raises
    ------
    Refused
        With every fault of every line; then nothing is added.

    Notes
    -----
    An address that the record already has keeps its household and is passed over, so that a
    longer list can follow a shorter one.
    """
    rows = lists.read(file, COLUMNS)
    communities = {area.code: area.id for area in areas.communities(session, None)}
    texts = [_address(row) for row in rows]
    if problems := _faults(rows, texts, communities):
        raise Refused(*problems)
    known = set(session.execute(sa.select(Address.community_id, Address.lookup)))
    last = _last_positions(session)
    added: list[dict[str, Any]] = []
    for row, text in zip(rows, texts, strict=True):
        community, lookup = communities[row["community"]], keys.lookup(text)
        if (community, lookup) in known:
            continue
        last[community] += 1
        added.append(
            {
                "community_id": community,
                "grid": row["grid"],
                "housing": _housing(row["housing"]),
                "position": last[community],
                "lookup": lookup,
                "sealed": keys.seal(text),
                "household": secrets.token_hex(16),
            }
        )
    if added:
        session.execute(sa.insert(Address), added)
    return len(added)


def counts(session: Session) -> dict[int, Counter[str]]:
    """How many addresses each community has, by housing type."""
    query = sa.select(Address.community_id, Address.housing, sa.func.count()).group_by(
        Address.community_id, Address.housing
    )
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for community, housing, count in session.execute(query):
        found[community][housing] = count
    return dict(found)


def _last_positions(session: Session) -> Counter[int]:
    query = sa.select(Address.community_id, sa.func.max(Address.position)).group_by(
        Address.community_id
    )
    return Counter(dict(session.execute(query).all()))


def _address(row: lists.Row) -> str:
    return row["address"] or "-".join(filter(None, (row["building"], row["unit"], row["door"])))


def _housing(word: str) -> str | None:
    word = plain(word)
    if word in HOUSING_ZH:
        return HOUSING[HOUSING_ZH.index(word)]
    return word if word in HOUSING else None


def _faults(
    rows: Sequence[lists.Row], texts: Sequence[str], communities: Mapping[str, int]
) -> list[Problem]:
    problems = []
    first: dict[tuple[str, str], int] = {}
    for row, text in zip(rows, texts, strict=True):
        if row["community"] not in communities:
            unknown = N_("There is no community with the code “%(code)s”.")
            problems.append(row.problem(unknown, code=row["community"]))
        if _housing(row["housing"]) is None:
            odd = N_("“%(word)s” is no type of housing; there are: %(types)s.")
            types = ", ".join((*HOUSING, *HOUSING_ZH))
            problems.append(row.problem(odd, word=row["housing"], types=types))
        if not text:
            problems.append(row.problem(N_("The address is missing.")))
            continue
        same = first.setdefault((row["community"], "".join(plain(text).split())), row.line)
        if same != row.line:
            twice = N_("The address stands in line %(first)d already.")
            problems.append(row.problem(twice, first=same))
        if len(row["grid"]) > 32:
            problems.append(row.problem(N_("The grid's name is longer than 32 characters.")))
    return problems
