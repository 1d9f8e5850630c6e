"""The frame: addresses, the draw, and the codes on the slips."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import random
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import areas, audit, codes, lists
from surveys.areas import Area
from surveys.database import Base, now
from surveys.keys import Keys, plain
from surveys.problems import N_, Problem, Refused
from surveys.waves import STATE_WORDS, Wave

HOUSING = ("managed", "unmanaged", "selfbuilt", "resettled", "rural")
HOUSING_ZH = ("有物业小区", "无物业小区", "自建房", "公租或安置", "农村住宅")
LEAST = 4  # addresses drawn in a stratum, where it has as many
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


class SampledUnit(Base):
    """An address drawn for a wave, with the probability it had."""

    __tablename__ = "sampled_units"
    __table_args__ = (
        UniqueConstraint("wave_id", "address_id"),
        Index(None, "wave_id", "community_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"))
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    housing: Mapped[str] = mapped_column(String(16))  # with the community: the stratum
    probability: Mapped[float]  # inclusion probability of the address
    position: Mapped[int]  # place in the draw
    code_issue: Mapped[int] = mapped_column(default=1)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    drawn_at: Mapped[dt.datetime] = mapped_column(default=now)
    batch: Mapped[int] = mapped_column(default=1)  # 1: the main sample; further ones are reserves
    released_at: Mapped[dt.datetime | None] = mapped_column(default=now)  # None: still in reserve
    grid: Mapped[str] = mapped_column(String(32), default="")  # of the frame, when it was drawn
    households: Mapped[int | None]  # counted at the door; one of them was chosen at random
    revoked_at: Mapped[dt.datetime | None]  # the code no longer opens anything


# ---- the list ------------------------------------------------------------------------------------


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


# ---- the draw ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """An address picked in its stratum, before it has a row and a code."""

    address_id: int
    housing: str
    probability: float


def draw(
    session: Session,
    keys: Keys,
    wave: Wave,
    per_community: int | Mapping[str, int],
    actor: str,
) -> list[SampledUnit]:
    """Draw the wave's sample: systematic within community × housing type.

    Parameters
    ----------
    per_community : int or mapping of community code to int
        Addresses to draw; shared out in proportion to the strata, at least four in each (or all
        it has), so that a community with many small strata may get more.

    Returns
    -------
    list of SampledUnit
        In the order of communities, then of the list. The same list of addresses and the same
        ``wave.seed`` give the same sample.

    Raises
    ------
    Refused
        The wave is closed or was drawn already, a community is unknown, or there are no addresses.
    """
    _may_draw(session, wave)
    communities = areas.communities(session, wave.area_id)
    wanted = _wanted(communities, per_community)
    units = []
    for community in communities:
        picked = pick(session, wave.seed, community, wanted.get(community.code, 0))
        for position, one in enumerate(picked, start=1):
            unit = SampledUnit(
                wave_id=wave.id,
                address_id=one.address_id,
                community_id=community.id,
                housing=one.housing,
                probability=one.probability,
                position=position,
                code_issue=1,
            )
            unit.code_hash = _code_hash(keys, code_of(keys, unit))
            units.append(unit)
    if not units:
        raise Refused(Problem(N_("There are no addresses to draw from.")))
    session.add_all(units)
    session.flush()
    audit.record(session, actor, "wave.draw", wave.code, seed=wave.seed, wanted=wanted)
    return units


def pick(session: Session, seed: int, community: Area, wanted: int) -> list[Drawn]:
    """The addresses a seed picks in a community; nothing is stored."""
    from analysis.selection import allocate, systematic  # noqa: PLC0415  (scipy: not for every door)

    query = (
        sa.select(Address.housing, Address.id)
        .where(Address.community_id == community.id)
        .order_by(Address.position)
    )
    strata: defaultdict[str, list[int]] = defaultdict(list)
    for housing, address in session.execute(query):
        strata[housing].append(address)
    sizes = allocate({housing: len(ids) for housing, ids in strata.items()}, wanted, least=LEAST)
    picked = []
    for housing in sorted(strata):
        addresses, size = strata[housing], sizes[housing]
        start = random.Random(f"{seed}/{community.code}/{housing}").randrange(len(addresses))  # noqa: S311
        picked += [
            Drawn(addresses[place], housing, size / len(addresses))
            for place in systematic(len(addresses), size, start)
        ]
    return picked


def _may_draw(session: Session, wave: Wave) -> None:
    if wave.state not in ("draft", "open"):
        params = {"code": wave.code, "state": Problem(STATE_WORDS[wave.state])}
        raise Refused(Problem(N_("Wave %(code)s is %(state)s: too late to draw."), params))
    # The row is held until the end, so that two draws at once cannot both find nothing drawn.
    session.execute(sa.select(Wave.id).where(Wave.id == wave.id).with_for_update())
    if session.scalar(sa.select(sa.exists().where(SampledUnit.wave_id == wave.id))):
        twice = N_("The sample of wave %(code)s was drawn already.")
        raise Refused(Problem(twice, {"code": wave.code}))


def _wanted(communities: Iterable[Area], asked: int | Mapping[str, int]) -> dict[str, int]:
    known = [community.code for community in communities]
    wanted = dict.fromkeys(known, asked) if isinstance(asked, int) else dict(asked)
    problems = [
        Problem(N_("There is no community with the code “%(code)s”."), {"code": code})
        for code in wanted
        if code not in known
    ]
    if any(number < 1 for number in wanted.values()):
        problems.append(Problem(N_("At least one address per community must be drawn.")))
    if problems:
        raise Refused(*problems)
    return wanted


# ---- the codes -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slip:
    """What is printed for one household."""

    community: str
    address: str
    code: str


@dataclass(frozen=True)
class Invited:
    """A sampled unit, as its code finds it."""

    unit_id: int
    wave_id: int
    wave_code: str
    wave_state: str
    community_id: int
    community_code: str


def code_of(keys: Keys, unit: SampledUnit) -> str:
    """The code on a unit's slip. It is derived whenever it is printed and stored nowhere."""
    what = f"code/{unit.wave_id}/{unit.address_id}/{unit.code_issue}"
    derived = hmac.digest(keys.codes, what.encode(), "sha256")
    return codes.write(int.from_bytes(derived) >> (256 - codes.BITS))


