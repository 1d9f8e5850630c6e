"""The service record counts what was given, once for each who gave it."""

from __future__ import annotations

import datetime as dt

import pytest

from surveys import people
from surveys.fieldwork import attempts, service, shifts
from surveys.fieldwork.service import Period, Service
from surveys.fieldwork.visits import CHINA
from surveys.office import Office
from surveys.problems import Refused
from surveys.sampling.units import SampledUnit
from tests.support import record
from tests.support.doors import volunteer

DAY = dt.datetime(2026, 11, 7, 9, tzinfo=CHINA)
NOVEMBER = Period(dt.date(2026, 11, 1), dt.date(2026, 11, 30))


@pytest.fixture
def services(office: Office, monkeypatch: pytest.MonkeyPatch) -> dict[str, Service]:
    """王芳 and 李强 out together; both declare the morning, 王芳 an evening on another day."""
    monkeypatch.setattr(attempts, "now", lambda: DAY + dt.timedelta(days=90))
    small = record.begin(office)
    with office.database.write() as session:
        wang, li, _chen = (volunteer(session, name) for name in ("王芳", "李强", "陈静"))
        for number, hours in enumerate((0, 1, 48, 24 * 40)):  # the last is in December
            unit = session.get_one(SampledUnit, small.units[number])
            at = DAY + dt.timedelta(hours=hours)
            attempts.record(session, unit, "no_answer", at, "王芳", partner="李强")
        shifts.record(session, wang, DAY, DAY + dt.timedelta(hours=2), partner="李强")
        late = DAY + dt.timedelta(hours=1)
        shifts.record(session, li, late, late + dt.timedelta(hours=2), partner="王芳")
        evening = DAY + dt.timedelta(days=5, hours=10)
        shifts.record(session, wang, evening, evening + dt.timedelta(hours=1.5))
        found = service.of_users(session, [wang, li, _chen], NOVEMBER)
    return {one.name: one for one in found}


def test_a_visit_counts_for_both_and_hours_declared_twice_count_once(
    services: dict[str, Service],
) -> None:
    assert services["王芳"] == Service("王芳", visits=3, days=3, hours=4.5)
    assert services["李强"] == Service("李强", visits=3, days=2, hours=3)


def test_who_was_not_out_has_a_blank_record(services: dict[str, Service]) -> None:
    assert services["陈静"].is_blank


def test_it_has_the_name_that_papers_print(office: Office) -> None:
    with office.database.write() as session:
        user = volunteer(session, "vol03")
        people.set_full_name(session, user, "王芳", actor="test")
        (found,) = service.of_users(session, [user], NOVEMBER)
    assert (found.name, found.full_name) == ("vol03", "王芳")


def test_together_they_make_person_times_and_hours(services: dict[str, Service]) -> None:
    whole = service.together(services.values())
    assert (whole.days, whole.hours) == (5, 7.5)


def test_names_stand_in_their_order_not_by_what_was_given(services: dict[str, Service]) -> None:
    assert list(services) == sorted(services)


def test_a_period_has_its_days_in_order() -> None:
    with pytest.raises(Refused, match="ends before it begins"):
        Period(dt.date(2026, 11, 2), dt.date(2026, 11, 1))


def test_midnight_is_chinas() -> None:
    assert dt.datetime(2026, 10, 31, 16, tzinfo=dt.UTC) == NOVEMBER.begins
