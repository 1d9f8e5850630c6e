"""Who asked at the door: the two names behind each interview of a wave."""

from __future__ import annotations

from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.fieldwork.attempts import Attempt
from surveys.fieldwork.interviews import Interview
from surveys.keys import plain
from surveys.people import User
from surveys.responses import Response
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave

Pair: TypeAlias = tuple[str, ...]  # one or two names in alphabetical order

AT_DOOR = ("door", "paper")  # modes in which someone asked


def pair(name: str, partner: str) -> Pair:
    """The names of two who went together, whoever of them wrote it down.

    >>> pair("王芳", "李强") == pair(" 李强", "王芳"), pair("王芳", "")
    (True, ('王芳',))
    """
    return tuple(sorted({plain(one) for one in (name, partner) if plain(one)}))


def of_wave(session: Session, wave: Wave) -> dict[int, Pair]:
    """Who made each interview of a wave, by the id of its response.

    Those who sent it from their phone; of one that came another way (typed in from paper) those
    who wrote down that they made it. Interviews that nobody signed are left out.
    """
    by_unit = {
        unit_id: pair(actor, partner)
        for unit_id, actor, partner in session.execute(
            sa.select(Attempt.unit_id, Attempt.actor, Attempt.partner)
            .join(SampledUnit, SampledUnit.id == Attempt.unit_id)
            .where(SampledUnit.wave_id == wave.id, Attempt.outcome == "interview")
            .order_by(Attempt.at, Attempt.id)
        )
    }
    at_door = sa.select(Response.id, Response.unit_id).where(
        Response.wave_id == wave.id, Response.mode.in_(AT_DOOR), Response.unit_id.is_not(None)
    )
    found = {
        response_id: by_unit[unit_id]
        for response_id, unit_id in session.execute(at_door)
        if unit_id in by_unit
    }
    sent = (
        sa.select(Interview.response_id, User.name, Interview.partner)
        .join(User, User.id == Interview.user_id)
        .join(Response, Response.id == Interview.response_id)
        .where(Response.wave_id == wave.id)
    )
    for response_id, name, partner in session.execute(sent):
        found[response_id] = pair(name, partner)
    return found
