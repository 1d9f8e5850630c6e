"""Staff pages in a real browser: charts under the policy, tables without scripts, axe."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from surveys.office import Office
from surveys.results import locking
from tests.support import harvest
from tests.support.browser import AXE, DESK, PHONE, watched_page
from tests.support.fieldwork import begin
from tests.support.server import Server

PAGES = (
    "/staff/results/2026-11",
    "/staff/results/2026-11/awareness",
    "/staff/areas/east",
    "/staff/results/2026-11/awareness/trends",
    "/staff/results/2026-11/beside",
    "/staff/results/2026-11/questions/",
    "/staff/results/2026-11/questions/M0?by=D2",
    "/staff/results/2026-11/figures/east/awareness",
    "/staff/results/2026-11/weights",
    "/staff/results/2026-11/public",
    "/staff/results/2026-11/dissatisfaction",
    "/staff/waves/2026-11/papers",
    "/staff/campaigns/",
    "/staff/boundaries",
    "/staff/waves/",
    "/staff/waves/2026-11",
    "/staff/waves/new",
    "/staff/waves/2026-11/posters",
    "/staff/users/",
    "/staff/users/new",
    "/password",
)


@dataclass(frozen=True)
class Township:
    """A running server whose one wave is locked."""

    url: str
    password: str

    def log_in(self, page: Page) -> None:
        page.goto(f"{self.url}/login")
        page.get_by_label("用户名").fill("admin")
        page.get_by_label("密码").fill(self.password)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/staff/results/*")


@pytest.fixture(scope="session")
def township(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Township]:
    data = tmp_path_factory.mktemp("township")
    shutil.copy(sqlite_template, data / "minyi.sqlite")
    fieldwork = begin(Office.open(data))
    harvest.gather(fieldwork)
    harvest.close(fieldwork)
    locking.lock(fieldwork.office, fieldwork.wave, "test")
    fieldwork.office.database.engine.dispose()
    with Server(data) as server:
        yield Township(server.url, fieldwork.password)


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def screen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A desk, then a phone; whatever either complains of fails the test."""
    with watched_page(browser, **request.param) as page:
        yield page


def test_charts_are_drawn_under_the_policy(township: Township, screen: Page) -> None:
    township.log_in(screen)
    for address, charts in ((PAGES[1], 2), (PAGES[2], 4)):
        screen.goto(township.url + address)
        places = screen.locator("[data-chart]")
        expect(places).to_have_count(charts)
        for place in places.all():
            place.scroll_into_view_if_needed()
            expect(place.locator(".scatterlayer .point >> nth=0")).to_be_visible(timeout=20_000)


def test_a_page_that_shows_no_chart_fetches_no_library(township: Township, desk: Page) -> None:
    fetched: list[str] = []
    desk.on("request", lambda request: fetched.append(request.url))
    township.log_in(desk)
    desk.goto(township.url + PAGES[0])
    assert not [address for address in fetched if "plotly" in address]


def test_nothing_is_wider_than_the_screen(township: Township, screen: Page) -> None:
    township.log_in(screen)
    for language in ("zh", "en"):
        for address in PAGES:
            screen.goto(f"{township.url}{address}{'&' if '?' in address else '?'}lang={language}")
            assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_axe_finds_nothing_on_any_page(
    township: Township, screen: Page, axe: Callable[[Page], None]
) -> None:
    screen.goto(f"{township.url}/login")
    axe(screen)
    township.log_in(screen)
    for address in PAGES:
        screen.goto(township.url + address)
        axe(screen)
    for address in PAGES[:9]:
        screen.goto(f"{township.url}{address}{'&' if '?' in address else '?'}lang=en")
        axe(screen)


def test_the_dark_has_enough_contrast(township: Township, browser: Browser) -> None:
    with watched_page(browser, color_scheme="dark", **DESK) as page:
        township.log_in(page)
        for address in PAGES[:5]:
            page.goto(township.url + address)
            page.evaluate(AXE.read_text("utf-8"))
            found = page.evaluate(
                "async () => (await axe.run({runOnly: 'color-contrast'})).violations"
            )
            assert [node["html"] for rule in found for node in rule["nodes"]] == [], address


def test_charts_take_the_colours_of_the_scheme(township: Township, desk: Page) -> None:
    township.log_in(desk)
    desk.goto(township.url + PAGES[1])
    label = desk.locator("[data-chart] .ytick text >> nth=0")
    light = label.evaluate("(text) => getComputedStyle(text).fill")
    desk.emulate_media(color_scheme="dark")
    expect(label).not_to_have_css("fill", light)


def test_without_a_script_the_tables_say_the_same(township: Township, browser: Browser) -> None:
    with watched_page(browser, java_script_enabled=False, **PHONE) as page:
        township.log_in(page)
        page.goto(township.url + PAGES[1])
        expect(page.get_by_role("row", name="东村社区")).to_contain_text("%")
        for place in page.locator(".chart-place").all():
            expect(place).to_be_hidden()


def test_a_wave_is_closed_by_keyboard_alone_without_a_script(
    township: Township, browser: Browser
) -> None:
    with watched_page(browser, java_script_enabled=False, **DESK) as page:
        township.log_in(page)
        page.goto(f"{township.url}/staff/waves/new")
        page.get_by_label("中文标题").focus()
        page.keyboard.type("键盘测评")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.get_by_label("月份").fill("2027-03")
        page.keyboard.press("Enter")
        page.wait_for_url("**/staff/waves/2027-03")
        for act in ("开放本期", "截止本期"):
            page.get_by_role("link", name=act).press("Enter")
            page.get_by_role("button", name=act).press("Enter")
            page.wait_for_url("**/staff/waves/2027-03")
        expect(page.get_by_role("link", name="锁定本期")).to_be_visible()


def test_a_poster_fills_one_sheet_of_paper(township: Township, desk: Page) -> None:
    township.log_in(desk)
    desk.goto(f"{township.url}/staff/waves/2026-11/posters")
    sheets = desk.pdf(format="A4").count(b"/Type /Page\n")
    assert sheets == 2
