"""A day without signal: three doors, a restart of the browser; the server then holds just that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.browser import volunteer as app
from tests.browser.conftest import Live
from tests.support.browser import ARGUMENTS, PHONE, chromium


@contextmanager
def phone_with_memory(playwright: Playwright, profile: Path) -> Iterator[Page]:
    """A page of a Chromium that keeps what it stores when it is closed."""
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium(), args=ARGUMENTS, locale="zh-CN", **PHONE
    )
    try:
        yield context.pages[0]
    finally:
        context.close()


def works_offline(context: BrowserContext, page: Page) -> None:
    """Wait until the service worker has everything, and cut the network."""
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    context.set_offline(True)


def test_three_doors_without_signal_and_a_restart_reach_the_server_once(
    playwright: Playwright, live: Live, tmp_path: Path
) -> None:
    liu = app.volunteer(live.fieldwork.office, live.url)
    with phone_with_memory(playwright, tmp_path) as page:
        liu.log_in(page)
        works_offline(page.context, page)
        app.attempt(page, liu.units[0], "敲门无人应答")
        app.attempt(page, liu.units[1], "拒访")
        app.begin(page, liu.units[2])
        app.interview(page, pages=5)
        assert app.numbers(page) == [2, 0, 0]
    assert liu.attempts() == []

    with phone_with_memory(playwright, tmp_path) as page:
        page.context.set_offline(True)
        page.goto(f"{live.url}/volunteer/")
        app.unlock(page)
        expect(page.get_by_text("正在本机上进行")).to_be_visible()
        app.go(page, f"door/{liu.units[2]}")
        page.get_by_role("link", name="继续访问").click()
        expect(page.locator(".progress")).to_have_text("第6页")
        app.interview(page)
        app.seal(page)
        assert app.numbers(page) == [3, 0, 0]
        assert liu.responses() == []
        page.context.set_offline(False)
        app.send(page)
        assert app.numbers(page) == [0, 3, 0]
        assert "正在本机上进行" not in page.locator("main").inner_text()

    assert liu.attempts() == [(0, "no_answer"), (1, "refused"), (2, "interview")]
    [response] = liu.responses()
    assert response.unit_id == liu.units[2]
    assert response.mode == "door"
    assert response.answers["K1"] == "know"
    assert response.answers["O1"] == "东门的路灯坏了。"
    assert len(response.answers) == 25


def test_nothing_readable_is_left_on_the_phone(live: Live, app_phone: Page) -> None:
    """Neither an address nor an answer stands in the browser's storage in the clear."""
    liu = app.volunteer(live.fieldwork.office, live.url)
    with_route_cut(app_phone)
    liu.log_in(app_phone)
    app.begin(app_phone, liu.units[0])
    app.interview(app_phone)
    before = stored(app_phone)
    app.seal(app_phone)
    after = stored(app_phone)
    assert "东门的路灯" not in before + after
    assert "路1号" not in before + after
    assert "interview" not in before + after
    assert '"drafts": []' in after


def with_route_cut(page: Page) -> None:
    """Nothing is sent, though there is signal."""
    page.route("**/api/v1/interviews", lambda route: route.fulfill(status=503))
    page.route("**/api/v1/attempts", lambda route: route.fulfill(status=503))


def stored(page: Page) -> str:
    """Everything in IndexedDB as text, bytes as Latin letters."""
    text: str = page.evaluate(
        """() => new Promise((resolve) => {
          const opening = indexedDB.open("minyi-volunteer");
          opening.onsuccess = async () => {
            const db = opening.result, found = {};
            for (const name of db.objectStoreNames) {
              found[name] = await new Promise((done) => {
                db.transaction(name).objectStore(name).getAll().onsuccess =
                  (event) => done(event.target.result);
              });
            }
            db.close();
            const isBytes = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value);
            const plain = (key, value) => isBytes(value) ? new TextDecoder().decode(value)
              : key === "kind" ? "" : value;
            resolve(JSON.stringify(found, plain, 1));
          };
        })"""
    )
    return text


