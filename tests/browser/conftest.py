"""Phones and desks: one Chromium per test process, a fresh context per test."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright

from surveys.office import Office
from tests.support.browser import (
    DESK,
    PHONE,
    launch,
    violations,
    watched_page,
    watched_page_without_cookies,
)
from tests.support.fieldwork import Fieldwork, begin
from tests.support.server import Server

SHOTS = Path(__file__).parent / "shots"


@dataclass(frozen=True)
class Live:
    """A running server whose one wave is open.

    Parameters
    ----------
    url : str
        Of the server, without a slash at the end.
    fieldwork : Fieldwork
        What it serves; ``fieldwork.office`` looks into its database.
    """

    url: str
    fieldwork: Fieldwork

    def invitation(self) -> str:
        """The address on a slip nobody has used yet."""
        return self.url + self.fieldwork.invitation()

    def open_link(self) -> str:
        """The address on a community's poster."""
        return self.url + self.fieldwork.open_link()


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The server residents and staff meet in these tests; each test takes a slip of its own."""
    office = Office.open(tmp_path_factory.mktemp("office"))
    office.migrate()
    fieldwork = begin(office, drawn=280)  # a process that runs every test takes most of them
    with Server(office.data) as server:
        yield Live(server.url, fieldwork)
    office.database.engine.dispose()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    running = launch(playwright)
    yield running
    running.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page on a small phone, 360 × 640."""
    with watched_page(browser, **PHONE) as page:
        yield page


@pytest.fixture
def app_phone(browser: Browser) -> Iterator[Page]:
    """A phone for the volunteer's app: refused and failing requests are part of its day.

    It runs no service worker, so that a test may tamper with every request.
    """
    context = browser.new_context(locale="zh-CN", service_workers="block", **PHONE)
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    context.on("console", note)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert complaints == []


@pytest.fixture
def phone_without_javascript(browser: Browser) -> Iterator[Page]:
    with watched_page(browser, java_script_enabled=False, **PHONE) as page:
        yield page


@pytest.fixture
def phone_without_cookies(playwright: Playwright, tmp_path: Path) -> Iterator[Page]:
    with watched_page_without_cookies(playwright, tmp_path / "profile", **PHONE) as page:
        yield page


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    """A page on an office screen, 1280 × 800."""
    with watched_page(browser, **DESK) as page:
        yield page


@pytest.fixture
def axe(browser: Browser, request: pytest.FixtureRequest) -> Callable[[Page], None]:
    """Call it with a page: fails naming every element axe-core objects to.

    A picture of each page is kept in ``tests/browser/shots``, named after the test.
    """
    number = itertools.count(1)
    test = re.sub(r"[^\w.-]+", "-", request.node.name).strip("-")

    def check(page: Page) -> None:
        found = violations(browser, page)
        page.screenshot(path=SHOTS / f"{test}-{next(number):02d}.png", full_page=True)
        assert not found, f"{page.url}\n" + "\n".join(found)

    return check
