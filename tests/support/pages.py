"""A test client that checks every page any test fetches, and reads and sends forms as people do.

The rules stand in :mod:`tests.support.markup` and :mod:`tests.support.wording`; here are those on
headers. As a pytest plugin this module gives ``app`` and ``client``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from surveys.office import Office
from tests.support import markup, wording
from tests.support.markup import Page, text_of

RULES = (*markup.RULES, *wording.RULES)
DOORS_WITHOUT_SESSIONS = {"", "resident"}
POLICY_SAYS = ("default-src 'none'", "script-src 'self'", "base-uri 'none'", "form-action 'self'")


@pytest.fixture
def app(office: Office) -> Flask:
    """The application on the test's office, with every check on."""
    from webapp import create_app
    from webapp.config import Settings

    made = create_app(Settings(data=office.data), office=office)
    made.testing = True
    made.test_client_class = CheckedClient
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Someone's browser, without a session yet."""
    return app.test_client()


class CheckedClient(FlaskClient):
    """Flask's test client; an imperfect page fails the test that fetched it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        check(response, self._door(response))
        return response

    def submit(
        self, response: TestResponse, *, form: int = 0, press: str | None = None, **values: Any
    ) -> TestResponse:
        """Fill in a form of a page and send it; hidden fields and what is chosen go along.

        Parameters
        ----------
        response : TestResponse
            The page that holds the form.
        form : int
            Which form of the page, from the top.
        press : str, optional
            What the pressed button says, where it carries a name and a value.
        **values
            What is typed or chosen, by field name; None empties a field.
        """
        page = page_of(response)
        chosen = list(page.elements("form"))[form]
        sent = {**dict(_filled_in(chosen)), **_pressed(chosen, press), **values}
        return self.open(
            chosen.get("action", ""),
            method=chosen.get("method", "get").upper(),
            data={name: value for name, value in sent.items() if value is not None},
        )

    def _door(self, response: TestResponse) -> str:
        """The blueprint that answered: resident, staff, …; empty for what belongs to none."""
        request = response.request
        try:
            adapter = self.application.create_url_adapter(None) or self.application.url_map.bind("")
            endpoint = adapter.match(request.path, request.method)[0]
        except HTTPException:
            return ""
        return str(endpoint).rpartition(".")[0]


def check(response: TestResponse, door: str = "") -> None:
    """Fail, listing everything that is wrong with a response."""
    faults = list(_header_faults(response, door))
    if response.mimetype == "text/html" and response.status_code not in {301, 302, 303, 307, 308}:
        page = page_of(response)
        faults += [fault for rule in RULES for fault in rule(page)]
        if door not in DOORS_WITHOUT_SESSIONS:
            faults += _forms_without_token(page)
    address = f"{response.request.method} {response.request.path}"
    assert not faults, f"{address} ({response.status}):\n" + "\n".join(faults)


def page_of(response: TestResponse) -> Page:
    """The page a response carries, to ask questions of."""
    return Page(response.request.path, response.get_data(as_text=True), response.request.host)


def heading(response: TestResponse) -> str:
    """The h1 of a page."""
    return text_of(next(page_of(response).elements("h1")))


def words(response: TestResponse) -> str:
    """All that someone can read in the main part of a page."""
    return text_of(next(page_of(response).elements("main")))


def _header_faults(response: TestResponse, door: str) -> Iterator[str]:
    headers = response.headers
    policy = headers.get("Content-Security-Policy", "")
    for directive in POLICY_SAYS:
        if directive not in policy:
            yield f"the content policy lacks {directive}: {policy}"
    if "unsafe" in policy or "*" in policy:
        yield f"the content policy is loose: {policy}"
    if headers.get("X-Content-Type-Options") != "nosniff":
        yield "no X-Content-Type-Options: nosniff"
    if "frame-ancestors 'none'" not in policy and headers.get("X-Frame-Options") != "DENY":
        yield "the page may be framed"
    if "Referrer-Policy" not in headers:
        yield "no Referrer-Policy"
    if response.mimetype.startswith("text/") and "charset=utf-8" not in headers["Content-Type"]:
        yield f"the text names no charset: {headers['Content-Type']}"
    if door == "resident" and "Set-Cookie" in headers:
        yield f"a resident page sets a cookie: {headers['Set-Cookie']}"
    if response.request.path.startswith("/d/"):
        if "no-store" not in headers.get("Cache-Control", ""):
            yield "a draft may be kept by caches: no Cache-Control: no-store"
        if headers.get("Referrer-Policy") != "no-referrer":
            yield "a draft's address may leak: no Referrer-Policy: no-referrer"
    if urlsplit(headers.get("Location", "")).netloc not in {"", response.request.host}:
        yield f"sent away to another host: {headers['Location']}"


def _forms_without_token(page: Page) -> Iterator[str]:
    for form in page.elements("form"):
        names = {field.get("name") for field in form.iter("input")}
        if form.get("method", "").lower() == "post" and "csrf_token" not in names:
            yield f"a form without csrf_token: {markup.excerpt(form)}"


def _filled_in(form: Element) -> Iterator[tuple[str, Any]]:
    """What a browser would send of a form as it stands."""
    several: dict[str, list[str]] = {}
    for field in form.iter():
        name, kind = field.get("name"), field.get("type", "text")
        if name is None or field.tag not in markup.CONTROLS or kind in {"submit", "button"}:
            continue
        for value in _values(field, kind):
            several.setdefault(name, []).append(value)
    yield from several.items()


def _values(field: Element, kind: str) -> list[str]:
    if field.tag == "textarea":
        return [field.text or ""]
    if field.tag == "select":
        options = list(field.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None]
        return [option.get("value", text_of(option)) for option in chosen or options[:1]]
    if kind in {"radio", "checkbox"}:
        return [field.get("value", "on")] if field.get("checked") is not None else []
    return [] if kind == "file" else [field.get("value", "")]


def _pressed(form: Element, says: str | None) -> dict[str, str]:
    buttons = [b for b in form.iter("button") if says is None or text_of(b) == says]
    if says is not None:
        assert buttons, f"no button says {says!r}"
    if not buttons or buttons[0].get("name") is None:
        return {}
    return {buttons[0].get("name", ""): buttons[0].get("value", "")}
