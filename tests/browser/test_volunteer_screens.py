"""Every screen of the app: accessible, in one language, in reach of a thumb, on a small phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser import volunteer as app
from tests.browser.conftest import Live
from tests.browser.volunteer import Volunteer
from tests.support import harvest, markup, wording
from tests.support.browser import AXE

Look = Callable[[str], None]
# The app sends nothing through forms, and names no action for them.
RULES = [
    rule
    for rule in (*markup.RULES, *wording.RULES)
    if rule.__name__ not in {"forms_say_where_and_how"}
]
TOUCHABLE = (
    ".sheet button, .deck a, .deck button, .small-acts .link, .choice label, .switch, textarea, "
    ".back, summary, .doorway"
)
LOWER_HALF = 320  # from the top of 640


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest) -> str:
    """Chinese in the usual size, English in the large one: each holds half of the dangers."""
    return str(request.param)


@pytest.fixture
def page(app_phone: Page) -> Page:
    return app_phone


@pytest.fixture
def look(page: Page) -> Look:
    """Call it on a screen: fails with everything that is wrong there."""

    def look(screen: str) -> None:
        page.wait_for_timeout(50)
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("async () => (await axe.run()).violations")
        faults = [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]
        address = urlsplit(page.url)
        copy = markup.Page(address.path, page.content(), address.netloc)
        faults += [fault for rule in RULES for fault in rule(copy) if not _is_meant(fault)]
        faults += list(_out_of_reach(page))
        assert not faults, f"{screen}:\n" + "\n".join(faults)

    return look


def _is_meant(fault: str) -> bool:
    """Screens have addresses after #; and a title stays in the history, so it names no address."""
    titles = ("地址", "Address", "复核", "Re-check")
    return fault.startswith(("no element has the id '/", *(f"the title '{one}" for one in titles)))


def _out_of_reach(page: Page) -> Iterator[str]:
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        yield "something sticks out sideways"
    least = 60 if page.locator("html.elder").count() else 44
    for element in page.locator(TOUCHABLE).all():
        box = element.bounding_box()
        if box and box["height"] < least - 0.5:
            yield f"{box['height']:.0f} px high: {element.inner_text()!r}"
    for act in page.locator(".deck > :first-child").all():
        box = act.bounding_box()
        if box and box["y"] < LOWER_HALF:
            yield f"the first act is {box['y']:.0f} px from the top: {act.inner_text()!r}"


def press(page: Page, place: int = 0) -> None:
    """Press one of the acts in the deck, from the top."""
    page.locator(".deck").locator("button, a").nth(place).click()


def test_every_screen_is_accessible_and_speaks_one_language(
    page: Page, live: Live, language: str, look: Look
) -> None:
    liu = app.volunteer(live.fieldwork.office, live.url)
    number = app.recheck(liu, harvest.answers(2))
    enter(page, liu, language, look)
    visits(page, liu, look)
    asks(page, liu, look)
    half_way(page, liu, look)
    confirms(page, number, look)
    for screen in ("queue", "more", "shift"):
        app.go(page, screen)
        page.locator(".deck").wait_for()
        look(screen)
    page.reload()
    page.locator("#pin").fill("0000")
    press(page)
    expect(page.locator(".problems")).to_be_visible()
    look("a wrong PIN")
    page.locator("summary").click()
    look("what is lost with the PIN")


def enter(page: Page, liu: Volunteer, language: str, look: Look) -> None:
    page.goto(f"{liu.url}/volunteer/")
    page.locator(".deck a").wait_for()
    if language == "en":
        page.get_by_role("button", name="English").click()
        page.get_by_role("button", name="Large text").click()
        expect(page.locator("html.elder")).to_have_count(1)
    look("before the login")
    press(page)
    page.locator("[name=name]").fill(liu.name)
    page.locator("[name=password]").fill(app.PASSWORD)
    page.locator("form.form button").click()
    page.locator("#pin").fill("1")
    press(page)
    expect(page.locator(".problems")).to_be_visible()
    look("a PIN that is too short")
    page.locator("#pin").fill(app.PIN)
    press(page)
    page.locator(".doorway").first.wait_for(timeout=app.PATIENCE)
    look("the list")


