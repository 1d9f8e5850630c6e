"""The whole questionnaire on a small phone, in every way residents have."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Live
from tests.browser.resident import answer, begin, fits, name_of, onward, responses, walk
from tests.support.browser import PHONE, watched_page

EVERY_PAGE = [
    *("S1", "S2", "K1", "K2", "Z1", "P1", "P2", "M9", "M0", "environments_1", "environments_2"),
    *("C1", "F1", "O1", "I1", "about_you"),
]


@pytest.mark.parametrize(
    ("arguments", "thanks", "with_axe"),
    [
        ("", "谢谢您", True),
        ("?lang=en&elder=1", "Thank you", True),
        ("?elder=1", "谢谢您", False),
        ("?lang=en", "Thank you", False),
    ],
    ids=["chinese", "english-elder", "chinese-elder", "english"],
)
def test_the_whole_questionnaire_without_javascript(
    phone_without_javascript: Page,
    live: Live,
    axe: Callable[[Page], None],
    arguments: str,
    thanks: str,
    with_axe: bool,
) -> None:
    page, before = phone_without_javascript, responses(live)

    def look(page: Page) -> None:
        fits(page)
        if with_axe:
            axe(page)

    begin(page, live.invitation() + arguments)
    assert walk(page, "check", look) == EVERY_PAGE
    onward(page)
    look(page)
    assert page.locator("h1").inner_text() == thanks
    assert ("lang=en" in arguments) == (page.locator("html").get_attribute("lang") == "en")
    assert responses(live) == before + 1


def test_the_open_link_with_cookies_blocked(phone_without_cookies: Page, live: Live) -> None:
    page, before = phone_without_cookies, responses(live)
    begin(page, live.open_link())
    walk(page, "check")
    onward(page)
    assert name_of(page) == "done"
    assert not page.context.cookies()
    assert responses(live) == before + 1


def test_the_whole_questionnaire_with_the_keyboard_only(phone: Page, live: Live) -> None:
    """Tab, Space and Enter are enough, and the focus is seen wherever it stands."""

    def tab_to(selector: str) -> None:
        for _ in range(80):
            phone.keyboard.press("Tab")
            if phone.evaluate("s => document.activeElement.matches(s)", selector):
                return
        pytest.fail(f"{selector} is out of the keyboard's reach on {phone.url}")

    phone.goto(live.invitation())
    tab_to(".onward button")
    phone.keyboard.press("Enter")
    while name_of(phone) != "done":
        for question in phone.locator("fieldset input:first-of-type").all()[:1]:
            tab_to(f"#{question.get_attribute('id')}")
            phone.keyboard.press("Space")
            assert phone.evaluate("document.activeElement.checked")
            ring = "getComputedStyle(document.activeElement.nextElementSibling).outlineStyle"
            assert phone.evaluate(ring) == "solid"
        for field in phone.locator("textarea").all():
            tab_to("textarea")
            phone.keyboard.type("路灯")
            assert field.input_value() == "路灯"
        tab_to(".onward button")
        with phone.expect_navigation():
            phone.keyboard.press("Enter")
    assert phone.locator("h1").inner_text() == "谢谢您"


def test_the_first_tab_leads_past_the_header(phone: Page, live: Live) -> None:
    begin(phone, live.open_link())
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    assert phone.evaluate("document.activeElement.id") == "main"


def test_someone_ineligible_is_thanked(
    phone_without_javascript: Page, live: Live, axe: Callable[[Page], None]
) -> None:
    page = phone_without_javascript
    begin(page, live.invitation())
    page.get_by_text("否", exact=True).click()
    onward(page)
    assert page.locator("h1").inner_text() == "谢谢您"
    axe(page)
    onward(page)
    assert name_of(page) == "done"


@pytest.mark.parametrize("width", [320, 180], ids=["narrow", "zoomed"])
def test_nothing_sticks_out_on_the_narrowest_screen(
    browser: Browser, live: Live, width: int
) -> None:
    """320 px is WCAG's reflow; 180 px is our phone at 200 %."""
    options = PHONE | {"viewport": {"width": width, "height": 480}}
    with watched_page(browser, **options) as page:
        begin(page, live.open_link() + "?elder=1")
        walk(page, "K2", fits)
        answer(page)
        onward(page)
        fits(page)
