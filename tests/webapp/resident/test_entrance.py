"""The way in: every address a resident may hold leads to a start or to a kind reason."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from surveys import waves
from surveys.drafts import Draft
from surveys.office import Office
from surveys.waves import Wave
from tests.support.fieldwork import Fieldwork
from tests.support.pages import heading, words
from tests.webapp.resident.conftest import begin_draft
from webapp import create_app
from webapp.config import Settings


def test_the_home_page_asks_for_a_code(client: FlaskClient, fieldwork: Fieldwork) -> None:
    home = client.get("/")
    assert heading(home) == "想听听您的看法"
    assert "通知单上的邀请码" in words(home)
    assert "演示" not in words(home)


def test_a_demonstration_offers_a_link_a_code_and_the_login(
    client: FlaskClient, fieldwork: Fieldwork
) -> None:
    with fieldwork.office.database.write() as session:
        session.execute(sa.update(Wave).values(synthetic=True))
    home = client.get("/")
    assert "演示数据" in home.text
    assert f'href="/s/{fieldwork.wave}/' in home.text
    assert 'href="/i/' in home.text
    assert 'href="/login' in home.text


@pytest.mark.parametrize("typed", ["", "hello", "K7QM-3FWP-X3", "<script>", "0" * 400])
def test_what_cannot_be_a_code_is_said_beside_the_field(client: FlaskClient, typed: str) -> None:
    answer = client.get("/i", query_string={"code": typed})
    assert answer.status_code == 422
    assert "输错了" in words(answer)


def test_the_address_of_the_form_alone_leads_to_the_form(client: FlaskClient) -> None:
    answer = client.get("/i?lang=en", follow_redirects=True)
    assert answer.request.full_path == "/?lang=en"
    assert answer.status_code == 200


def test_a_code_is_found_however_it_is_typed(client: FlaskClient, fieldwork: Fieldwork) -> None:
    code = next(fieldwork.codes)
    typed = f" {code.replace('-', '').lower().replace('0', 'o').replace('1', 'l')} "
    answer = client.get("/i", query_string={"code": typed, "lang": "en"}, follow_redirects=True)
    assert answer.request.full_path == f"/i/{code}?lang=en"
    assert "birthday comes next" in words(answer)


def test_an_invitation_says_who_asks_and_what_is_kept(
    client: FlaskClient, fieldwork: Fieldwork
) -> None:
    with fieldwork.office.database.write() as session:
        date = dt.date(2026, 12, 31)
        session.execute(sa.update(Wave).values(approval_number="河统〔2026〕3号", valid_until=date))
    said = words(client.get(fieldwork.invitation()))
    for phrase in (
        "河口镇人民政府",
        "河统〔2026〕3号",
        "2026年12月31日",
        "最近要过生日",
        "住址加密",
    ):
        assert phrase in said


def test_an_invitation_names_whom_to_ask_and_how_long_answers_are_kept(
    office: Office, fieldwork: Fieldwork
) -> None:
    settings = Settings(data=office.data, contact="河口镇文明办 0551-6312-0000", retention=24)
    client = create_app(settings, office).test_client()
    for entrance in (fieldwork.invitation(), fieldwork.open_link()):
        said = words(client.get(entrance))
        assert "河口镇文明办 0551-6312-0000" in said
        assert "保存24个月" in said
        assert "24 months" in words(client.get(f"{entrance}?lang=en"))


def test_the_open_link_asks_anyone_and_knows_no_address(
    client: FlaskClient, fieldwork: Fieldwork
) -> None:
    said = words(client.get(fieldwork.open_link()))
    assert "生日" not in said
    assert "住址" not in said


@pytest.mark.parametrize("arguments", ["", "?lang=en", "?elder=1", "?lang=en&elder=1"])
def test_language_and_size_go_from_the_address_into_the_draft(
    client: FlaskClient, fieldwork: Fieldwork, arguments: str
) -> None:
    start = client.submit(client.get(fieldwork.open_link() + arguments))
    page = client.get(start.location)
    assert ('lang="en"' in page.text.split("\n")[1]) == ("en" in arguments)
    assert ("elder" in page.text.split("\n")[1]) == ("elder" in arguments)


def test_the_streams_are_kept_apart(client: FlaskClient, fieldwork: Fieldwork) -> None:
    begin_draft(client, fieldwork.invitation())
    begin_draft(client, fieldwork.open_link())
    with fieldwork.office.database.read() as session:
        kept = session.execute(sa.select(Draft.stream, Draft.unit_id.is_(None), Draft.mode)).all()
    assert sorted(map(tuple, kept)) == [("open", True, "web"), ("sample", False, "web")]


def test_an_unknown_code_gets_a_field_to_try_again(
    client: FlaskClient, fieldwork: Fieldwork
) -> None:
    answer = client.get("/i/0000-0000-00")
    assert answer.status_code == 404
    assert heading(answer) == "没有找到这个邀请码"
    assert 'name="code"' in answer.text


def test_guessing_is_slowed_down_and_a_valid_code_never_is(
    client: FlaskClient, fieldwork: Fieldwork
) -> None:
    tries = [client.get("/i/0000-0000-00").status_code for _ in range(12)]
    assert tries == [404] * 10 + [429] * 2
    assert client.get(fieldwork.invitation()).status_code == 200


@pytest.mark.parametrize("address", ["/s/2026-11/nowhere", "/s/never/east", "/s/2026-11/township"])
def test_an_unknown_link_is_said_kindly(
    client: FlaskClient, fieldwork: Fieldwork, address: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert heading(answer) == "这个地址打不开"


@pytest.mark.parametrize(
    ("state", "status", "title"),
    [("draft", 404, "本次调查还没有开始"), ("closed", 410, "本次调查已经结束")],
)
def test_a_wave_that_is_not_open_takes_nobody_in(
    client: FlaskClient, fieldwork: Fieldwork, state: str, status: int, title: str
) -> None:
    with fieldwork.office.database.write() as session:
        session.execute(sa.update(Wave).values(state=state))
    for entrance in (fieldwork.invitation(), fieldwork.open_link()):
        for answer in (client.get(entrance), client.post(entrance)):
            assert (answer.status_code, heading(answer)) == (status, title)


def test_a_household_that_has_answered_is_thanked(
    client: FlaskClient, fieldwork: Fieldwork
) -> None:
    entrance = fieldwork.invitation()
    draft = begin_draft(client, entrance)
    draft.finish()
    client.post(f"{draft.root}/check")
    assert heading(client.get(entrance)) == "您家已经答过了"


def test_the_same_code_twice_gives_two_fresh_starts(
    client: FlaskClient, fieldwork: Fieldwork
) -> None:
    entrance = fieldwork.invitation()
    first, second = begin_draft(client, entrance), begin_draft(client, entrance)
    first.answer("S1", "yes")
    assert first.root != second.root
    assert "checked" not in second.open("S1").text
    with fieldwork.office.database.write() as session:
        waves.close(session, waves.get(session, fieldwork.wave), "test")
    assert second.open("S1").status_code == 410
