"""Question pages: what is typed is kept, and nobody gets lost."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from surveys import drafts
from surveys.sampling import invitations
from surveys.sampling.units import SampledUnit
from tests.support.fieldwork import Fieldwork
from tests.support.pages import heading, words
from tests.webapp.resident.conftest import Draft, begin_draft
from webapp import Minyi


def stored(fieldwork: Fieldwork, draft: Draft) -> dict[str, str]:
    with fieldwork.office.database.read_connection() as connection:
        kept = drafts.load(connection, draft.root.rpartition("/")[2])
    assert kept is not None
    return dict(kept.answers)


def test_nothing_is_chosen_beforehand(draft: Draft) -> None:
    page = draft.open("S1")
    assert "checked" not in page.text
    assert heading(page).startswith("请问您年满18周岁")


def test_an_answer_is_stored_and_the_next_page_follows(draft: Draft, fieldwork: Fieldwork) -> None:
    answer = draft.answer("S1", "yes")
    assert (answer.status_code, answer.location) == (303, f"{draft.root}/S2")
    assert stored(fieldwork, draft) == {"S1": "yes"}
    assert 'value="yes"' in draft.open("S1").text.split("checked")[1]


def test_a_missing_required_answer_is_said_twice_and_in_the_title(draft: Draft) -> None:
    answer = draft.answer("S1")
    assert answer.status_code == 422
    assert "<title>错误：" in answer.text
    assert answer.text.count("请先回答这一题") == 2
    assert 'href="#answer-S1-0"' in answer.text


def test_an_optional_question_may_be_left_out(draft: Draft, fieldwork: Fieldwork) -> None:
    draft.answer("S1", "yes")
    assert draft.answer("S2").location == f"{draft.root}/K1"
    assert stored(fieldwork, draft) == {"S1": "yes", "S2": ""}


def test_everything_typed_is_kept_when_something_is_wrong(draft: Draft) -> None:
    draft.finish()
    answer = draft.answer("O1", "路灯" * 200)
    assert answer.status_code == 422
    assert "路灯" * 200 in answer.text


def test_choices_that_exclude_each_other_are_refused_with_both_kept(draft: Draft) -> None:
    draft.answer("S1", "yes")
    draft.answer("S2", "2")
    draft.answer("K1", "know")
    answer = draft.answer("K2", "board", "cannot_recall")
    assert answer.status_code == 422
    assert answer.text.count("checked") == 2


def test_routing_follows_the_answers(draft: Draft) -> None:
    draft.answer("S1", "yes")
    draft.answer("S2", "1")
    assert draft.answer("K1", "unaware").location == f"{draft.root}/Z1"
    assert draft.answer("K1", "know").location == f"{draft.root}/K2"


def test_progress_is_honest(draft: Draft) -> None:
    assert "第1页" in words(draft.open("S1"))
    assert "共" not in words(draft.open("S1")).partition("请问")[0]
    draft.answer("S1", "yes")
    before = words(draft.open("S2"))
    draft.answer("S2", "1")
    draft.answer("K1", "know")
    after = words(draft.open("S2"))
    assert "第2页，共14页" in before
    assert "第2页，共15页" in after


@pytest.mark.parametrize("page", ["K2", "D4", "nothing", "Z1"])
def test_a_page_one_may_not_open_leads_back_kindly(
    client: FlaskClient, draft: Draft, page: str
) -> None:
    draft.answer("S1", "yes")
    for answer in (draft.open(page), draft.answer(page, "1")):
        assert answer.status_code == 303
        assert answer.location == f"{draft.root}/S2?note=path"
    assert "打不开" in words(client.get(answer.location))


def test_an_unknown_draft_is_said_kindly(client: FlaskClient) -> None:
    for answer in (client.get("/d/nothing"), client.get("/d/nothing/S1"), client.post("/d/no/S1")):
        assert answer.status_code == 404
        assert heading(answer) == "这个地址打不开"


def test_a_draft_is_resumed_where_it_was_left(client: FlaskClient, draft: Draft) -> None:
    draft.answer("S1", "yes")
    draft.answer("S2")
    assert client.get(draft.root).location == f"{draft.root}/K1"


def test_the_draft_shows_its_own_address(draft: Draft) -> None:
    assert f"{draft.root}</code>" in draft.open("S1").text


def test_switching_the_language_keeps_what_is_typed(
    client: FlaskClient, draft: Draft, fieldwork: Fieldwork
) -> None:
    draft.answer("S1", "yes")
    address = f"{draft.root}/S2"
    sent = {"S2": "3", "@prefer": "language=en", "@version": "1"}
    answer = client.post(f"{address}/prefer", data=sent)
    assert answer.location == address
    page = client.get(address)
    assert heading(page).startswith("How many")
    assert 'value="3"' in page.text.split("checked")[1]


def test_switching_passes_no_page_and_complains_of_nothing(
    client: FlaskClient, draft: Draft
) -> None:
    answer = client.post(f"{draft.root}/S1/prefer", data={"@prefer": "elder=1"})
    assert answer.status_code == 200
    assert 'class="resident elder"' in answer.text
    assert "错误" not in answer.text
    assert client.get(draft.root).location == f"{draft.root}/S1"


def test_a_switch_to_nonsense_changes_nothing(client: FlaskClient, draft: Draft) -> None:
    for nonsense in ("language=xx", "elder=yes", "", "=", "token_hash=1"):
        client.post(f"{draft.root}/prefer", data={"@prefer": nonsense})
    assert 'lang="zh-CN" class="resident"' in draft.open("S1").text


def test_awareness_is_read_only_once_support_was_asked(draft: Draft, fieldwork: Fieldwork) -> None:
    draft.answer("S1", "yes")
    draft.answer("S2", "1")
    draft.answer("K1", "unaware")
    assert "radio" in draft.open("K1").text
    draft.open("Z1")
    page = draft.open("K1")
    assert "radio" not in page.text
    assert "不再改动" in words(page)
    assert draft.answer("K1", "know").location == f"{draft.root}/Z1"
    assert stored(fieldwork, draft)["K1"] == "unaware"


def test_a_changed_answer_leads_back_to_the_check_past_what_it_opens(draft: Draft) -> None:
    draft.finish(P1="no")
    assert draft.answer("C1", "same", then="check").location == f"{draft.root}/check"
    assert draft.answer("P1", "yes", then="check").location == f"{draft.root}/P2?then=check"
    assert draft.answer("P2", "proposals", then="check").location == f"{draft.root}/check"


def test_a_refusal_or_a_thing_that_does_not_apply_is_an_answer_too(
    client: FlaskClient, draft: Draft
) -> None:
    draft.finish(M1="-3", I1="-1")
    said = words(draft.open("check"))
    assert "近一年没办过事" in said
    assert "不愿说" in said
    for page, code in (("environments_1", "-3"), ("I1", "-1")):
        assert f'value="{code}"' in draft.open(page).text.partition("checked")[2][:60]


def test_two_tabs_meet_both_answers_and_choose(
    client: FlaskClient, draft: Draft, fieldwork: Fieldwork
) -> None:
    draft.answer("S1", "yes")
    one, other = draft.open("S2"), draft.open("S2")
    client.submit(one, S2="1")
    conflict = client.submit(other, S2="2")
    assert conflict.status_code == 409
    assert heading(conflict) == "您给了两个不同的回答"
    assert ("1人" in words(conflict), "2人" in words(conflict)) == (True, True)
    assert stored(fieldwork, draft)["S2"] == "1"
    assert client.submit(conflict, form=1).location == f"{draft.root}/K1"
    assert stored(fieldwork, draft)["S2"] == "2"


def test_two_tabs_on_different_questions_do_not_meet(
    client: FlaskClient, draft: Draft, fieldwork: Fieldwork
) -> None:
    first = draft.open("S1")
    draft.answer("S1", "yes")
    second = draft.open("S2")
    client.submit(first, S1="yes")
    assert client.submit(second, S2="4").status_code == 303
    assert stored(fieldwork, draft) == {"S1": "yes", "S2": "4"}


def test_no_page_sets_a_cookie_or_needs_a_script(client: FlaskClient, draft: Draft) -> None:
    for page in (client.get("/"), draft.open("S1"), draft.answer("S1")):
        assert "Set-Cookie" not in page.headers
        assert "<script" not in page.text


def test_a_page_named_like_one_of_the_draft_s_own_has_an_address_too(app: Minyi) -> None:
    addresses = app.url_map.bind("localhost")
    for name in ("check", "done", "prefer", "S1"):
        address = addresses.build("resident.question_page", {"token": "t", "name": name})
        found = addresses.match(address, "GET")
        assert found == ("resident.question_page", {"token": "t", "name": name})


@pytest.mark.parametrize(("language", "title"), [("zh", "这个邀请码已经停用"), ("en", "no longer")])
def test_a_revoked_code_ends_its_drafts_kindly_wherever_they_stand(
    client: FlaskClient, fieldwork: Fieldwork, language: str, title: str
) -> None:
    draft = begin_draft(client, f"{fieldwork.invitation()}?lang={language}")
    draft.answer("S1", "yes")
    with fieldwork.office.database.write() as session:
        drawn = sa.select(SampledUnit).join(drafts.Draft, drafts.Draft.unit_id == SampledUnit.id)
        invitations.revoke(session, session.scalars(drawn).one(), "test")
    answers = [
        draft.open("S2"), draft.answer("S2", "2"), draft.open("check"), draft.open("done"),
        client.get(draft.root), client.post(f"{draft.root}/check"),
        client.post(f"{draft.root}/S2/prefer", data={"@prefer": "elder=1"}),
        client.post(f"{draft.root}/prefer", data={"@prefer": "elder=1"}),
    ]  # fmt: skip
    for answer in answers:
        assert answer.status_code == 410
        assert title in heading(answer)
        assert 'name="code"' in answer.text
    assert stored(fieldwork, draft) == {"S1": "yes"}
