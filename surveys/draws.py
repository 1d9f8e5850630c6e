"""The draw of a wave: what was decided beforehand, so that anyone can draw it again."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import areas, audit, invitations
from surveys.areas import Area
from surveys.database import Base, Json, now
from surveys.frames import Address
from surveys.keys import Keys
from surveys.problems import N_, Problem, Refused
from surveys.units import SampledUnit
from surveys.waves import STATE_WORDS, Wave

LEAST = 4  # addresses drawn in a stratum, where it has as many


class Draw(Base):
    """How a sample was drawn, and from which list."""

    __tablename__ = "draws"

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"), unique=True)
    method: Mapped[str] = mapped_column(String(16))  # stratified | two_stage
    seed: Mapped[int]
    settings: Mapped[dict[str, Any]] = mapped_column(Json)
    frame_sha256: Mapped[str] = mapped_column(String(64))  # of the list it was drawn from
    actor: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[dt.datetime] = mapped_column(default=now)


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
            unit.code_hash = invitations.code_hash(keys, unit)
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
