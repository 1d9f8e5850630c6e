"""The lock on the door."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveys import people
from surveys.database import now
from surveys.office import Office
from surveys.people import FailedAttempt
from tests.support.pages import heading, words
from tests.webapp.accounts.conftest import PASSWORD
from webapp.accounts import lock

LogIn = Callable[..., TestResponse]


def is_in(client: FlaskClient) -> bool:
    return client.get("/staff/waves/").status_code == 200


def test_the_right_password_opens_the_door(client: FlaskClient, wang: str, log_in: LogIn) -> None:
    answer = log_in(wang)
    assert (answer.status_code, answer.location) == (302, "/staff/results/")
    assert is_in(client)


def test_a_name_is_found_however_it_is_written(wang: str, log_in: LogIn) -> None:
    assert log_in(" Wang ").status_code == 302


def test_the_page_that_was_asked_for_follows_the_login(
    client: FlaskClient, wang: str, log_in: LogIn
) -> None:
    sent = client.get("/staff/waves/new?lang=en")
    assert sent.location.startswith("/login?next=")
    assert log_in(wang, page=sent.location).location == "/staff/waves/new?lang=en"


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example/", "https://evil.example", "/\\evil.example", "/%09/evil.example/"],
)
def test_nobody_is_sent_to_another_server(wang: str, log_in: LogIn, elsewhere: str) -> None:
    assert log_in(wang, page=f"/login?next={elsewhere}").location == "/staff/results/"


@pytest.mark.parametrize("name", ["endpoint", "_method", "_scheme", "_external", "_anchor"])
def test_what_stands_in_the_address_gives_no_orders(client: FlaskClient, name: str) -> None:
    page = client.get(f"/login?{name}=x&next=/staff/waves/")
    assert page.status_code == 200
    assert f"{name}=x" not in page.text


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(
    client: FlaskClient, wang: str, log_in: LogIn
) -> None:
    wrong, unknown = log_in(wang, "wrong password"), log_in("nobody", "wrong password")
    assert wrong.status_code == unknown.status_code == 422
    assert words(wrong) == words(unknown)
    assert "用户名或密码不对" in words(wrong)
    assert 'value="wang"' in wrong.text  # what was typed is kept
    assert not is_in(client)


def test_blank_fields_are_named(log_in: LogIn) -> None:
    answer = log_in("", "")
    assert "请填写用户名" in words(answer)
    assert "请填写密码" in words(answer)


def test_after_five_failures_the_door_stays_shut_and_says_until_when(
    client: FlaskClient, wang: str, log_in: LogIn
) -> None:
    for _ in range(lock.TRIES_BY_NAME):
        log_in(wang, "wrong password")
    answer = log_in(wang)
    assert re.search(r"请在\d\d:\d\d后再试", words(answer))
    assert not is_in(client)


def test_another_name_is_not_shut_out_with_it(
    office: Office, client: FlaskClient, wang: str, log_in: LogIn
) -> None:
    with office.database.write() as session:
        people.add_user(session, "li", "staff", password=PASSWORD, actor="test")
    for _ in range(lock.TRIES_BY_NAME):
        log_in(wang, "wrong password")
    assert log_in("li").status_code == 302


def test_an_address_that_tries_many_names_is_shut_out(
    monkeypatch: pytest.MonkeyPatch, wang: str, log_in: LogIn
) -> None:
    monkeypatch.setattr(lock, "TRIES_BY_ADDRESS", 3)
    for name in ("a", "b", "c"):
        log_in(name, "wrong password")
    assert "失败次数太多" in words(log_in(wang))


def test_the_door_opens_again_after_the_wait(office: Office, wang: str, log_in: LogIn) -> None:
    for _ in range(lock.TRIES_BY_NAME):
        log_in(wang, "wrong password")
    with office.database.write() as session:
        session.execute(sa.update(FailedAttempt).values(at=now() - lock.WINDOW))
    assert log_in(wang).status_code == 302


def test_a_login_forgets_the_failures_before_it(wang: str, log_in: LogIn) -> None:
    for _ in range(3):
        for _ in range(lock.TRIES_BY_NAME - 1):
            log_in(wang, "wrong password")
        assert log_in(wang).status_code == 302


def test_logging_out_ends_the_session_and_takes_a_form(
    client: FlaskClient, wang: str, log_in: LogIn
) -> None:
    log_in(wang)
    assert client.get("/logout").status_code == 405
    client.submit(client.get("/staff/waves/"))  # the only form of the page
    assert not is_in(client)


def test_the_language_is_kept_in_the_session(client: FlaskClient, wang: str, log_in: LogIn) -> None:
    assert heading(client.get("/login")) == "登录"
    client.get("/login?lang=en")
    log_in(wang)
    assert heading(client.get("/staff/waves/")) == "Waves"
    assert heading(client.get("/staff/waves/?lang=zh")) == "测评"
    assert heading(client.get("/staff/waves/")) == "测评"


def test_the_last_login_is_noted(office: Office, wang: str, log_in: LogIn) -> None:
    log_in(wang)
    with office.database.read() as session:
        at = people.get(session, wang).last_login_at
    assert at is not None
    assert now() - at < dt.timedelta(minutes=1)


def signed_ago(monkeypatch: pytest.MonkeyPatch, ago: dt.timedelta) -> None:
    """Have cookies signed as if it were so long ago."""
    signed = int((now() - ago).timestamp())
    monkeypatch.setattr("itsdangerous.TimestampSigner.get_timestamp", lambda _: signed)


@pytest.mark.parametrize(("minutes", "renewed"), [(0, False), (8, False), (12, True)])
def test_a_session_that_is_used_is_renewed_now_and_then(
    client: FlaskClient,
    wang: str,
    log_in: LogIn,
    monkeypatch: pytest.MonkeyPatch,
    minutes: int,
    renewed: bool,
) -> None:
    with monkeypatch.context() as patched:
        signed_ago(patched, dt.timedelta(minutes=minutes))
        log_in(wang)
    answer = client.get("/api/v1/bundle")  # refused, and nothing changes in the session
    assert ("Set-Cookie" in answer.headers) is renewed


def test_a_cookie_that_was_good_before_is_over_all_the_same(
    client: FlaskClient, wang: str, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(wang)
    assert is_in(client)
    monkeypatch.setitem(client.application.config, "PERMANENT_SESSION_LIFETIME", dt.timedelta(0))
    assert not is_in(client)


def test_a_session_that_nobody_used_all_day_is_over(
    client: FlaskClient, wang: str, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        signed_ago(patched, dt.timedelta(hours=13))
        log_in(wang)
    assert not is_in(client)
