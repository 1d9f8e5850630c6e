"""The service record: what volunteers gave. Visits, times out and declared hours; no points.

A time out (人次) is a day on which someone was out: they declared a shift, or they or their partner
wrote down a visit with their name. Hours are those of the shifts that they declared, or that their
partner declared with their name; hours that both declared count once. Nobody checks in.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.fieldwork.attempts import Attempt
from surveys.fieldwork.rechecks import Recheck
from surveys.fieldwork.shifts import Shift
from surveys.fieldwork.visits import CHINA
from surveys.keys import plain
from surveys.people import User
from surveys.problems import N_, Problem, Refused

Hours: TypeAlias = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Period:
    """From one day to another, both included, as China counts days."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise Refused(Problem(N_("The period ends before it begins.")))

    @property
    def begins(self) -> dt.datetime:
        return dt.datetime.combine(self.first, dt.time(), CHINA)

    @property
    def ends(self) -> dt.datetime:
        """The moment after."""
        return dt.datetime.combine(self.last + dt.timedelta(days=1), dt.time(), CHINA)


@dataclass(frozen=True)
class Service:
    """What someone gave in a period.

    Parameters
    ----------
    name : str
        Of the account.
    visits : int
        To sampled addresses, re-checks included, alone or with a partner.
    days : int
        Times out (人次).
    hours : float
        Of declared shifts.
    full_name : str
        Which papers print; blank, they print the name of the account.
    """

    name: str
    visits: int = 0
    days: int = 0
    hours: float = 0.0
    full_name: str = ""

    @property
    def is_blank(self) -> bool:
        return not (self.visits or self.days or self.hours)


def of_users(session: Session, users: Sequence[User], period: Period) -> list[Service]:
    """The service of some people in a period, by name."""
    visited = _visits(session, period)
    shifts = _shifts(session, period)
    found = []
    for user in sorted(users, key=lambda user: user.name):
        name = plain(user.name)
        out = merged(shifts[name])
        days = {_day(moment) for moment in visited[name]} | {_day(start) for start, _end in out}
        hours = sum((end - start for start, end in out), dt.timedelta()) / dt.timedelta(hours=1)
        given = len(visited[name]), len(days), hours
        found.append(Service(user.name, *given, full_name=user.full_name))
    return found


def together(services: Iterable[Service]) -> Service:
    """Everybody's service: visits made by two count for each of them."""
    every = list(services)
    return Service(
        "",
        sum(one.visits for one in every),
        sum(one.days for one in every),
        sum(one.hours for one in every),
    )


def merged(shifts: Iterable[Hours]) -> list[Hours]:
    """Shifts without the hours that were declared twice.

    >>> nine, ten, noon, one = (dt.datetime(2026, 11, 7, hour) for hour in (9, 10, 12, 13))
    >>> [(a.hour, b.hour) for a, b in merged([(ten, noon), (nine, noon), (noon, one)])]
    [(9, 13)]
    """
    found: list[Hours] = []
    for start, end in sorted(shifts):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(CHINA).date()


def _visits(session: Session, period: Period) -> defaultdict[str, list[dt.datetime]]:
    """When each name stood at a door."""
    found: defaultdict[str, list[dt.datetime]] = defaultdict(list)
    attempts = sa.select(Attempt.at, Attempt.actor, Attempt.partner)
    confirmed = sa.select(Recheck.done_at, Recheck.done_by, Recheck.partner)
    every = sa.union_all(attempts, confirmed).subquery()
    within = (every.c.at >= period.begins, every.c.at < period.ends)
    for at, actor, partner in session.execute(sa.select(every).where(*within)):
        for name in {plain(actor), plain(partner)} - {""}:
            found[name].append(at)
    return found


def _shifts(session: Session, period: Period) -> defaultdict[str, list[Hours]]:
    """The shifts of each name that began in the period."""
    found: defaultdict[str, list[Hours]] = defaultdict(list)
    query = (
        sa.select(User.name, Shift.partner, Shift.started_at, Shift.ended_at)
        .join(User, User.id == Shift.user_id)
        .where(Shift.started_at >= period.begins, Shift.started_at < period.ends)
    )
    for name, partner, started_at, ended_at in session.execute(query):
        for one in {plain(name), plain(partner)} - {""}:
            found[one].append((started_at, ended_at))
    return found
