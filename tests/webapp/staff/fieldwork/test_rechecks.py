"""Re-checks on the pages of staff and volunteers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from surveys import people, waves
from surveys.fieldwork import rechecks
from surveys.fieldwork.rechecks import Recheck
from surveys.office import Office
from tests.support.fieldwork import Fieldwork
from tests.support.pages import words

PAGE = "/staff/waves/2026-11/rechecks"
LOCKED = pytest.mark.usefixtures("locked")


@pytest.fixture
def drawn(desk: FlaskClient) -> FlaskClient:
    """Staff have drawn and given out."""
    for act in ("draw", "distribute"):
        assert desk.submit(desk.get(PAGE), form=1, act=act).status_code == 302
    return desk


def every(office: Office) -> list[Recheck]:
    with office.database.read() as session:
        return list(session.scalars(sa.select(Recheck).order_by(Recheck.id)))


def test_one_in_ten_is_drawn_and_each_has_somebody_to_go(
    drawn: FlaskClient, office: Office
) -> None:
    with office.database.read() as session:
        interviews = rechecks.interviews(session, waves.get(session, "2026-11"))
    assert len(every(office)) == -(-interviews // 10)
    assert all(one.user_id for one in every(office))
    assert "volunteer.township" in words(drawn.get(PAGE))


def test_a_volunteer_records_what_the_household_says_without_seeing_what_it_said(
    drawn: FlaskClient, desk_of: Callable[..., FlaskClient], office: Office
) -> None:
    theirs = desk_of("volunteer", "township")
    listed = theirs.get("/visits/rechecks")
    one = next(one for one in every(office) if f"rechecks/{one.id}" in listed.text)
    page = theirs.get(f"/visits/2026-11/rechecks/{one.id}")
    assert page.text.count("checked") == 4  # no answer this time, of each question
    answer = theirs.submit(
        page, form=1, result="reached", took_place="yes", right_person="yes", question_K1="know"
    )
    assert answer.location == "/visits/rechecks"
    done = next(found for found in every(office) if found.id == one.id)
    assert (done.done_by, done.answers) == ("volunteer.township", {"K1": "know"})
    assert "已由volunteer.township" in words(theirs.get(f"/visits/2026-11/rechecks/{one.id}"))
    assert "1/1" in words(drawn.get(PAGE))


def test_another_volunteers_re_check_is_a_page_that_does_not_exist(
    drawn: FlaskClient, desk_of: Callable[..., FlaskClient], office: Office
) -> None:
    other = desk_of("volunteer", "east")
    with office.database.read() as session:
        own = people.get(session, "volunteer.east").id
    for one in every(office):
        status = other.get(f"/visits/2026-11/rechecks/{one.id}").status_code
        assert status == (200 if one.user_id == own else 404)


def test_what_is_missing_is_asked_for_and_nothing_typed_is_lost(
    drawn: FlaskClient, office: Office
) -> None:
    address = f"/visits/2026-11/rechecks/{every(office)[0].id}"
    answer = drawn.submit(drawn.get(address), form=1, result="reached", question_Z1="support")
    assert answer.status_code == 422
    assert "请填写是否有过访问" in words(answer)
    assert 'value="support" checked' in answer.text or 'checked id="question_Z1' in answer.text


def test_staff_choose_who_goes(drawn: FlaskClient, office: Office) -> None:
    one = every(office)[0]
    page = drawn.get(f"{PAGE}/{one.id}")
    assert drawn.submit(page, form=1).location == PAGE


@LOCKED
def test_after_the_lock_nothing_is_drawn(desk: FlaskClient, fieldwork: Fieldwork) -> None:
    assert "抽足十分之一" not in words(desk.get(PAGE))


def test_who_only_reads_the_wave_does_not_draw(desk_of: Callable[..., FlaskClient]) -> None:
    reader = desk_of("staff", "east")
    assert "抽足十分之一" not in words(reader.get(PAGE))
