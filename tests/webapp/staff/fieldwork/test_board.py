"""The fieldwork board, and reserves released from it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from surveys import waves
from surveys.areas import Area
from surveys.office import Office
from surveys.questionnaires.published import PublishedQuestionnaire
from surveys.sampling import draws
from surveys.sampling.draws import Plan
from surveys.sampling.units import SampledUnit
from tests.support import harvest, record
from tests.support.fieldwork import Fieldwork
from tests.support.markup import text_of
from tests.support.pages import heading, page_of, words

BOARD = "/staff/waves/2026-11/board"
LATER = "/staff/waves/2027-02"


@pytest.fixture
def reserves(fieldwork: Fieldwork, office: Office) -> None:
    """A later wave, a draft, with two reserve batches of ten in each community."""
    with office.database.write() as session:
        first = waves.get(session, fieldwork.wave)
        wave = waves.create(
            session,
            code="2027-02",
            title_zh="二〇二七年第一季度民意调查",
            month="2027-02",
            area=session.get_one(Area, first.area_id),
            questionnaire=session.get_one(PublishedQuestionnaire, first.questionnaire_id),
            actor="test",
        )
        draws.draw(session, office.keys, wave, Plan(40, batches=2), "test")


def released(office: Office) -> int:
    with office.database.read() as session:
        wave = waves.get(session, "2027-02")
        out = sa.select(sa.func.count()).where(SampledUnit.released_at.is_not(None))
        return session.scalar(out.where(SampledUnit.wave_id == wave.id)) or 0


def test_the_board_counts_by_community_and_in_all(desk: FlaskClient) -> None:
    page = desk.get(BOARD)
    head, body = (next(page_of(page).elements(tag)) for tag in ("thead", "tbody"))
    titles = [text_of(cell) for cell in head[0]]
    assert titles[1:9] == ["应访户", "已发", "完成", "拒访", "无人", "不合格", "应答率", "缺口"]
    whole, *rows = [[text_of(cell) for cell in row] for row in body]
    assert [row[0] for row in rows] == ["东村社区", "西村社区"]
    for place in range(1, 7):
        assert int(whole[place]) == sum(int(row[place]) for row in rows)
    due, complete = int(whole[1]), int(whole[3])
    assert whole[7] == f"{complete / due:.1%}"
    assert whole[8] == "–"  # no floor was set
    assert "RR3" in words(page)
    assert "Refused" in words(desk.get(f"{BOARD}?lang=en"))


def test_a_floor_of_the_response_rate_makes_a_gap(desk: FlaskClient, office: Office) -> None:
    with office.database.write() as session:
        record.settle(session, waves.get(session, "2026-11"), response_floor=0.9)
    whole = [text_of(cell) for cell in next(page_of(desk.get(BOARD)).elements("tbody"))[0]]
    assert int(whole[8]) > 0


def test_the_board_is_a_table_to_take_away(desk: FlaskClient) -> None:
    answer = desk.get(f"{BOARD}.csv")
    table = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(table) == 3
    assert {"应访户", "RR1", "RR6", "1.1 完整访问"} <= set(table[0])


@pytest.mark.usefixtures("reserves")
def test_a_reserve_is_released_whole_after_a_page_that_says_so(
    desk: FlaskClient, office: Office
) -> None:
    before = released(office)
    assert "启用" in words(desk.get(f"{LATER}/board"))
    asked = desk.get(f"{LATER}/release/2/east")
    assert heading(asked) == "启用第2批样本"
    assert released(office) == before  # to look changes nothing
    assert desk.submit(asked, form=1).location == f"{LATER}/board"
    one = released(office) - before
    assert one > 0
    refused = desk.submit(asked, form=1)
    assert refused.status_code == 422
    assert released(office) - before == one


@pytest.mark.usefixtures("reserves")
def test_a_reserve_is_released_everywhere_at_once(desk: FlaskClient, office: Office) -> None:
    before = released(office)
    assert "在各社区启用第2批" in words(desk.get(f"{LATER}/board"))
    desk.submit(desk.get(f"{LATER}/release/2"), form=1)
    assert released(office) > before


def told(client: FlaskClient) -> dict[str, str]:
    answer = client.get(f"{BOARD}.csv")
    table = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    return {row["地区代码"]: row["I1“有”占比"] for row in table}


def test_an_open_wave_says_nothing_of_the_telling_from_a_handful(
    desk: FlaskClient, fieldwork: Fieldwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.staff.fieldwork.board.ENOUGH_TOLD", 1000)
    assert set(told(desk).values()) == {""}
    monkeypatch.setattr("webapp.staff.fieldwork.board.ENOUGH_TOLD", 1)
    assert "" not in told(desk).values()
    monkeypatch.setattr("webapp.staff.fieldwork.board.ENOUGH_TOLD", 1000)
    harvest.close(fieldwork)
    assert "" not in told(desk).values()


def test_staff_of_a_community_get_no_row_of_all(desk_of: Callable[..., FlaskClient]) -> None:
    villager = desk_of("staff", "east")
    rows = list(next(page_of(villager.get(BOARD)).elements("tbody")))
    assert [text_of(row[0]) for row in rows] == ["东村社区"]
    assert list(told(villager)) == ["east"]


@pytest.mark.usefixtures("reserves")
def test_staff_of_a_community_see_their_row_and_release_nothing(
    desk_of: Callable[..., FlaskClient],
) -> None:
    villager = desk_of("staff", "east")
    page = villager.get(f"{LATER}/board")
    assert "西村社区" not in page.text
    assert "/release/" not in page.text
    assert villager.get(f"{LATER}/release/2/east").status_code == 403
