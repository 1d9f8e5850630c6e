"""Interviews at doors in the small record: pairs that go out, people who open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import people, waves
from surveys.areas import Area
from surveys.fieldwork import attempts
from surveys.people import User
from surveys.responses import Response, accept
from surveys.sampling.units import SampledUnit
from tests.support.record import MOMENT, Small

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)


def volunteer(session: Session, name: str, grid: str = "", area: str = "hekou") -> User:
    """A volunteer of the township, or of one of its villages."""
    place = session.scalar(sa.select(Area).where(Area.code == area))
    user, _password = people.add_user(session, name, "volunteer", place, actor="test")
    user.grid = grid
    session.flush()
    return user


def interview(
    session: Session,
    small: Small,
    number: int,
    pair: tuple[str, str],
    answers: Mapping[str, str] | None = None,
    *,
    minutes: float = 3,
) -> Response:
    """An interview at the n-th unit of the eastern village, written down by a pair."""
    unit = session.get_one(SampledUnit, small.units[number])
    attempts.record(session, unit, "interview", NOW, pair[0], partner=pair[1])
    submission = small.submission(
        instance_id=f"uuid:door-{number}",
        unit_id=unit.id,
        mode="door",
        answers=answers or {"S1": "yes", "K1": "yes", "Z1": "no"},
        submitted_at=MOMENT + dt.timedelta(minutes=minutes),
    )
    receipt = accept(session.connection(), submission)
    assert receipt.status == "stored"
    return session.get_one(Response, receipt.response_id)


def wave_of(session: Session) -> waves.Wave:
    """The small record's wave."""
    return waves.get(session, "2026-11")
