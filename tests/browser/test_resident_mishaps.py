"""What happens to people with phones: a double tap, two tabs, a closed browser, a wrong address."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Live
from tests.browser.resident import answer, begin, name_of, onward, responses, walk
from tests.support.browser import PHONE, watched_page


def test_a_double_tap_on_submit_stores_one_response(phone: Page, live: Live) -> None:
    begin(phone, live.invitation())
    walk(phone, "check")
    before = responses(live)
    phone.locator(".onward button").dblclick()
    phone.wait_for_url("**/done")
    assert responses(live) == before + 1


def test_two_tabs_on_one_draft_meet_and_the_person_chooses(
    phone: Page, live: Live, axe: Callable[[Page], None]
) -> None:
    draft = begin(phone, live.invitation())
    walk(phone, "S2")
    other = phone.context.new_page()
    other.goto(phone.url)
    phone.get_by_text("1人").click()
    other.get_by_text("3人").click()
    onward(phone)
    onward(other)
    assert other.locator("h1").inner_text() == "您给了两个不同的回答"
    assert other.locator("dd").all_inner_texts() == ["1人", "3人"]
    axe(other)
    onward(other)
    assert name_of(other) == "K1"
    phone.goto(f"{draft}/S2")
    assert phone.get_by_label("3人").is_checked()


def test_two_tabs_and_the_answer_saved_before_is_kept(phone: Page, live: Live) -> None:
    draft = begin(phone, live.invitation())
    walk(phone, "S2")
    other = phone.context.new_page()
    other.goto(phone.url)
    phone.get_by_text("1人").click()
    other.get_by_text("3人").click()
    onward(phone)
    onward(other)
    other.get_by_role("link", name="保留之前保存的").click()
    assert name_of(other) == "K1"
    other.goto(f"{draft}/S2")
    assert other.get_by_label("1人").is_checked()


def test_back_and_forward_lose_nothing_and_ask_nothing(phone: Page, live: Live) -> None:
    begin(phone, live.invitation())
    walk(phone, "M9")
    phone.go_back()
    phone.go_back()
    assert name_of(phone) == "P1"
    assert phone.get_by_label("参与过").is_checked()
    phone.get_by_text("没有", exact=True).click()
    onward(phone)
    assert name_of(phone) == "M9"
    phone.go_back()
    phone.go_forward()
    assert name_of(phone) == "M9"


def test_a_page_off_the_path_is_refused_kindly(
    phone: Page, live: Live, axe: Callable[[Page], None]
) -> None:
    draft = begin(phone, live.invitation())
    walk(phone, "K1")
    phone.get_by_text("不知道", exact=True).click()
    onward(phone)
    for name in ("K2", "about_you", "nothing"):
        phone.goto(f"{draft}/{name}")
        assert name_of(phone) == "Z1"
        assert phone.get_by_role("status").inner_text() == "那一页现在打不开，请从这里继续。"
    axe(phone)


def test_a_closed_browser_goes_on_at_the_draft_s_address(
    browser: Browser, phone: Page, live: Live
) -> None:
    begin(phone, live.invitation() + "?elder=1")
    walk(phone, "Z1")
    phone.locator("summary").click()
    address = phone.locator(".address").inner_text()
    phone.context.close()
    with watched_page(browser, **PHONE) as another:
        another.goto(address)
        assert name_of(another) == "Z1"
        assert another.locator("html.elder").count() == 1
        another.get_by_role("link", name="上一步").click()
        assert another.locator("input:checked").count() == 1


def test_switching_keeps_what_is_typed(phone_without_javascript: Page, live: Live) -> None:
    page = phone_without_javascript
    begin(page, live.open_link())
    walk(page, "O1")
    page.locator("textarea").fill("菜场门口积水\n一下雨就这样")
    page.get_by_role("button", name="大字版").click()
    page.get_by_role("button", name="English").click()
    assert page.locator("textarea").input_value() == "菜场门口积水\n一下雨就这样"
    assert page.locator("html.elder[lang=en]").count() == 1


def test_awareness_can_be_read_but_no_longer_changed(
    phone: Page, live: Live, axe: Callable[[Page], None]
) -> None:
    draft = begin(phone, live.invitation())
    walk(phone, "Z1")
    phone.goto(f"{draft}/K1")
    assert phone.locator(".given").inner_text() == "知道"
    assert phone.locator("input[type=radio]").count() == 0
    axe(phone)


def test_a_change_from_the_check_returns_to_it(phone: Page, live: Live) -> None:
    begin(phone, live.invitation())
    walk(phone, "check")
    phone.get_by_role("link", name="修改 您的性别是？").click()
    assert name_of(phone) == "about_you"
    phone.get_by_text("女", exact=True).click()
    onward(phone)
    assert name_of(phone) == "check"
    assert "女" in phone.locator(".given").all_inner_texts()


@pytest.mark.parametrize("arguments", ["", "?lang=en", "?elder=1", "?lang=en&elder=1"])
def test_the_pages_around_the_questions(
    phone_without_javascript: Page, live: Live, axe: Callable[[Page], None], arguments: str
) -> None:
    page = phone_without_javascript
    for path in ("/", "/i?code=wrong", "/i/0000-0000-00", "/s/2026-11/nowhere", "/d/nothing"):
        joint = "&" if "?" in path else "?"
        page.goto(live.url + path + arguments.replace("?", joint))
        axe(page)
    for entrance in (live.invitation(), live.open_link()):
        page.goto(entrance + arguments)
        axe(page)


def test_a_mistake_is_summed_up_and_its_link_leads_to_the_question(
    phone: Page, live: Live, axe: Callable[[Page], None]
) -> None:
    begin(phone, live.invitation())
    onward(phone)
    assert phone.title().startswith("错误：")
    axe(phone)
    phone.locator(".problems a").click()
    assert phone.evaluate("document.activeElement.id") == "answer-S1-0"
    answer(phone)
    onward(phone)
    assert name_of(phone) == "S2"
