"""Opening an assigned address without signal, on a processor slowed to a quarter.

From the tap in a list of 60 addresses to the drawn screen, in Chromium with the network cut; and
the way from the first request for the page to the lock screen, which comes out of the phone alone.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from surveys.office import Office
from tests.browser import volunteer as app
from tests.support.browser import PHONE, launch
from tests.support.fieldwork import begin
from tests.support.server import Server

ADDRESSES = 60
ROUNDS = 15
SLOWER = 4
OPEN = """async (unit) => {
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const begun = performance.now();
  document.querySelector(`a[href="#/door/${unit}"]`).click();
  while (!document.querySelector(".facts")) await drawn();
  await drawn();
  return performance.now() - begun;
}"""


def measure() -> str:
    """Measure; the table as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        office = Office.open(Path(folder))
        office.migrate()
        begin(office)
        with Server(office.data) as server, sync_playwright() as playwright:
            browser = launch(playwright)
            try:
                context = browser.new_context(locale="zh-CN", **PHONE)
                opened, started = _measured(context.new_page(), office, server.url)
            finally:
                browser.close()
        office.database.engine.dispose()
    return "\n".join(
        [
            f"| without signal, {SLOWER} × slowed, {ADDRESSES} addresses | median | slowest |",
            "|---|--:|--:|",
            f"| tap to address, {ROUNDS} times | {_said(opened)} |",
            f"| page to lock screen, {len(started)} times | {_said(started)} |",
        ]
    )


def _measured(page: Page, office: Office, url: str) -> tuple[list[float], list[float]]:
    volunteer = app.volunteer(office, url, ADDRESSES)
    volunteer.log_in(page)
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.context.set_offline(True)
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    started = []
    for _ in range(5):
        page.reload(wait_until="commit")
        page.locator("#pin").wait_for()
        started.append(page.evaluate("performance.now()"))
    app.unlock(page)
    opened = []
    for unit in volunteer.units[:ROUNDS]:
        page.locator(".doorway").first.wait_for()
        opened.append(page.evaluate(OPEN, unit))
        app.go(page, "")
    return opened, started


def _said(milliseconds: list[float]) -> str:
    return f"{statistics.median(milliseconds):.0f} ms | {max(milliseconds):.0f} ms"
