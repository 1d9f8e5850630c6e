"""A password of one's own, and what a new one ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveys import people
from surveys.office import Office
from tests.support.pages import words
from tests.webapp.accounts.conftest import PASSWORD

CHOSEN = "a new short sentence"


@pytest.fixture
def change(client: FlaskClient, wang: str, log_in: Callable[..., TestResponse]) -> Callable:
    """Log in and send the form for a new password."""
    log_in(wang)

    def send(present: str, chosen: str, repeated: str) -> TestResponse:
        page = client.get("/password")
        typed = {"present": present, "chosen": chosen, "repeated": repeated}
        return client.submit(page, form=1, **typed)

    return send


def test_the_new_password_works_and_the_old_one_does_not(
    office: Office, client: FlaskClient, wang: str, change: Callable
) -> None:
    assert change(PASSWORD, CHOSEN, CHOSEN).status_code == 302
    with office.database.read() as session:
        assert people.verify(session, wang, CHOSEN)
        assert not people.verify(session, wang, PASSWORD)
    assert "其他设备已全部退出" in words(client.get("/staff/waves/"))


def test_every_other_session_ends(
    app: Flask, wang: str, change: Callable, client: FlaskClient
) -> None:
    elsewhere = app.test_client()
    elsewhere.submit(elsewhere.get("/login"), name=wang, password=PASSWORD)
    change(PASSWORD, CHOSEN, CHOSEN)
    assert elsewhere.get("/staff/waves/").location.startswith("/login")
    assert client.get("/staff/waves/").status_code == 200


@pytest.mark.parametrize(
    ("present", "chosen", "repeated", "said"),
    [
        ("wrong password", CHOSEN, CHOSEN, "不对"),
        (PASSWORD, "short", "short", "至少12个字符"),
        (PASSWORD, CHOSEN, "another sentence", "两次输入的新密码不一样"),
    ],
)
def test_a_faulty_form_changes_nothing(
    office: Office, wang: str, change: Callable, present: str, chosen: str, repeated: str, said: str
) -> None:
    answer = change(present, chosen, repeated)
    assert answer.status_code == 422
    assert said in words(answer)
    with office.database.read() as session:
        assert people.verify(session, wang, PASSWORD)


def test_a_closed_account_is_logged_out(
    office: Office, client: FlaskClient, change: Callable
) -> None:
    with office.database.write() as session:
        people.deactivate(session, people.get(session, "wang"), actor="test")
    assert client.get("/password").location.startswith("/login")


def test_a_session_that_was_tampered_with_is_nobodys(client: FlaskClient, wang: str) -> None:
    for kept in ("", "1", "1.x", "x.1", "99.1"):
        with client.session_transaction() as session:
            session["_user_id"] = kept
        assert client.get("/staff/waves/").location.startswith("/login")
