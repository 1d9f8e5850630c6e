"""Chromium for the browser tests: phones and desks that report every complaint they hear.

A page fails its test when the console shows an error (a breach of the security policy is one),
when a script throws, or when anything but this machine is asked for anything.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request

AXE = Path(__file__).parents[1] / "browser" / "axe" / "axe.min.js"
USUAL_NAMES = ("chromium", "chromium-browser", "google-chrome")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 800}}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def chromium() -> str:
    """The distribution's Chromium; ``MINYI_TEST_CHROMIUM`` names another."""
    named = os.environ.get("MINYI_TEST_CHROMIUM")
    for found in map(shutil.which, [named] if named else USUAL_NAMES):
        if found:
            return found
    raise RuntimeError("The browser tests need Chromium. Install it: apt-get install chromium")


def launch(playwright: Playwright) -> Browser:
    """One Chromium process, to be shared by many contexts."""
    return playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)


@contextmanager
def watched_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page in a fresh context; on leaving, everything it complained of fails the test."""
    context = browser.new_context(locale="zh-CN", **options)
    try:
        with _watched(context):
            yield context.new_page()
    finally:
        context.close()


@contextmanager
def watched_page_without_cookies(
    playwright: Playwright, profile: Path, **options: Any
) -> Iterator[Page]:
    """A page of a Chromium whose owner has blocked all cookies in its settings."""
    preferences = profile / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    blocked = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    preferences.write_text(json.dumps(blocked))
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium(), args=ARGUMENTS, locale="zh-CN", **options
    )
    try:
        with _watched(context):
            yield context.new_page()
    finally:
        context.close()


def violations(browser: Browser, page: Page) -> list[str]:
    """What axe-core finds wrong with a page, one line per element; nothing is the aim.

    axe runs on a copy: the page's present document is served again at its own address, in a
    context with scripts allowed and no security policy, so that pages shown without JavaScript and
    answers to a POST are checked as they stand.
    """
    page.wait_for_load_state()  # a link may just have been followed
    address, document = page.url, page.content()
    context = browser.new_context(
        viewport=page.viewport_size, storage_state=page.context.storage_state()
    )
    try:
        copy = context.new_page()
        copy.route(
            lambda url: url == address,
            lambda route: route.fulfill(body=document, content_type="text/html; charset=utf-8"),
        )
        copy.goto(address)
        copy.evaluate(_axe_source())
        found = copy.evaluate("async () => (await axe.run()).violations")
    finally:
        context.close()
    return [
        f"{rule['id']} ({rule['help']}): {node['html']}" for rule in found for node in rule["nodes"]
    ]


@cache
def _axe_source() -> str:
    return AXE.read_text(encoding="utf-8")


@contextmanager
def _watched(context: BrowserContext) -> Iterator[None]:
    complaints: list[str] = []
    visited: set[str] = set()

    def note_console(message: ConsoleMessage) -> None:
        # Chromium logs a refused page itself as an error; tests read its status, this is no fault.
        refused_page = message.location["url"] in visited and "status of 4" in message.text
        if message.type == "error" and not refused_page:
            complaints.append(f"console: {message.text} ({message.location['url']})")

    def note_request(request: Request) -> None:
        if request.is_navigation_request():
            visited.add(request.url)
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob", "about"} and address.hostname not in LOOPBACK:
            complaints.append(f"request to another host: {request.url}")

    context.on("console", note_console)
    context.on("weberror", lambda error: complaints.append(f"script: {error.error}"))
    context.on("request", note_request)
    yield
    assert not complaints, "\n".join(complaints)
