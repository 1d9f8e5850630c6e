"""Before the list: the first setup, a forgotten PIN, browsers that cannot do everything."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.browser import volunteer as app
from tests.browser.conftest import Live
from tests.support.browser import PHONE

WECHAT = (
    "Mozilla/5.0 (Linux; Android 8.0) AppleWebKit/537.36 Chrome/78.0 Mobile Safari/537.36 "
    "MicroMessenger/8.0.40"
)


def test_the_first_setup_says_what_a_pin_is_worth_and_what_the_browser_promised(
    live: Live, app_phone: Page
) -> None:
    liu = app.volunteer(live.fieldwork.office, live.url, addresses=2)
    liu.log_in(app_phone)
    promised = app_phone.evaluate("navigator.storage.persisted()")
    app.go(app_phone, "queue")
    answer = "浏览器答应不会自行清除" if promised else "浏览器没有答应一直保留"
    expect(app_phone.get_by_text(answer)).to_be_visible()
    app_phone.reload()
    expect(app_phone.get_by_text(liu.name)).to_be_visible()
    expect(app_phone.locator("#pin")).to_be_visible()


def test_a_forgotten_pin_says_what_goes_and_keeps_what_is_sealed(
    live: Live, app_phone: Page
) -> None:
    liu = app.volunteer(live.fieldwork.office, live.url)
    app_phone.route("**/api/v1/interviews", lambda route: route.fulfill(status=503))
    app_phone.route("**/api/v1/attempts", lambda route: route.fulfill(status=503))
    liu.log_in(app_phone)
    app.attempt(app_phone, liu.units[0], "敲门无人应答")
    app.begin(app_phone, liu.units[1])
    app.interview(app_phone)
    app.seal(app_phone)
    app.begin(app_phone, liu.units[2])
    app.interview(app_phone, pages=2)
    app_phone.reload()
    app_phone.locator("summary", has_text="忘记了").click()
    expect(app_phone.get_by_text("没做完的1份")).to_be_visible()
    expect(app_phone.get_by_text("没发出的走访或时间1条")).to_be_visible()
    expect(app_phone.get_by_text("已封存的1份")).to_be_visible()
    app_phone.get_by_role("button", name="删除这些，重新开始").click()
    expect(app_phone.get_by_role("heading", name="设置解锁码")).to_be_visible()
    app_phone.locator("#pin").fill("975310")
    app_phone.get_by_role("button", name="就用这个解锁码").click()
    expect(app_phone.locator(".doorway")).to_have_count(4, timeout=app.PATIENCE)
    app_phone.unroute("**/api/v1/interviews")
    app_phone.unroute("**/api/v1/attempts")
    app.send(app_phone)
    assert liu.attempts() == [(1, "interview")]
    assert len(liu.responses()) == 1


def test_a_chat_apps_browser_says_where_to_go_and_works_while_there_is_signal(
    browser: Browser, live: Live
) -> None:
    """It installs nothing (no service worker), but a whole interview goes through."""
    liu = app.volunteer(live.fieldwork.office, live.url, addresses=1)
    context = browser.new_context(
        user_agent=WECHAT, locale="zh-CN", service_workers="block", **PHONE
    )
    page = context.new_page()
    page.goto(f"{live.url}/volunteer/")
    expect(page.locator(".address")).to_have_text(f"{live.url}/volunteer/")
    expect(page.get_by_text("有信号时，在这里也能用")).to_be_visible()
    liu.log_in(page)
    app.begin(page, liu.units[0])
    app.interview(page)
    app.seal(page)
    app.send(page)
    app.go(page, "queue")
    expect(page.get_by_text("在这个浏览器里，没有信号就打不开")).to_be_visible()
    context.close()
    assert [response.mode for response in liu.responses()] == ["door"]


def test_without_https_the_app_says_so_and_shows_the_way_without_it(
    live: Live, app_phone: Page
) -> None:
    app_phone.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false });")
    app_phone.goto(f"{live.url}/volunteer/")
    expect(app_phone.get_by_text("https")).to_have_count(2)
    expect(app_phone.locator(".address")).to_have_text(
        live.url.replace("http://", "https://") + "/volunteer/"
    )
    liu = app.volunteer(live.fieldwork.office, live.url, addresses=1)
    app_phone.get_by_role("link", name="不用应用，直接登记").click()
    app_phone.get_by_label("用户名").fill(liu.name)
    app_phone.get_by_label("密码").fill(app.PASSWORD)
    app_phone.get_by_role("button", name="登录").click()
    app_phone.locator("ul.links a").first.click()
    app_phone.get_by_label("结果").select_option("refused")
    app_phone.get_by_role("button", name="登记").click()
    expect(app_phone.locator(".flash")).to_be_visible()
    assert liu.attempts() == [(0, "refused")]


def test_the_home_screen_is_offered_where_the_browser_lets_a_page_ask(
    live: Live, app_phone: Page
) -> None:
    liu = app.volunteer(live.fieldwork.office, live.url, addresses=1)
    liu.log_in(app_phone)
    app.go(app_phone, "more")
    expect(app_phone.get_by_text("添加到主屏幕")).to_be_visible()
    app.go(app_phone, "")
    app_phone.evaluate(
        """() => {
          const offer = new Event("beforeinstallprompt", { cancelable: true });
          offer.prompt = () => { window.asked = true; };
          offer.userChoice = Promise.resolve({ outcome: "accepted" });
          window.dispatchEvent(offer);
        }"""
    )
    app.go(app_phone, "more")
    app_phone.get_by_role("button", name="放到手机桌面").click()
    expect(app_phone.get_by_text("添加到主屏幕")).to_be_visible()  # asked once, not again
    assert app_phone.evaluate("window.asked")