normalise_code = codes.read


def find_unit(connection: sa.Connection, keys: Keys, code: str) -> Invited | None:
    """The unit a code belongs to, however the code was typed; None if it is none of ours."""
    normal = normalise_code(code)
    if normal is None:
        return None
    found = connection.execute(_FIND, {"code_hash": _code_hash(keys, normal)}).mappings()
    row = found.one_or_none()
    return None if row is None else Invited(**row)


def slips(session: Session, keys: Keys, wave: Wave) -> list[Slip]:
    """Every slip of a wave, by community and in the order of the list."""
    query = (
        sa.select(Area.code, Address.sealed, SampledUnit)
        .join(Address, Address.id == SampledUnit.address_id)
        .join(Area, Area.id == SampledUnit.community_id)
        .where(SampledUnit.wave_id == wave.id)
        .order_by(Area.code, Address.position)
    )
    return [
        Slip(community, keys.unseal(sealed), code_of(keys, unit))
        for community, sealed, unit in session.execute(query)
    ]


def _code_hash(keys: Keys, code: str) -> str:
    """Keyed: 45 bits would not withstand guessing by someone who has the table alone."""
    return hmac.new(keys.codes, f"hash/{code}".encode(), hashlib.sha256).hexdigest()


_FIND = (
    sa.select(
        SampledUnit.id.label("unit_id"),
        SampledUnit.wave_id,
        SampledUnit.community_id,
        Wave.code.label("wave_code"),
        Wave.state.label("wave_state"),
        Area.code.label("community_code"),
    )
    .join(Wave, Wave.id == SampledUnit.wave_id)
    .join(Area, Area.id == SampledUnit.community_id)
    .where(SampledUnit.code_hash == sa.bindparam("code_hash"))
)
