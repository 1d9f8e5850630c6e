"""Shifts are what volunteers declare, within reason."""

from __future__ import annotations

import datetime as dt

import pytest

from surveys import people
from surveys.fieldwork import shifts
from surveys.office import Office
from surveys.problems import Refused

MORNING = dt.datetime(2026, 11, 7, 1, 0, tzinfo=dt.UTC)


def test_shifts_are_kept_in_the_order_of_the_days(office: Office) -> None:
    with office.database.write() as session:
        user, _ = people.add_user(session, "wang", "volunteer", actor="test")
        for day in (2, 0):
            start = MORNING + dt.timedelta(days=day)
            shifts.record(session, user, start, start + dt.timedelta(minutes=150), partner="li")
        kept = shifts.of_user(session, user)
        assert [(one.started_at.day, one.hours, one.partner) for one in kept] == [
            (7, 2.5, "li"),
            (9, 2.5, "li"),
        ]


@pytest.mark.parametrize(("hours", "why"), [(0, "end after it begins"), (17, "at most 16 hours")])
def test_impossible_hours_are_refused(office: Office, hours: int, why: str) -> None:
    with office.database.write() as session:
        user, _ = people.add_user(session, "wang", "volunteer", actor="test")
        with pytest.raises(Refused, match=why):
            shifts.record(session, user, MORNING, MORNING + dt.timedelta(hours=hours))
