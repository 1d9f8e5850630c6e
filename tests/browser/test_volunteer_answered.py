"""A household answers on the web while a volunteer asks at its door: nothing recorded is lost."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from surveys.fieldwork.uploads import Upload
from tests.browser import volunteer as app
from tests.browser.conftest import Live
from tests.browser.volunteer import Volunteer

MEANWHILE = "这户已经答过"


@pytest.fixture
def page(app_phone: Page) -> Page:
    return app_phone


@pytest.fixture
def liu(live: Live, page: Page) -> Volunteer:
    """Half-way through an interview when the household answers, which the phone then hears."""
    liu = app.volunteer(live.fieldwork.office, live.url)
    liu.log_in(page)
    app.begin(page, liu.units[0])
    app.interview(page, pages=5)
    app.answer_on_the_web(liu, liu.units[0])
    hear(page)
    return liu


def hear(page: Page) -> None:
    """Have the app ask the server what is new."""
    app.go(page, "")
    with page.expect_response("**/api/v1/bundle"):
        page.get_by_role("button", name="更新").click()


def uploads(liu: Volunteer) -> list[tuple[str, str | None]]:
    query = sa.select(Upload.status, Upload.reason).where(Upload.unit_id.in_(liu.units))
    with liu.office.database.read() as session:
        return [(status, reason) for status, reason in session.execute(query)]


def test_it_is_said_and_what_was_begun_is_finished_and_held(page: Page, liu: Volunteer) -> None:
    row = page.locator(f".doorway[href='#/door/{liu.units[0]}']")
    expect(row).to_contain_text(MEANWHILE)
    hear(page)  # again and again, it stays
    expect(row).to_be_visible()
    row.click()
    expect(page.locator(".note")).to_contain_text(MEANWHILE)
    page.get_by_role("link", name="继续访问").click()
    expect(page.locator(".progress")).to_have_text("第6页")
    app.interview(page)
    app.seal(page)
    app.send(page)
    expect(page.get_by_text("其中1份先由办公室核对")).to_be_visible()
    assert uploads(liu) == [("held", "second")]
    assert [response.mode for response in liu.responses()] == ["web"]
    app.go(page, "")
    expect(page.locator("summary")).to_have_text("已有结果：1")


def test_it_is_thrown_away_by_its_volunteers_own_two_taps(page: Page, liu: Volunteer) -> None:
    app.go(page, f"door/{liu.units[0]}")
    page.get_by_role("link", name="删掉这份访问").click()
    page.get_by_role("link", name="保留").click()
    page.get_by_role("link", name="删掉这份访问").click()
    page.get_by_role("button", name="删除答案").click()
    expect(page.locator("summary")).to_have_text("已有结果：1")
    app.go(page, f"door/{liu.units[0]}")
    expect(page.get_by_text("已完成访问")).to_be_visible()
    expect(page.get_by_role("link", name="继续访问")).to_have_count(0)
    assert uploads(liu) == []


def test_a_count_without_an_interview_leaves_no_trace(page: Page, liu: Volunteer) -> None:
    app.go(page, f"door/{liu.units[1]}/select")
    page.get_by_role("button", name="一户", exact=True).click()
    page.get_by_role("button", name="这位在家").wait_for()
    app.answer_on_the_web(liu, liu.units[1])
    hear(page)
    row = page.locator(f".doorway[href='#/door/{liu.units[1]}']")
    expect(row).to_contain_text("已完成访问")
    expect(row).not_to_contain_text("正在本机上进行")
