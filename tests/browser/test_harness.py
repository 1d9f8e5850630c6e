"""The harness itself: what it must catch is caught."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.browser.conftest import SHOTS
from tests.support.browser import PHONE, watched_page, watched_page_without_cookies

GOOD = """<!doctype html><html lang=en><title>x</title><link rel=icon href="data:,">
<meta name=viewport content="width=device-width"><main><h1>x</h1></main></html>"""
PAGES = {
    "/good": GOOD,
    "/unlabelled": GOOD.replace("</main>", "<form><input name=a></form></main>"),
    "/throwing": GOOD + "<script>nothing()</script>",
    "/inline": GOOD + "<script>1</script>",
    "/foreign": GOOD + '<img alt="" src="http://example.org/pixel.png">',
}


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = PAGES.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Set-Cookie", "seen=1")
        if self.path == "/inline":
            self.send_header("Content-Security-Policy", "default-src 'self'")
        self.end_headers()
        self.wfile.write((body or GOOD).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("/throwing", "nothing is not defined"),
        ("/inline", "Content Security Policy"),
        ("/foreign", "request to another host"),
    ],
)
def test_a_page_that_complains_fails_its_test(
    browser: Browser, site: str, address: str, complaint: str
) -> None:
    def visit() -> None:
        with watched_page(browser, **PHONE) as page:
            page.goto(site + address, wait_until="networkidle")

    with pytest.raises(AssertionError, match=complaint):
        visit()


def test_a_refused_page_is_no_complaint(phone: Page, site: str) -> None:
    answer = phone.goto(site + "/nowhere")
    assert answer is not None
    assert answer.status == 404


def test_the_phone_is_small_and_has_a_finger(phone: Page, site: str) -> None:
    phone.goto(site + "/good")
    assert phone.evaluate("[innerWidth, navigator.maxTouchPoints > 0]") == [360, True]


def test_a_phone_without_javascript_runs_no_script(
    phone_without_javascript: Page, site: str
) -> None:
    phone_without_javascript.goto(site + "/throwing")


def test_a_phone_without_cookies_keeps_none(
    browser: Browser, playwright: Playwright, site: str, tmp_path: Path
) -> None:
    with watched_page(browser, **PHONE) as usual:
        usual.goto(site + "/good")
        assert usual.context.cookies()
    with watched_page_without_cookies(playwright, tmp_path / "p", **PHONE) as careful:
        careful.goto(site + "/good")
        careful.goto(site + "/good")
        assert not careful.context.cookies()


def test_axe_names_the_element_it_objects_to(
    axe: Callable[[Page], None], phone_without_javascript: Page, site: str
) -> None:
    phone_without_javascript.goto(site + "/good")
    axe(phone_without_javascript)
    kept = SHOTS / "test_axe_names_the_element_it_objects_to-01.png"
    assert kept.read_bytes().startswith(b"\x89PNG")
    phone_without_javascript.goto(site + "/unlabelled")
    with pytest.raises(AssertionError, match='<input name="a">'):
        axe(phone_without_javascript)
