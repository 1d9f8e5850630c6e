"""Lists on their way into the record: looked at first, then taken over, whole or not at all."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import openpyxl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveys import areas, importing, imports
from surveys.areas import Area
from surveys.audit import AuditEntry
from surveys.imports import Import
from surveys.office import Office
from surveys.sampling.frames import Address
from surveys.weighting.margins import Margin
from tests.support.pages import heading, page_of, words

HEAD = "社区编码,网格,住房类型,楼栋,单元,门牌\n"
GOOD = HEAD + "east,01,有物业小区,3,1,501\neast,01,有物业小区,3,1,502\nwest,02,农村住宅,,,15\n"
PLACES = "编码,上级,级别,名称\nnorth,township,村,北村\n"
PEOPLE = "社区编码,性别,年龄段,人数\neast,男,18-24,30\neast,女,18-24,40\n"


def send(
    desk: FlaskClient, what: str, text: str | bytes, filename: str = "list.csv", **typed: str
) -> TestResponse:
    data = text if isinstance(text, bytes) else text.encode()
    answer = desk.submit(
        desk.get(f"/staff/frame/{what}/import"),
        form=1,
        file=(io.BytesIO(data), filename),
        **typed,
    )
    answer.request.environ["wsgi.input"].close()  # what is large lies in a file of its own
    return desk.get(answer.location) if answer.status_code == 302 else answer


def take(desk: FlaskClient, page: TestResponse) -> TestResponse:
    return desk.get(desk.submit(page, form=1).location)


def number(office: Office, what: type) -> int:
    with office.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(what)) or 0


def test_addresses_are_counted_first_and_taken_over_when_someone_says_so(
    desk: FlaskClient, office: Office
) -> None:
    before = number(office, Address)
    page = send(desk, "addresses", GOOD)
    assert heading(page) == "名单可以导入"
    assert "新增3" in words(page)
    assert number(office, Address) == before
    done = take(desk, page)
    assert heading(done) == "名单已导入"
    assert number(office, Address) == before + 3
    with office.database.read() as session:
        entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.actor, entry.action, entry.detail["added"]) == (
        "staff.township",
        "addresses.import",
        3,
    )


def test_a_list_that_is_sent_again_updates_and_never_doubles(
    desk: FlaskClient, office: Office
) -> None:
    take(desk, send(desk, "addresses", GOOD))
    before = number(office, Address)
    page = send(
        desk, "addresses", GOOD.replace("3,1,502", "３幢,一单元,502室").replace(",02,", ",03,")
    )
    assert "新增0 更新1 不变2" in words(page)
    take(desk, page)
    assert number(office, Address) == before


def test_the_faults_of_a_list_are_named_by_row_and_nothing_is_imported(
    desk: FlaskClient, office: Office
) -> None:
    before = number(office, Address)
    page = send(desk, "addresses", GOOD + "nowhere,,别墅,1,1,101\neast,,农村住宅,,,\n")
    assert heading(page) == "名单还不能导入"
    said = words(page)
    assert "有3处问题" in said
    assert "5没有编码为“nowhere”的" in said
    assert "5没有“别墅”这种住房类型" in said
    assert "6缺少地址" in said
    table = desk.get(f"{page.request.path}/faults.csv").text
    assert table.count("\n") == 4
    assert number(office, Address) == before
    assert "重新上传" in said


def test_a_door_that_stands_twice_is_remarked_on(desk: FlaskClient, office: Office) -> None:
    page = send(desk, "addresses", GOOD + "east,01,有物业小区,３号楼,1,501室\n")
    assert heading(page) == "名单可以导入"
    assert "请留意" in words(page)
    assert "5" in words(page)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_spreadsheets_of_every_encoding_are_read(
    desk: FlaskClient, office: Office, encoding: str
) -> None:
    assert "新增3" in words(send(desk, "addresses", GOOD.encode(encoding)))


def workbook(rows: list[list[str]], merge: str = "") -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_workbooks_are_read_and_merged_cells_are_named(desk: FlaskClient, office: Office) -> None:
    rows = [line.split(",") for line in GOOD.splitlines()]
    assert "新增3" in words(send(desk, "addresses", workbook(rows), "名单.xlsx"))
    page = send(desk, "addresses", workbook(rows, "A2:A3"), "名单.xlsx")
    assert heading(page) == "名单还不能导入"
    assert "A2:A3" in words(page)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x00\x01\x02" * 100, "list.csv"),
        ("社区编码,楼栋\neast,3\n".encode(), "housing"),
        (b"", "list.csv"),
        (b"PK\x03\x04broken", "list.csv"),
    ],
)
def test_what_is_no_such_list_is_refused_in_words(
    desk: FlaskClient, office: Office, data: bytes, said: str
) -> None:
    page = send(desk, "addresses", data)
    assert heading(page) == "名单还不能导入"
    assert said in words(page)


def test_no_file_is_asked_for_again(desk: FlaskClient) -> None:
    page = desk.submit(desk.get("/staff/frame/population/import"), form=1, source="普查")
    assert page.status_code == 422
    assert "请选择文件" in words(page)
    assert 'value="普查"' in page.text


def test_places_are_added_to_the_tree(desk: FlaskClient, office: Office) -> None:
    page = send(desk, "places", PLACES)
    assert "新增1" in words(page)
    take(desk, page)
    assert "北村" in words(desk.get("/staff/frame/places"))
    with office.database.read() as session:
        assert areas.get(session, "north").level == "community"


def test_population_figures_are_stored_and_what_does_not_fit_is_shown(
    desk: FlaskClient, office: Office
) -> None:
    page = send(desk, "population", PEOPLE, source="第七次人口普查", as_of="2020-11-01")
    assert "条数据2" in words(page)
    take(desk, page)
    said = words(desk.get("/staff/frame/population"))
    assert "第七次人口普查" in said
    assert "2020-11-01" in said
    assert "缺漏或矛盾" in said
    assert number(office, Margin) == 2


def test_a_margin_of_nobody_is_named_before_it_hurts(desk: FlaskClient, office: Office) -> None:
    take(desk, send(desk, "population", PEOPLE.replace(",30", ",0"), source="普查"))
    assert "无法加权" in words(desk.get("/staff/frame/population"))


def test_each_list_comes_with_one_to_fill_in_that_is_right(
    desk: FlaskClient, office: Office
) -> None:
    for what, source in (("places", {}), ("population", {"source": "普查"}), ("addresses", {})):
        empty = desk.get(f"/staff/frame/{what}/list.csv").data
        if what == "population":
            empty = empty.replace(b",\r\n", b",12\r\n")
        page = send(desk, what, empty, **source)
        assert heading(page) == "名单可以导入", what


def test_a_list_names_nothing_outside_the_branch_of_its_sender(
    desk_of: Callable[..., FlaskClient], office: Office
) -> None:
    villager = desk_of("staff", "east")
    assert "west" in words(send(villager, "addresses", GOOD))
    assert "north" in words(send(villager, "places", PLACES))
    page = send(villager, "population", PEOPLE.replace("east", "west"), source="普查")
    assert heading(page) == "名单还不能导入"


def test_an_import_is_its_senders_own(
    desk: FlaskClient, desk_of: Callable[..., FlaskClient]
) -> None:
    page = send(desk, "addresses", GOOD)
    other = desk_of("admin")
    assert other.get(page.request.path).status_code == 404
    assert other.get(f"{page.request.path}/faults.csv").status_code == 404
    assert desk.get("/staff/frame/imports/../../keys").status_code == 404


def test_what_is_thrown_away_is_gone(desk: FlaskClient, office: Office) -> None:
    page = send(desk, "addresses", GOOD)
    assert desk.submit(page, form=2).location == "/staff/frame/"
    assert desk.get(page.request.path).status_code == 404
    assert list((office.data / "imports").iterdir()) == []


def test_the_list_is_sealed_while_it_waits_and_gone_when_it_is_done(
    desk: FlaskClient, office: Office
) -> None:
    page = send(desk, "addresses", GOOD + "east,,别墅区名称,,,9\n")
    everything = b"".join(p.read_bytes() for p in office.data.rglob("imports/*/*"))
    assert "别墅区名称".encode() not in everything
    page = send(desk, "addresses", GOOD)
    kept = b"".join(p.read_bytes() for p in office.data.rglob("imports/*/list"))
    assert b"501" not in kept
    take(desk, page)
    assert not list(office.data.rglob("imports/*/list"))


def test_a_file_larger_than_other_pages_take_is_taken_here(
    desk: FlaskClient, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SMALL", 10**9)
    lines = "".join(f"east,01,农村住宅,,,{number},{'x' * 200}\n" for number in range(12_000))
    text = HEAD.strip() + ",备注\n" + lines
    assert len(text) > 2 * 1024 * 1024
    assert "新增12,000" in words(send(desk, "addresses", text))


def waiting(office: Office, text: str, state: str = "importing") -> Import:
    one = imports.keep(
        office,
        text.encode(),
        kind="addresses",
        filename="list.csv",
        actor="staff.township",
        area_id=None,
        state=state,
    )
    state_file = office.data / "imports" / one.token / "state.json"
    os.utime(state_file, (time.time() - 600, time.time() - 600))
    return one


def test_an_import_under_way_shows_how_far_it_is_and_looks_again_without_a_script(
    desk: FlaskClient, office: Office
) -> None:
    one = waiting(office, GOOD)
    imports.note(office, replace(one, done=30, total=60))
    page = desk.get(f"/staff/frame/imports/{one.token}")
    assert heading(page) == "正在导入名单"
    assert page.headers["Refresh"] == "3"
    bar = next(page_of(page).elements("progress"))
    assert (bar.get("value"), bar.get("max")) == ("50", "100")
    assert "Refresh" not in take(desk, send(desk, "addresses", GOOD)).headers


def test_an_import_whose_process_died_says_so_and_goes_on(
    desk: FlaskClient, office: Office
) -> None:
    before = number(office, Address)
    one = waiting(office, GOOD)
    page = desk.get(f"/staff/frame/imports/{one.token}")
    assert heading(page) == "已中断"
    done = take(desk, page)
    assert heading(done) == "名单已导入"
    assert number(office, Address) == before + 3


def test_a_process_killed_amid_an_import_leaves_nothing_half_imported(office: Office) -> None:
    before = number(office, Address)
    lines = "".join(f"east,01,农村住宅,,,{number}\n" for number in range(60_000))
    one = waiting(office, HEAD + lines)
    url = office.database.url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, "-m", "surveys.importing", str(office.data), one.token],
        env=os.environ | {"MINYI_DATABASE_URL": url},
    )
    deadline = time.monotonic() + 60
    while imports.get(office, one.token).done < 65_000 and time.monotonic() < deadline:
        time.sleep(0.02)  # until it writes
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert number(office, Address) == before
    importing.work(office, one.token)
    assert imports.get(office, one.token).state == "done"
    assert number(office, Address) == before + 60_000


def test_a_long_list_is_imported_by_a_process_of_its_own(
    desk: FlaskClient, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SMALL", 0)
    before = number(office, Area)
    page = send(desk, "places", PLACES)
    deadline = time.monotonic() + 60
    while "Refresh" in page.headers and time.monotonic() < deadline:
        time.sleep(0.1)
        page = desk.get(page.request.path)
    assert heading(page) == "名单可以导入"
    page = take(desk, page)
    while "Refresh" in page.headers and time.monotonic() < deadline:
        time.sleep(0.1)
        page = desk.get(page.request.path)
    assert heading(page) == "名单已导入"
    assert number(office, Area) == before + 1


def test_what_nobody_finished_is_thrown_away_after_a_day(office: Office) -> None:
    old, new = waiting(office, GOOD, "checked"), waiting(office, GOOD, "checked")
    folder = office.data / "imports" / old.token
    os.utime(folder, (time.time() - 90_000, time.time() - 90_000))
    waiting(office, GOOD)
    assert not folder.exists()
    assert (office.data / "imports" / new.token).exists()