def visits(page: Page, liu: Volunteer, look: Look) -> None:
    app.go(page, f"door/{liu.units[1]}")
    page.locator(".facts").wait_for()
    look("an address")
    press(page, 1)
    page.locator(".answers-list").first.wait_for()
    look("what came of it")
    page.locator(".answer").nth(2).click()
    page.locator("#return").wait_for()
    look("when to come back")
    press(page)
    page.locator(".given").wait_for()
    look("recorded")
    app.go(page, f"door/{liu.units[1]}")
    page.locator(".tried").wait_for()
    look("an address that was visited")


def asks(page: Page, liu: Volunteer, look: Look) -> None:
    app.go(page, f"door/{liu.units[0]}/select")
    page.locator(".deck button").nth(1).wait_for()
    look("households")
    press(page, 1)
    page.locator(".numbers").wait_for()
    look("how many households")
    page.locator(".numbers button").nth(1).click()
    page.locator(".whom").wait_for()
    look("who answers")
    press(page)
    page.locator(".lead").wait_for()
    look("the consent")
    press(page)
    page.locator("#answers").wait_for()
    press(page)
    expect(page.locator(".problems")).to_be_visible()
    look("an answer that is missing")
    pages = 0
    while page.locator("#answers").count():
        pages += 1
        if pages == 4:
            page.locator(".pencil summary").first.click()
        if pages in {4, 5, 10, 14}:
            look(f"page {pages}")
        if pages == 13:
            page.locator(".small-acts button").click()
            look("giving the phone away")
            press(page)
            page.locator("#answers").wait_for()
            look("a page answered in private")
        _answer(page)
    look("the end")
    press(page)
    page.wait_for_url("**/done?private")
    page.locator(".deck").wait_for()
    look("sealed")


def half_way(page: Page, liu: Volunteer, look: Look) -> None:
    """The household answers on the web during an interview at its door."""
    unit = liu.units[2]
    app.go(page, f"door/{unit}/select")
    press(page)  # one household; this person is here; they agree
    page.locator(".whom").wait_for()
    press(page)
    page.locator(".lead").wait_for()
    press(page)
    page.locator("#answers").wait_for()
    app.answer_on_the_web(liu, unit)
    app.go(page, "")
    page.locator(".partner").wait_for()
    press(page)
    said = re.compile("这户已经答过|answered meanwhile")
    expect(page.locator(f".doorway[href='#/door/{unit}']")).to_have_text(said)
    page.wait_for_timeout(200)  # the list is drawn for the last time
    app.go(page, f"door/{unit}")
    page.locator(".note").wait_for()
    look("an interview whose household has answered")
    press(page, 1)
    page.wait_for_url("**/discard")
    page.locator(".quiet").wait_for()
    look("throwing it away")
    app.go(page, "")
    page.locator(".partner").wait_for()
    look("the list with such an interview")


def confirms(page: Page, number: int, look: Look) -> None:
    app.go(page, f"recheck/{number}")
    page.locator(".deck").wait_for()
    look("a re-check")
    press(page, 1)
    page.locator(".deck button").nth(1).wait_for()
    look("nobody to speak with")
    app.go(page, f"recheck/{number}/ask")
    page.locator("#answers").wait_for()
    press(page)
    expect(page.locator(".problems")).to_be_visible()
    look("a claim that is missing")
    pages = 0
    while page.locator("#answers").count():
        pages += 1
        if pages in {2, 3}:
            look(f"page {pages} of a re-check")
        _answer(page)
    look("the end of a re-check")
    press(page)
    page.locator(".note").wait_for()
    look("a re-check that is done")


def _answer(page: Page) -> None:
    shown = page.locator("#answers").element_handle()
    for question in page.locator("#answers fieldset").all():
        question.locator(".choice label").first.click()
    press(page)
    page.wait_for_function("form => !form.isConnected", arg=shown)
