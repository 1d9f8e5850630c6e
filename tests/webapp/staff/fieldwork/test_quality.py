"""Quality flags, and responses left out with a reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from surveys import waves
from surveys.fieldwork import exclusions
from surveys.fieldwork.interviews import Note
from surveys.office import Office
from surveys.responses import Response
from surveys.results import locking
from tests.support import harvest
from tests.support.fieldwork import Fieldwork
from tests.support.pages import heading, words

QUALITY = "/staff/waves/2026-11/quality"
REASON = "与另一份完全相同"


@pytest.fixture
def response(office: Office, fieldwork: Fieldwork) -> Response:
    """A response of the sample that says someone told it how to answer."""
    with office.database.write() as session:
        query = sa.select(Response).where(Response.stream == "sample", Response.eligible)
        found = session.scalars(query.order_by(Response.id)).first()
        assert found is not None
        found.answers = {**found.answers, "I1": "yes"}
    return found


@pytest.fixture
def closed(fieldwork: Fieldwork, response: Response) -> Fieldwork:
    """The wave, closed."""
    harvest.close(fieldwork)
    return fieldwork


def left_out(office: Office) -> list[str]:
    with office.database.read() as session:
        found = exclusions.of_wave(session, waves.get(session, "2026-11"))
    return [exclusion.reason for exclusion, _response in found]


def test_flags_are_counted_by_kind_and_show_no_answers(
    desk: FlaskClient, response: Response
) -> None:
    said = words(desk.get(f"{QUALITY}?flag=told"))
    assert "被告知怎样回答 1" in said
    assert harvest.WORDS not in said
    assert "锁定之后才显示" in said
    desk.get(f"{QUALITY}?lang=en")


def test_flags_that_are_answers_stand_beside_a_response_once_closed_and_for_few(
    desk_of: Callable[..., FlaskClient], fieldwork: Fieldwork, response: Response
) -> None:
    desk, villager = desk_of("staff"), desk_of("staff", "east")
    number = response.instance_id.removeprefix("uuid:")[:8]
    told = f"{QUALITY}?flag=told"
    assert number not in words(desk.get(told))
    harvest.close(fieldwork)
    assert number in words(desk.get(told))
    assert number not in words(villager.get(told))


def test_pencil_notes_are_read_once_closed_by_few(
    desk_of: Callable[..., FlaskClient], fieldwork: Fieldwork, response: Response, office: Office
) -> None:
    with office.database.write() as session:
        session.add(Note(response_id=response.id, question="K1", text="儿子代答"))
    desk, villager = desk_of("staff"), desk_of("staff", "east")
    assert "儿子代答" not in words(desk.get(QUALITY))
    harvest.close(fieldwork)
    page = desk.get(QUALITY)
    assert "儿子代答" in words(page)
    assert f"{QUALITY}/{response.id}" in page.text
    assert "儿子代答" not in words(villager.get(QUALITY))


def test_nothing_is_left_out_while_a_wave_is_open(
    desk: FlaskClient, office: Office, response: Response
) -> None:
    address = f"{QUALITY}/{response.id}"
    assert address not in desk.get(QUALITY).text
    assert desk.submit(desk.get(address), form=1, reason=REASON).status_code == 422
    assert left_out(office) == []


@pytest.mark.usefixtures("closed")
def test_a_response_is_left_out_with_a_reason_and_taken_back(
    desk: FlaskClient, office: Office, response: Response
) -> None:
    address = f"{QUALITY}/{response.id}"
    assert address in desk.get(QUALITY).text
    assert desk.submit(desk.get(address), form=1, reason="").status_code == 422
    assert desk.submit(desk.get(address), form=1, reason=REASON).location == QUALITY
    assert left_out(office) == [REASON]
    assert REASON in words(desk.get(QUALITY))
    again = desk.get(address)
    assert heading(again) == "恢复计入"
    desk.submit(again, form=1)
    assert left_out(office) == []


def test_the_rates_with_and_without_are_shown_after_the_lock(
    desk: FlaskClient, closed: Fieldwork, office: Office, response: Response
) -> None:
    desk.submit(desk.get(f"{QUALITY}/{response.id}"), form=1, reason=REASON)
    assert "剔除后" not in words(desk.get(QUALITY))
    locking.lock(office, closed.wave, "test")
    said = words(desk.get(QUALITY))
    assert "剔除后" in said
    assert "相差" in said


@pytest.mark.usefixtures("closed")
def test_staff_of_a_community_see_their_flags_and_decide_nothing(
    desk_of: Callable[..., FlaskClient], response: Response
) -> None:
    villager = desk_of("staff", "east")
    page = villager.get(QUALITY)
    assert "西村社区" not in words(page)
    assert f"{QUALITY}/{response.id}" not in page.text
    assert villager.get(f"{QUALITY}/{response.id}").status_code == 403
