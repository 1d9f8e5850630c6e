"""Doors stay shut to those who may not enter, and nothing gives a secret away."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

import webapp
from surveys import drafts, people
from surveys.office import Office
from tests.support.fieldwork import begin
from tests.support.respondent import Respondent
from tests.support.server import Server
from webapp.config import Settings

STATIC = Path(webapp.__file__).parent / "static"
PROBLEM = "application/problem+json"
# The volunteer's app holds nobody's data: what it shows comes from the API, which asks.
# The public page shows nothing that the office has not published.
OPEN_TO_ALL = {"resident", "accounts", "volunteer", "public", "static", "healthz"}
ROLES = {
    "users": {"admin"},
    "staff": {"admin", "staff"},
    "visits": {"admin", "staff", "volunteer"},
    "api": {"volunteer"},
}


def routes(app: Flask, *, asks: bool = True) -> Iterator[tuple[str, str, str]]:
    """Blueprint, method and an address of every route of the doors that ask who comes."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        door = rule.endpoint.partition(".")[0]
        if asks == (door in OPEN_TO_ALL):
            continue
        values = {name: _value(rule, name) for name in rule.arguments}
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield door, method, adapter.build(rule.endpoint, values, method=method)


def _value(rule: Rule, name: str) -> str:
    """Something that fits into an address: one of those allowed, where they are listed."""
    return min(getattr(rule._converters[name], "items", {"1"}))


def person(app: Flask, office: Office, role: str) -> FlaskClient:
    """Someone with a role, logged in."""
    with office.database.write() as session:
        _, password = people.add_user(session, role, role, actor="test")
    client = app.test_client()
    answer = client.submit(client.get("/login"), name=role, password=password)
    assert answer.status_code == 302, answer.text
    return client


def test_there_are_doors_that_ask(app: Flask) -> None:
    assert {door for door, _, _ in routes(app)} == set(ROLES)


def test_whoever_has_not_logged_in_is_sent_to_the_login(app: Flask) -> None:
    client = app.test_client()
    for door, method, address in routes(app):
        answer = client.open(address, method=method)
        if door == "api":
            assert (answer.status_code, answer.mimetype) == (401, PROBLEM), address
            continue
        refused = answer.status_code == 302 and answer.location.startswith("/login")
        assert refused or (method == "POST" and answer.status_code == 400), address


@pytest.mark.parametrize("role", people.ROLES)
def test_a_role_opens_its_own_doors_only(app: Flask, office: Office, role: str) -> None:
    client = person(app, office, role)
    for door, method, address in routes(app):
        if method == "GET":
            is_shut = client.get(address).status_code == 403
            assert is_shut == (role not in ROLES[door]), address


def test_no_form_is_taken_without_its_token(app: Flask, office: Office) -> None:
    client = person(app, office, "admin")
    for asks in (True, False):
        for _door, method, address in routes(app, asks=asks):
            if method == "POST" and not address.startswith(("/i/", "/s/", "/d/")):
                refused = {403} if _door == "api" else {400, 422}
                assert client.post(address).status_code in refused, address
    assert client.get("/staff/", follow_redirects=True).status_code == 200  # still logged in


def test_the_session_cookie_is_for_this_server_alone(app: Flask, office: Office) -> None:
    answer = app.test_client().get("/login?lang=en")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert "Strict-Transport-Security" not in answer.headers


def test_over_https_the_cookie_and_the_browser_stay_there(office: Office) -> None:
    settings = Settings(data=office.data, public_url="https://survey.example")
    app = webapp.create_app(settings, office)
    answer = app.test_client().get("/login?lang=en", base_url="https://survey.example")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_no_style_sheet_or_script_of_ours_names_another_host() -> None:
    for file in STATIC.rglob("*"):
        if file.suffix in {".css", ".js", ".svg"} and "vendor" not in file.parts:
            addresses = re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]+", file.read_text("utf-8"))
            assert set(addresses) <= {"http://www.w3.org"}, file


def test_a_fault_is_logged_without_the_address_that_met_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(drafts, "load", fail)
    app.config.update(PROPAGATE_EXCEPTIONS=False)
    with caplog.at_level(logging.DEBUG):
        assert app.test_client().get("/d/secret-token").status_code == 500
    assert "a fault" in caplog.text
    assert "resident.resume" in caplog.text
    assert "secret-token" not in caplog.text


def test_the_server_writes_no_token_and_no_code_into_its_log(tmp_path: Path) -> None:
    office = Office.open(tmp_path)
    office.migrate()
    slip = begin(office).invitation()
    office.database.engine.dispose()
    with Server(tmp_path) as server:
        thanks = Respondent(server.url, random.Random(1)).answer(slip, "")
    said = server.log.read_text("utf-8")
    assert slip not in said
    assert thanks.split("/")[2] not in said
