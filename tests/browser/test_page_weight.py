"""A resident's page is light: at most 40 KB compressed and six requests, all to this server."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Live

HEAVIEST = 40 * 1024
MOST_REQUESTS = 6


class Scale:
    """Weighs what Chromium receives over the wire since the last time, with nothing cached."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._received: list[float] = []
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on(
            "Network.loadingFinished",
            lambda event: self._received.append(event["encodedDataLength"]),
        )

    def _note(self, event: dict[str, float]) -> None:
        self._received.append(event["encodedDataLength"])

    def weigh(self) -> None:
        """Complain if the page that has just been opened is too heavy."""
        self._page.wait_for_load_state("networkidle")
        title, weight, requests = self._page.title(), sum(self._received), len(self._received)
        self._received.clear()
        print(f"{weight / 1024:5.1f} KB in {requests} requests: {title}")
        assert requests > 0
        assert weight <= HEAVIEST, f"{title}: {weight / 1024:.1f} KB"
        assert requests <= MOST_REQUESTS, f"{title}: {requests} requests"


def answer(page: Page) -> None:
    """Choose the first answer of every question, and go on."""
    for question in page.locator("main fieldset").all():
        question.locator("input").first.check(force=True)
    page.locator("main form button:not([formaction])").last.click()


def test_every_page_from_the_slip_to_the_thanks_is_light(live: Live, phone: Page) -> None:
    """In Chinese, which is the heavier language."""
    scale = Scale(phone)
    phone.goto(live.url)
    scale.weigh()
    phone.goto(live.invitation())
    scale.weigh()
    phone.locator("main form button").last.click()
    pages = 0
    while not phone.url.endswith("/done"):
        scale.weigh()
        answer(phone)
        pages += 1
    scale.weigh()
    assert pages > 12


@pytest.mark.parametrize("address", ["/i/0000-0000-00", "/s/2026-11/nowhere", "/d/x", "/nowhere"])
def test_every_page_that_says_no_is_light(live: Live, phone: Page, address: str) -> None:
    scale = Scale(phone)
    phone.goto(live.url + address)
    scale.weigh()