def test_private_answers_are_not_shown_to_the_volunteer(live: Live, app_phone: Page) -> None:
    liu = app.volunteer(live.fieldwork.office, live.url)
    liu.log_in(app_phone)
    app.begin(app_phone, liu.units[0])
    app.interview(app_phone, pages=2)
    app_phone.get_by_role("button", name="交给对方自己填").click()
    app_phone.get_by_role("button", name="手机已经在对方手里").click()
    expect(app_phone.locator(".unread")).to_have_count(0)
    expect(app_phone.locator(".pencil")).to_have_count(0)
    seen = app.answer(app_phone)
    app_phone.locator(".back").click()  # the respondent may look at their own answers
    expect(app_phone.locator("input:checked")).to_have_count(1)
    app.go(app_phone, f"door/{liu.units[0]}")
    expect(app_phone.locator("#answers")).to_have_count(0)  # the volunteer sees another screen
    app_phone.goto(seen)
    for address in (seen, seen.rpartition("/")[0], seen.replace("K1", "S1")):
        app_phone.evaluate("address => { location.href = address; }", address)
        expect(app_phone.get_by_role("heading", name="请把手机交给对方")).to_be_visible()
        expect(app_phone.locator("input")).to_have_count(0)
    app_phone.get_by_role("button", name="手机已经在对方手里").click()
    app.interview(app_phone)
    app.seal(app_phone)
    app.send(app_phone)
    [response] = liu.responses()
    assert response.answers["K1"] == "know"


def test_a_paper_questionnaire_is_marked_as_paper(live: Live, app_phone: Page) -> None:
    liu = app.volunteer(live.fieldwork.office, live.url)
    liu.log_in(app_phone)
    app.go(app_phone, f"door/{liu.units[0]}")
    app_phone.get_by_role("link", name="录入纸质问卷").click()
    app_phone.get_by_role("button", name="一户", exact=True).click()
    app_phone.get_by_role("button", name="这位在家").click()
    app_phone.get_by_label("什么时候填的？").fill("2026-11-24T19:30")
    app_phone.get_by_role("button", name="开始录入").click()
    app.interview(app_phone)
    app.seal(app_phone)
    app.send(app_phone)
    assert [response.mode for response in liu.responses()] == ["paper"]


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(live: Live, app_phone: Page) -> None:
    liu = app.volunteer(live.fieldwork.office, live.url)
    liu.log_in(app_phone)
    app.begin(app_phone, liu.units[0])
    app_phone.locator(".deck button").first.click()
    expect(app_phone.locator(".problems")).to_contain_text("请先回答这一题")
    app.interview(app_phone, pages=3)
    boxes = app_phone.locator(".choice input")
    boxes.first.check()
    app_phone.locator(".choice label >> text=记不清").click()
    app_phone.locator(".pencil summary").click()
    app_phone.locator(".pencil textarea").fill("犹豫很久")
    app_phone.get_by_role("button", name="大字版").click()
    expect(app_phone.locator("html.elder")).to_have_count(1)
    expect(app_phone.locator(".choice input:checked")).to_have_count(2)
    app_phone.locator(".deck button").first.click()
    expect(app_phone.locator(".problems")).to_be_visible()
    expect(app_phone.locator(".choice input:checked")).to_have_count(2)
    app_phone.wait_for_timeout(600)  # what is typed is kept by itself
    app_phone.reload()
    app.unlock(app_phone)
    expect(app_phone.locator(".choice input:checked")).to_have_count(2)
    expect(app_phone.locator(".pencil textarea")).to_have_value("犹豫很久")


def test_a_slip_of_the_finger_is_taken_back(live: Live, app_phone: Page) -> None:
    liu = app.volunteer(live.fieldwork.office, live.url)
    liu.log_in(app_phone)
    app.go(app_phone, f"door/{liu.units[0]}")
    app_phone.get_by_role("link", name="这次没有访成").click()
    app_phone.get_by_role("button", name="拒访", exact=True).click()
    app_phone.get_by_role("button", name="记错了，撤回").click()
    expect(app_phone.get_by_text("还没有去过")).to_be_visible()
    app.attempt(app_phone, liu.units[0], "敲门无人应答")
    app_phone.wait_for_timeout(8500)
    app.send(app_phone)
    assert liu.attempts() == [(0, "no_answer")]
