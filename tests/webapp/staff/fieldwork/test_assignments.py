"""Staff send volunteers to addresses, move them and take them back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveys import people
from surveys.fieldwork import assignments
from surveys.fieldwork.assignments import Assignment
from surveys.office import Office
from surveys.sampling.units import SampledUnit
from tests.support.pages import words

EAST = "/staff/waves/2026-11/assignments/east"
WANG = {"partner": "王芳"}


@pytest.fixture
def free(office: Office) -> list[int]:
    """Addresses of the first community where nobody has answered."""
    with office.database.read() as session:
        query = sa.select(SampledUnit).order_by(SampledUnit.id)
        return [unit.id for unit in session.scalars(query).all()[1:10:2]]


def number(office: Office, name: str) -> int:
    with office.database.read() as session:
        return people.get(session, name).id


def send(
    desk: FlaskClient, page: str, units: list[int], act: str = "assign", **typed: object
) -> TestResponse:
    return desk.submit(desk.get(page), form=2, units=[str(u) for u in units], act=act, **typed)


def given(office: Office) -> dict[int, tuple[int, str]]:
    with office.database.read() as session:
        query = sa.select(Assignment).where(Assignment.withdrawn_at.is_(None))
        return {one.unit_id: (one.user_id, one.partner) for one in session.scalars(query)}


def test_ticked_addresses_are_assigned_with_the_partner(
    desk: FlaskClient, office: Office, free: list[int]
) -> None:
    user = number(office, "volunteer.east")
    answer = send(desk, EAST, free[:2], user_id=user, **WANG)
    assert answer.status_code == 302
    assert given(office) == dict.fromkeys(free[:2], (user, "王芳"))
    listed = words(desk.get(f"{EAST}?show=given"))
    assert "volunteer.east + 王芳" in listed


def test_all_that_are_shown_go_at_once(desk: FlaskClient, office: Office) -> None:
    user = number(office, "volunteer.township")
    send(desk, EAST, [], user_id=user, every="yes")
    assert len(given(office)) > 20
    assert "没有这样的地址" in words(desk.get(EAST))


def test_nobody_is_sent_to_their_own_grid_and_the_page_says_why(
    desk: FlaskClient, office: Office, free: list[int]
) -> None:
    with office.database.write() as session:
        session.get_one(SampledUnit, free[0]).grid = "第二网格"
        people.set_grid(session, people.get(session, "volunteer.east"), "第二网格", actor="test")
    answer = send(desk, EAST, free[:1], user_id=number(office, "volunteer.east"))
    assert answer.status_code == 422
    assert "第二网格" in words(answer)
    assert given(office) == {}
    assert "volunteer.east：" not in words(desk.get(f"{EAST}?grid=第二网格")).partition("派谁去")[2]


def test_addresses_are_moved_with_a_warning_and_taken_back(
    desk: FlaskClient, office: Office, free: list[int]
) -> None:
    first, second = (number(office, f"volunteer.{where}") for where in ("east", "township"))
    send(desk, EAST, free[:2], user_id=first)
    moving = f"{EAST}?show=given"
    assert "作为冲突另存" in words(desk.get(moving))
    assert send(desk, moving, free[:1], act="move", user_id=second).status_code == 302
    assert given(office)[free[0]] == (second, "")
    send(desk, moving, free[:2], act="withdraw")
    assert given(office) == {}


def test_what_somebody_has_is_not_assigned_again_unseen(
    desk: FlaskClient, office: Office, free: list[int]
) -> None:
    first, second = (number(office, f"volunteer.{where}") for where in ("east", "township"))
    send(desk, EAST, free[:1], user_id=first)
    answer = send(desk, f"{EAST}?show=all", free[:1], user_id=second)
    assert answer.status_code == 422
    assert "volunteer.east" in words(answer)


@pytest.mark.parametrize("units", [True, False])
def test_what_is_missing_is_asked_for(
    desk: FlaskClient, office: Office, free: list[int], units: bool
) -> None:
    answer = send(desk, EAST, free[:1] if units else [])
    assert answer.status_code == 422
    assert ("请选择志愿者" if units else "请至少勾选一个地址") in words(answer)


def test_who_has_least_there_is_suggested_first(
    desk: FlaskClient, office: Office, free: list[int]
) -> None:
    with office.database.write() as session:
        units = [session.get_one(SampledUnit, unit) for unit in free]
        assignments.assign(session, people.get(session, "volunteer.east"), units, "test")
    said = words(desk.get(EAST)).partition("派谁去")[2]
    assert said.index("volunteer.township（") < said.index("volunteer.east（")
    assert "本社区5户" in said


def test_staff_of_another_branch_see_nothing_of_it(desk_of: Callable[..., FlaskClient]) -> None:
    assert desk_of("staff", "east").get("/staff/waves/2026-11/assignments/west").status_code == 404
