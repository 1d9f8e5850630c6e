"""The way to a sample in a real browser, without scripts: send a list, look, take it over, draw."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from surveys.office import Office
from tests.support.browser import DESK, PHONE, violations, watched_page
from tests.support.fieldwork import begin
from tests.support.server import Server

ADDRESSES = "社区编码,网格,住房类型,楼栋,单元,门牌\neast,01,有物业小区,{building},1,501\n"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Any]:
    """A running server, and the password of its administrator."""
    data = tmp_path_factory.mktemp("sampling")
    shutil.copy(sqlite_template, data / "minyi.sqlite")
    fieldwork = begin(Office.open(data))
    fieldwork.office.database.engine.dispose()
    with Server(data) as server:
        yield server.url, fieldwork.password


def log_in(page: Page, url: str, password: str) -> None:
    page.goto(f"{url}/login")
    page.get_by_label("用户名").fill("admin")
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def is_sound(browser: Browser, page: Page) -> None:
    assert violations(browser, page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_list_is_sent_looked_at_and_taken_over_and_a_sample_drawn(
    browser: Browser, office: tuple[str, str], size: dict[str, Any]
) -> None:
    url, password = office
    month = "2027-02" if size is PHONE else "2027-03"
    with watched_page(browser, java_script_enabled=True, **size) as page:
        log_in(page, url, password)
        page.goto(f"{url}/staff/frame/")
        is_sound(browser, page)
        page.get_by_role("link", name="地址", exact=True).click()
        is_sound(browser, page)
        text = ADDRESSES.format(building=7 if size is PHONE else 8)
        file = {"name": "名单.csv", "mimeType": "text/csv", "buffer": text.encode("gb18030")}
        page.get_by_label("名单文件").set_input_files(file)  # type: ignore[arg-type]
        page.get_by_role("button", name="先检查").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("名单可以导入")
        is_sound(browser, page)
        page.get_by_role("button", name="导入名单").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("名单已导入")
        for path in ("places", "population", "plan", "communities/east", "places/import"):
            page.goto(f"{url}/staff/frame/{path}")
            is_sound(browser, page)
        page.goto(f"{url}/staff/waves/new")
        page.get_by_label("中文标题").fill("新一期")
        page.get_by_label("月份").fill(month)
        page.get_by_role("button", name="新建").click()
        page.get_by_role("link", name="修改规则").click()
        is_sound(browser, page)
        page.goto(f"{url}/staff/waves/{month}/draw")
        is_sound(browser, page)
        page.get_by_label("每个社区抽取的地址数").fill("20")
        page.get_by_role("button", name="先看看将抽哪些").click()
        expect(page.get_by_role("heading", name="将这样抽取")).to_be_visible()
        is_sound(browser, page)
        page.get_by_role("button", name="确认抽取").click()
        page.get_by_role("link", name="抽样记录").click()
        is_sound(browser, page)
        page.get_by_role("button", name="重新抽取并核对").click()
        expect(page.get_by_role("status")).to_contain_text("完全相同")
