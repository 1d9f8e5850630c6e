"""Who has what to do in a wave, and who might go where next.

An interviewer's manner is in their answers; where a community is asked by one pair alone, it cannot
be told from the community. So those come first who have least there and, of them, least of all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import areas
from surveys.areas import Area
from surveys.fieldwork import visits
from surveys.fieldwork.assignments import Assignment
from surveys.keys import plain
from surveys.people import User
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave


@dataclass(frozen=True)
class Load:
    """What a volunteer has in a wave.

    Parameters
    ----------
    given, left : Counter of int
        Addresses by community: all that were given, and those where attempts are left.
    partners : tuple of str
        With whom.
    """

    user: User
    given: Counter[int] = field(default_factory=Counter)
    left: Counter[int] = field(default_factory=Counter)
    partners: tuple[str, ...] = ()


def of_wave(session: Session, wave: Wave, communities: Sequence[Area]) -> list[Load]:
    """The volunteers who may be sent to any of some communities, by name."""
    wanted = {place.id for place in communities}
    volunteers = [
        user
        for user in session.scalars(
            sa.select(User).where(User.role == "volunteer", User.active).order_by(User.name)
        )
        if wanted & set(areas.branch(session, user.area_id))
    ]
    left = {case.unit_id: case.attempts_left > 0 for case in visits.cases(session, wave)}
    loads = {user.id: Load(user) for user in volunteers}
    partners: dict[int, set[str]] = {user.id: set() for user in volunteers}
    query = (
        sa.select(Assignment, SampledUnit.community_id)
        .join(SampledUnit, SampledUnit.id == Assignment.unit_id)
        .where(SampledUnit.wave_id == wave.id, Assignment.withdrawn_at.is_(None))
    )
    for one, community in session.execute(query):
        if one.user_id in loads:
            loads[one.user_id].given[community] += 1
            loads[one.user_id].left[community] += left.get(one.unit_id, False)
            partners[one.user_id] |= {one.partner} - {""}
    return [
        Load(load.user, load.given, load.left, tuple(sorted(partners[number])))
        for number, load in loads.items()
    ]


def suggested(session: Session, loads: Sequence[Load], place: Area, grid: str = "") -> list[Load]:
    """Those who may go to a community (and grid), whoever has least there first."""
    may = [
        load
        for load in loads
        if place.id in areas.branch(session, load.user.area_id)
        and not (grid and plain(load.user.grid) == plain(grid))
    ]
    return sorted(may, key=lambda load: (load.given[place.id], load.given.total(), load.user.name))
