"""What residents do with their phones, step by step."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from playwright.sync_api import Page

from surveys.responses import Response
from tests.browser.conftest import Live

WISH = "东门的路灯坏了，晚上看不清路。"
TOUCHABLE = ".sheet button, .choice label, .switch, .sheet textarea, .back, .change, summary"


def begin(page: Page, address: str) -> str:
    """Open an invitation, start, and return the address of the draft."""
    page.goto(address)
    onward(page)
    return page.url.rpartition("/")[0]


def answer(page: Page) -> None:
    """Answer whatever the page asks, with the first choice of each question."""
    for question in page.locator("fieldset").all():
        question.locator("label").first.click()
    for field in page.locator("textarea").all():
        field.fill(WISH)


def onward(page: Page) -> None:
    """Press the page's button, and wait for what comes."""
    with page.expect_navigation():
        page.locator(".onward button").first.click()


def walk(page: Page, until: str, look: Callable[[Page], None] = lambda _: None) -> list[str]:
    """Answer page by page until one of that name; give the names of those passed.

    ``look`` sees every page, the last included.
    """
    passed = []
    while name_of(page) != until:
        look(page)
        passed.append(name_of(page))
        answer(page)
        onward(page)
        assert name_of(page) != passed[-1], page.locator("main").inner_text()
    look(page)
    return passed


def name_of(page: Page) -> str:
    return page.url.rpartition("/")[2].partition("?")[0]


def responses(live: Live) -> int:
    """How many responses the record holds."""
    with live.fieldwork.office.database.read() as session:
        return session.scalar(sa.select(sa.func.count(Response.id))) or 0


def fits(page: Page) -> None:
    """Nothing sticks out sideways, and a finger finds everything it needs."""
    least = 60 if page.locator("html.elder").count() else 48
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    for element in page.locator(TOUCHABLE).all():
        box = element.bounding_box()
        if box:
            assert box["height"] >= least, (page.url, element.inner_text(), box)
