"""The end: what is sent is stored once, and its owner is told the truth about it."""

from __future__ import annotations

import sqlalchemy as sa
from flask.testing import FlaskClient

from surveys import waves
from surveys.responses import HeldResponse, Response
from tests.support.fieldwork import Fieldwork
from tests.support.pages import heading, words
from tests.webapp.resident.conftest import Draft, begin_draft


def responses(fieldwork: Fieldwork) -> list[Response]:
    with fieldwork.office.database.read() as session:
        return list(session.scalars(sa.select(Response)))


def test_the_check_shows_every_question_on_the_path(draft: Draft) -> None:
    draft.finish(K1="unaware", M1="fairly")
    draft.open("Z1")
    check = draft.open("check")
    said = words(check)
    assert heading(check) == "请核对您的回答"
    assert "未回答" in said
    assert "您主要是从哪里知道的" not in said  # K2 is off the path
    assert f'href="{draft.root}/S2?then=check"' in check.text
    assert f'href="{draft.root}/K1?then=check"' not in check.text  # fixed by Z1


def test_nobody_checks_what_is_not_answered_yet(draft: Draft) -> None:
    draft.answer("S1", "yes")
    assert draft.open("check").location == f"{draft.root}/S2"
    assert draft.answer("check").location == f"{draft.root}/S2"
    assert draft.open("done").location == f"{draft.root}/S2"


def test_answers_are_stored_and_thanked_for(draft: Draft, fieldwork: Fieldwork) -> None:
    draft.finish(K1="know", O1="东门的路灯坏了")
    assert draft.answer("check").location == f"{draft.root}/done"
    assert heading(draft.open("done")) == "谢谢您"
    (response,) = responses(fieldwork)
    assert (response.stream, response.eligible, response.answers["O1"]) == (
        "sample",
        True,
        "东门的路灯坏了",
    )


def test_a_double_click_stores_one_response(draft: Draft, fieldwork: Fieldwork) -> None:
    draft.finish()
    assert {draft.answer("check").location for _ in range(3)} == {f"{draft.root}/done"}
    assert len(responses(fieldwork)) == 1


def test_a_sent_draft_shows_thanks_and_no_answers(client: FlaskClient, draft: Draft) -> None:
    draft.finish()
    draft.answer("check")
    for answer in (client.get(draft.root), draft.open("S1"), draft.answer("S2", "1")):
        assert answer.location == f"{draft.root}/done"


def test_someone_ineligible_is_thanked_and_not_asked_further(
    client: FlaskClient, draft: Draft, fieldwork: Fieldwork
) -> None:
    end = client.get(draft.answer("S1", "no").location)
    assert heading(end) == "谢谢您"
    assert "没有其他问题" in words(end)
    assert draft.open("S2").location == f"{draft.root}/check?note=path"
    draft.answer("check")
    assert "没有其他问题" in words(draft.open("done"))
    (response,) = responses(fieldwork)
    assert (response.eligible, response.answers) == (False, {"S1": "no"})


def test_a_slip_of_the_finger_at_the_first_question_can_be_put_right(draft: Draft) -> None:
    draft.answer("S1", "no")
    assert draft.answer("S1", "yes", then="check").location == f"{draft.root}/S2?then=check"


def test_a_second_adult_of_the_household_is_told_so(
    client: FlaskClient, fieldwork: Fieldwork
) -> None:
    entrance = fieldwork.invitation()
    first, second = begin_draft(client, entrance), begin_draft(client, entrance)
    for draft in (first, second):
        draft.finish()
        draft.answer("check")
    assert "保存好了" in words(first.open("done"))
    assert "您家之前已有一位成年人答过" in words(second.open("done"))
    assert len(responses(fieldwork)) == 1


def test_answers_sent_too_late_are_held_and_their_owner_told(
    draft: Draft, fieldwork: Fieldwork
) -> None:
    draft.finish()
    with fieldwork.office.database.write() as session:
        waves.close(session, waves.get(session, fieldwork.wave), "test")
    assert draft.open("check").status_code == 410
    draft.answer("check")
    assert "不计入结果" in words(draft.open("done"))
    with fieldwork.office.database.read() as session:
        assert session.scalars(sa.select(HeldResponse.reason)).all() == ["late"]
