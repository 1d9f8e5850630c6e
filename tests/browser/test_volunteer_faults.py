"""Whatever goes wrong between phone and server: what was recorded arrives, and arrives once."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from playwright.sync_api import Page, Route, expect

from surveys.fieldwork import rescue
from tests.browser import volunteer as app
from tests.browser.conftest import Live
from tests.browser.volunteer import Volunteer

API = "**/api/v1/*"


@pytest.fixture
def liu(live: Live) -> Volunteer:
    return app.volunteer(live.fieldwork.office, live.url)


@pytest.fixture
def page(app_phone: Page) -> Page:
    return app_phone


def record(page: Page, liu: Volunteer) -> None:
    """An interview, finished and queued."""
    app.begin(page, liu.units[0])
    app.interview(page)
    app.seal(page)


def holds_it_once(liu: Volunteer) -> None:
    assert liu.attempts() == [(0, "interview")]
    assert len(liu.responses()) == 1


def test_a_lost_answer_is_asked_for_again_with_the_same_bytes(page: Page, liu: Volunteer) -> None:
    liu.log_in(page)
    bodies: list[str] = []

    def lose(route: Route) -> None:
        bodies.append(route.request.post_data or "")
        if bodies.count(bodies[-1]) == 1:
            route.fetch()  # it is committed, and the phone never hears of it
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/api/v1/interviews", lose)
    record(page, liu)
    for _ in range(4):
        app.go(page, "queue")
        page.wait_for_timeout(300)
        page.get_by_role("button", name="现在发送").click()
    expect(page.get_by_text("服务器都已收到")).to_be_visible(timeout=app.PATIENCE)
    assert list(Counter(bodies).values()) == [2]
    holds_it_once(liu)


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param({"status": 500, "body": "{}"}, id="500"),
        pytest.param({"status": 503, "body": "busy"}, id="503", marks=pytest.mark.slow),
        pytest.param(
            {"status": 429, "body": "{}", "headers": {"Retry-After": "1"}},
            id="429",
            marks=pytest.mark.slow,
        ),
        pytest.param({"status": 200, "body": '{"status": "sto'}, id="truncated"),
        pytest.param(
            {"status": 200, "body": "<html>Welcome to our network</html>"},
            id="portal",
            marks=pytest.mark.slow,
        ),
        pytest.param({"status": 404, "body": "nothing"}, id="404", marks=pytest.mark.slow),
    ],
)
def test_after_trouble_the_phone_tries_again_by_itself(
    page: Page, liu: Volunteer, trouble: dict[str, object]
) -> None:
    liu.log_in(page)
    troubled: list[str] = []

    def fail_once(route: Route) -> None:
        if route.request.url in troubled or route.request.method == "GET":
            route.continue_()
        else:
            troubled.append(route.request.url)
            route.fulfill(**trouble)  # type: ignore[arg-type]

    page.route(API, fail_once)
    record(page, liu)
    app.go(page, "queue")
    expect(page.get_by_text("服务器都已收到")).to_be_visible(timeout=app.PATIENCE)
    assert len(troubled) == 1
    holds_it_once(liu)


def test_an_ended_login_keeps_the_queue_and_asks_to_log_in(page: Page, liu: Volunteer) -> None:
    liu.log_in(page)
    page.context.clear_cookies()
    record(page, liu)
    app.go(page, "queue")
    expect(page.get_by_text("登录已过期")).to_be_visible(timeout=app.PATIENCE)
    assert app.numbers(page)[0] == 1
    app.go(page, "")
    page.get_by_role("link", name="登录").click()
    page.get_by_label("用户名").fill(liu.name)
    page.get_by_label("密码").fill(app.PASSWORD)
    page.get_by_role("button", name="登录").click()
    app.unlock(page)
    app.send(page)
    holds_it_once(liu)


def test_nothing_is_sent_in_somebody_elses_name(page: Page, liu: Volunteer, live: Live) -> None:
    liu.log_in(page)
    page.context.clear_cookies()
    record(page, liu)
    wang = app.volunteer(live.fieldwork.office, live.url, addresses=1)
    page.goto(f"{live.url}/login?next=/volunteer/")
    page.get_by_label("用户名").fill(wang.name)
    page.get_by_label("密码").fill(app.PASSWORD)
    page.get_by_role("button", name="登录").click()
    app.unlock(page)
    expect(page.get_by_text("现在登录的是别人")).to_be_visible(timeout=app.PATIENCE)
    assert app.numbers(page)[0] == 1
    assert liu.attempts() == []


def test_a_tab_closed_in_the_middle_of_an_upload_loses_and_doubles_nothing(
    page: Page, liu: Volunteer
) -> None:
    liu.log_in(page)

    def commit_and_hang(route: Route) -> None:
        route.fetch()

    page.context.route("**/api/v1/interviews", commit_and_hang)
    record(page, liu)
    page.wait_for_timeout(1000)
    other = page.context.new_page()
    page.close()
    page.context.unroute("**/api/v1/interviews")
    other.goto(f"{liu.url}/volunteer/")
    app.unlock(other)
    app.send(other)
    holds_it_once(liu)


@pytest.mark.parametrize("locks", [True, False], ids=["locks", "lease"])
def test_two_tabs_send_everything_once(page: Page, liu: Volunteer, locks: bool) -> None:
    if not locks:
        page.context.add_init_script(
            "Object.defineProperty(navigator, 'locks', {value: undefined});"
        )
    liu.log_in(page)
    page.context.set_offline(True)
    record(page, liu)
    for unit in liu.units[1:]:
        app.attempt(page, unit, "敲门无人应答")
    page.context.route(API, lambda route: route.abort())
    page.context.set_offline(False)
    other = page.context.new_page()
    other.goto(f"{liu.url}/volunteer/")
    app.unlock(other)
    sent: list[str] = []
    page.context.on(
        "requestfinished",
        lambda one: sent.append(one.post_data_json["id"]) if one.post_data else None,
    )
    page.context.unroute(API)
    page.wait_for_timeout(8500)  # until no attempt may be taken back any more
    for tab in (page, other):
        app.go(tab, "queue")
        tab.evaluate("() => { window.dispatchEvent(new Event('online')); }")
    expect(page.get_by_text("服务器都已收到")).to_be_visible(timeout=app.PATIENCE)
    assert max(Counter(sent).values()) == 1
    assert len(sent) == 4
    assert Counter(outcome for _, outcome in liu.attempts()) == {"interview": 1, "no_answer": 3}
    assert len(liu.responses()) == 1


def test_one_interview_in_two_tabs_is_handed_in_once(page: Page, liu: Volunteer) -> None:
    liu.log_in(page)
    app.begin(page, liu.units[0])
    app.interview(page, pages=14)
    other = page.context.new_page()
    other.goto(f"{liu.url}/volunteer/#/door/{liu.units[0]}/ask")
    app.unlock(other)
    other.locator("#answers").wait_for()
    app.interview(page)
    app.seal(page)
    for question in other.locator("#answers fieldset").all():
        question.locator(".choice label").first.click()
    other.locator(".deck button").first.click()
    expect(other.get_by_text("在另一个窗口里改过了")).to_be_visible()
    app.send(page)
    holds_it_once(liu)


def test_a_full_phone_says_so_and_loses_nothing_typed(page: Page, liu: Volunteer) -> None:
    page.add_init_script(
        """for (const name of ["add", "put"]) {
          const real = IDBObjectStore.prototype[name];
          IDBObjectStore.prototype[name] = function (...values) {
            const request = real.apply(this, values);
            if (window.full) this.transaction.abort();
            return request;
          };
        }
        Object.defineProperty(IDBTransaction.prototype, "error", {
          get: () => window.full ? new DOMException("full", "QuotaExceededError") : null,
        });"""
    )
    liu.log_in(page)
    app.begin(page, liu.units[0])
    app.interview(page, pages=13)
    page.locator("textarea >> nth=0").fill("路灯坏了")
    page.evaluate("window.full = true")
    page.locator(".deck button").first.click()
    expect(page.get_by_text("手机存储满了")).to_be_visible()
    expect(page.locator("textarea >> nth=0")).to_have_value("路灯坏了")
    page.evaluate("window.full = false")
    app.interview(page)
    app.seal(page)
    app.send(page)
    holds_it_once(liu)


def test_a_lost_connection_to_the_storage_is_made_anew(page: Page, liu: Volunteer) -> None:
    page.add_init_script(
        """const real = IDBFactory.prototype.open;
        IDBFactory.prototype.open = function (...values) {
          const request = real.apply(this, values);
          request.addEventListener("success", () => { window.db = request.result; });
          return request;
        };"""
    )
    liu.log_in(page)
    app.begin(page, liu.units[0])
    app.interview(page, pages=4)
    page.evaluate("window.db.close()")
    app.interview(page)
    page.evaluate("window.db.close()")
    app.seal(page)
    app.send(page)
    holds_it_once(liu)


def test_a_storage_that_was_busy_is_tried_again_within_seconds(page: Page, liu: Volunteer) -> None:
    page.add_init_script(
        """const real = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (...values) {
          const request = real.apply(this, values);
          if (window.busy && this.name === "queue") this.transaction.abort();
          return request;
        };"""
    )
    liu.log_in(page)
    page.evaluate("window.busy = true")
    record(page, liu)
    app.go(page, "queue")
    expect(page.get_by_text("下次尝试")).to_be_visible()
    page.evaluate("window.busy = false")
    expect(page.get_by_text("服务器都已收到")).to_be_visible(timeout=app.PATIENCE)
    holds_it_once(liu)


def test_what_the_server_cannot_take_stays_and_says_so(page: Page, liu: Volunteer) -> None:
    liu.log_in(page)
    page.route(
        "**/api/v1/attempts",
        lambda route: route.fulfill(status=413, body='{"detail": "too large"}'),
    )
    app.attempt(page, liu.units[0], "敲门无人应答")
    page.wait_for_timeout(8500)
    app.go(page, "queue")
    expect(page.get_by_text("413 too large")).to_be_visible(timeout=app.PATIENCE)
    assert app.numbers(page) == [1, 0, 1]
    page.unroute("**/api/v1/attempts")
    page.get_by_role("button", name="再试未收的").click()
    expect(page.get_by_text("服务器都已收到")).to_be_visible(timeout=app.PATIENCE)
    assert liu.attempts() == [(0, "no_answer")]


def test_the_encrypted_file_of_a_failing_phone_brings_everything_in_once(
    page: Page, liu: Volunteer
) -> None:
    liu.log_in(page)
    page.route("**/api/v1/*", lambda route: route.abort())
    record(page, liu)
    app.attempt(page, liu.units[1], "拒访")
    app.go(page, "queue")
    with page.expect_download() as download:
        page.get_by_role("button", name="存成加密文件").click()
    saved = download.value.path().read_bytes()
    assert b"attempts" not in saved
    first = rescue.receive(liu.office, saved)
    assert [kind for kind, _ in first] == ["interview", "attempt"]
    assert {outcome.status for _, outcome in first} == {"stored"}
    assert {outcome.status for _, outcome in rescue.receive(liu.office, saved)} == {"repeated"}
    page.unroute("**/api/v1/*")
    app.send(page)
    assert liu.attempts() == [(0, "interview"), (1, "refused")]
    assert len(liu.responses()) == 1


def test_a_phone_without_a_key_offers_no_file(live: Live, app_phone: Page) -> None:
    liu = app.volunteer(live.fieldwork.office, live.url, addresses=0)
    app_phone.route("**/api/v1/shifts", lambda route: route.fulfill(status=503))
    liu.log_in(app_phone)
    app.go(app_phone, "shift")
    now = dt.datetime.now()
    for label, hours in (("从", 3), ("到", 1)):
        moment = now - dt.timedelta(hours=hours)
        app_phone.get_by_label(label).fill(f"{moment:%Y-%m-%dT%H:%M}")
    app_phone.get_by_role("button", name="申报").click()
    assert app.numbers(app_phone) == [1, 0, 0]
    expect(app_phone.get_by_role("button", name="现在发送")).to_be_visible()
    expect(app_phone.get_by_role("button", name="存成加密文件")).to_have_count(0)
