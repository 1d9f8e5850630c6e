"""A re-check on the phone: named as such, done without signal, compared and not counted."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, Playwright, expect

from surveys import waves
from surveys.fieldwork import confirmation
from surveys.fieldwork.rechecks import Recheck
from tests.browser import volunteer as app
from tests.browser.conftest import Live
from tests.browser.test_volunteer_journey import phone_with_memory, works_offline
from tests.browser.volunteer import Volunteer
from tests.support import harvest


def of(liu: Volunteer, number: int) -> Recheck:
    with liu.office.database.read() as session:
        return session.get_one(Recheck, number)


def choose(page: Page, words: str) -> None:
    page.locator(".choice label").get_by_text(words, exact=True).click()
    shown = page.locator("#answers").element_handle()
    page.locator(".deck button").first.click()
    page.wait_for_function("form => !form.isConnected", arg=shown)


def test_an_interview_is_confirmed_without_signal_and_the_answers_are_compared(
    playwright: Playwright, live: Live, tmp_path: Path
) -> None:
    liu = app.volunteer(live.fieldwork.office, live.url, addresses=1)
    said = harvest.answers(0)  # S2 1, K1 know, Z1 support, M0 very
    number = app.recheck(liu, said)
    with phone_with_memory(playwright, tmp_path) as page:
        page.goto(f"{live.url}/volunteer/")
        liu.units.append(0)  # the re-check is one more row of the list
        liu.log_in(page)
        works_offline(page.context, page)
        row = page.locator(".rechecks .doorway")
        expect(row).to_contain_text("复核")
        row.click()
        expect(page.get_by_text("复核，不是新的访问")).to_be_visible()
        page.get_by_role("link", name="对方在家，开始").click()
        page.locator(".deck button").first.click()  # it cannot be passed over
        expect(page.locator(".problems")).to_be_visible()
        choose(page, "是")
        choose(page, "是")
        expect(page.locator("input:checked")).to_have_count(0)  # nothing of the first answers
        choose(page, "1人")
    with phone_with_memory(playwright, tmp_path) as page:
        page.context.set_offline(True)
        page.goto(f"{live.url}/volunteer/")
        app.unlock(page)
        page.locator(".rechecks .doorway").click()
        page.get_by_role("link", name="继续复核").click()
        choose(page, "知道")
        choose(page, "不支持")
        page.get_by_role("button", name="没有回答，往下问").click()
        page.get_by_role("button", name="完成并封存").click()
        expect(page.get_by_text("已完成，会自动发送到服务器")).to_be_visible()
        assert app.numbers(page) == [1, 0, 0]
        assert of(liu, number).done_at is None
        page.context.set_offline(False)
        app.send(page)
        app.go(page, "")
        expect(page.locator(".rechecks")).to_have_count(0)
    done = of(liu, number)
    assert (done.result, done.took_place, done.right_person) == ("reached", "yes", "yes")
    assert done.answers == {"S2": "1", "K1": "know", "Z1": "oppose"}
    assert done.done_by == liu.name
    with liu.office.database.read() as session:
        found = confirmation.of_wave(session, waves.get(session, live.fieldwork.wave))
    assert found.whole.confirmed >= 1
    assert liu.responses() == []  # no second response came of it


def test_a_re_check_at_which_nobody_is_reached_ends_with_that(live: Live, app_phone: Page) -> None:
    liu = app.volunteer(live.fieldwork.office, live.url, addresses=0)
    number = app.recheck(liu, harvest.answers(1))
    liu.units.append(0)
    liu.log_in(app_phone)
    app.go(app_phone, f"recheck/{number}")
    app_phone.get_by_role("link", name="没有访到人").click()
    app_phone.get_by_role("button", name="不愿说").click()
    expect(app_phone.get_by_text("已完成，会自动发送到服务器")).to_be_visible()
    app.send(app_phone)
    assert (of(liu, number).result, of(liu, number).answers) == ("refused", {})
