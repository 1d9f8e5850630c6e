"""The service record on screen, as a table, and on paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from surveys import people
from surveys.fieldwork import shifts
from surveys.fieldwork.visits import CHINA
from surveys.office import Office
from tests.support.pages import words

NOVEMBER = "from=2026-11-01&until=2026-11-30"


@pytest.fixture(autouse=True)
def evening(office: Office) -> int:
    """A volunteer declares an evening; returns their number."""
    with office.database.write() as session:
        user = people.get(session, "volunteer.east")
        start = dt.datetime(2026, 11, 7, 18, tzinfo=CHINA)
        shifts.record(session, user, start, start + dt.timedelta(hours=2.5))
        return user.id


def test_staff_read_people_times_and_hours(desk: FlaskClient) -> None:
    said = words(desk.get(f"/staff/service?{NOVEMBER}"))
    assert "志愿者1人，1人次，2.5小时" in said
    assert "volunteer.township" in said  # with nothing, and listed all the same
    table = desk.get(f"/staff/service.csv?{NOVEMBER}").get_data(as_text=True)
    assert "volunteer.east,0,1,2.5" in table


def test_another_period_has_another_record(desk: FlaskClient) -> None:
    assert "0人次" in words(desk.get("/staff/service?from=2026-10-01&until=2026-10-31"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("from=yesterday", "请填写日期"),
        ("from=2026-11-30&until=2026-11-01", "结束日期早于开始日期"),
    ],
)
def test_an_odd_period_is_named(desk: FlaskClient, asked: str, said: str) -> None:
    assert said in words(desk.get(f"/staff/service?{asked}"))


def test_volunteers_read_their_own_and_print_it(desk_of: Callable[..., FlaskClient]) -> None:
    theirs = desk_of("volunteer", "east")
    assert "2.5" in words(theirs.get(f"/visits/service?{NOVEMBER}"))
    pdf = theirs.get(f"/visits/service.pdf?{NOVEMBER}")
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF")


def test_staff_print_those_of_their_branch_only(
    desk_of: Callable[..., FlaskClient], evening: int, office: Office
) -> None:
    assert desk_of("staff").get(f"/staff/service/{evening}.pdf").status_code == 200
    with office.database.read() as session:
        other = people.get(session, "volunteer.township").id
    assert desk_of("staff", "east").get(f"/staff/service/{other}.pdf").status_code == 404
