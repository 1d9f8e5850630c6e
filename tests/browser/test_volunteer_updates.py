"""A new version comes only when it is whole, and never in the middle of an interview."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from surveys.office import Office
from tests.browser import volunteer as app
from tests.support.browser import PHONE
from tests.support.fieldwork import begin
from webapp import create_app
from webapp.config import Settings
from webapp.volunteer import shell

UPDATE = "async () => { await (await navigator.serviceWorker.ready).update().catch(() => 0); }"


@dataclass
class Deployment:
    """A server in this process, whose version a test changes."""

    office: Office
    url: str
    addition: bytes = b""
    is_broken: bool = False


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    office = Office.open(tmp_path)
    office.migrate()
    begin(office)
    flask = create_app(Settings(data=tmp_path), office)
    listening = make_server("127.0.0.1", 0, flask, threaded=True)
    deployment = Deployment(office, f"http://127.0.0.1:{listening.port}")
    files = shell._files

    def deployed() -> dict[str, bytes]:
        found = dict(files())
        found["marks.js"] += deployment.addition
        return found

    monkeypatch.setattr(shell, "_files", deployed)

    @flask.before_request
    def fail() -> tuple[str, int] | None:
        from flask import request

        return ("gone", 500) if deployment.is_broken and "door.js" in request.path else None

    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield deployment
    listening.shutdown()
    thread.join()
    listening.server_close()
    office.database.engine.dispose()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN", **PHONE)
    yield context.new_page()
    context.close()


def version(page: Page) -> str | None:
    return page.locator("meta[name=minyi-version]").get_attribute("content")


def waits(page: Page) -> bool:
    """Whether a newer version lies ready."""
    ready: bool = page.evaluate(
        "async () => Boolean((await navigator.serviceWorker.getRegistration()).waiting)"
    )
    return ready


def test_a_new_version_waits_until_it_is_whole_and_the_interview_is_over(
    server: Deployment, page: Page
) -> None:
    liu = app.volunteer(server.office, server.url)
    liu.log_in(page)
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.reload()
    app.unlock(page)
    old = version(page)
    app.begin(page, liu.units[0])
    app.interview(page, pages=3)

    server.addition, server.is_broken = b"// newer\n", True
    page.evaluate(UPDATE)
    page.wait_for_timeout(500)
    assert not waits(page)  # one of its files is missing
    page.context.set_offline(True)
    page.reload()
    app.unlock(page)
    assert version(page) == old
    expect(page.locator(".progress")).to_have_text("第4页")
    page.context.set_offline(False)

    server.is_broken = False
    page.evaluate(UPDATE)
    for _ in range(60):
        if waits(page):
            break
        page.wait_for_timeout(100)
    assert waits(page)
    app.interview(page, pages=2)
    assert version(page) == old  # nobody is interrupted

    app.go(page, "")
    page.get_by_role("button", name="现在换用").click()
    app.unlock(page)
    assert version(page) != old
    expect(page.get_by_text("正在本机上进行")).to_be_visible()
    app.go(page, f"door/{liu.units[0]}/ask")
    app.interview(page)
    app.seal(page)
    app.send(page)
    assert len(liu.responses()) == 1


def test_the_worker_answers_for_the_app_alone(server: Deployment, page: Page) -> None:
    """Other doors are never kept: without signal they are not there."""
    liu = app.volunteer(server.office, server.url)
    liu.log_in(page)
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.reload()
    app.unlock(page)
    kept = page.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys()) {
            for (const request of await (await caches.open(name)).keys()) {
              found.push(new URL(request.url).pathname);
            }
          }
          return found;
        }"""
    )
    assert "/volunteer/" in kept
    assert all(path.startswith("/volunteer/") or path == "/static/minyi.css" for path in kept)
