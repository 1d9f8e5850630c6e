"""The draw on screen: asked for, shown, confirmed, and drawn again to compare."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveys import areas, waves
from surveys.audit import AuditEntry
from surveys.office import Office
from surveys.questionnaires.published import PublishedQuestionnaire
from surveys.results import readings
from surveys.sampling import draws
from surveys.sampling.frames import Address
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from tests.support.markup import text_of
from tests.support.pages import heading, page_of, words

LATER = "/staff/waves/2027-02"


@pytest.fixture(autouse=True)
def later(office: Office) -> None:
    """A draft beside the wave of the fieldwork."""
    with office.database.write() as session:
        questionnaire = session.scalars(sa.select(PublishedQuestionnaire)).one()
        waves.create(
            session,
            code="2027-02",
            title_zh="二〇二七年第一季度民意调查",
            month="2027-02",
            area=areas.get(session, "township"),
            questionnaire=questionnaire,
            actor="test",
        )


def look(desk: FlaskClient, **typed: str) -> TestResponse:
    return desk.submit(desk.get(f"{LATER}/draw"), form=1, **typed)


def drawn(office: Office) -> dict[int, int]:
    with office.database.read() as session:
        return readings.drawn(session, waves.get(session, "2027-02"))


def sample(office: Office) -> list[SampledUnit]:
    with office.database.read() as session:
        unit = sa.select(SampledUnit).join(Wave).where(Wave.code == "2027-02")
        return list(session.scalars(unit.order_by(SampledUnit.id)))


def test_what_will_be_drawn_is_shown_before_it_is(desk: FlaskClient, office: Office) -> None:
    shown = look(desk, per_community="40", batches="2", reserve="25")
    assert "首批80个地址" in words(shown)
    assert "备用：20 + 20个" in words(shown)
    assert drawn(office) == {}
    answer = desk.submit(shown, form=1)
    assert answer.location == LATER
    assert sum(drawn(office).values()) == 80
    assert len(sample(office)) == 120


def test_a_wave_that_was_drawn_shows_its_record_and_is_not_drawn_again(
    desk: FlaskClient, office: Office
) -> None:
    shown = look(desk, per_community="40")
    desk.submit(shown, form=1)
    assert desk.submit(shown, form=1).status_code == 422
    assert desk.get(f"{LATER}/draw").location == f"{LATER}/sample"
    assert sum(drawn(office).values()) == 80


def test_a_list_that_changed_in_between_is_shown_anew(desk: FlaskClient, office: Office) -> None:
    shown = look(desk, per_community="40")
    with office.database.write() as session:
        session.delete(session.scalars(sa.select(Address).order_by(Address.id.desc())).first())
    again = desk.submit(shown, form=1)
    assert drawn(office) == {}
    assert "将这样抽取" in words(again)


def test_interviews_are_shared_out_by_a_rule(desk: FlaskClient, office: Office) -> None:
    shown = look(desk, amount="total", interviews="60", rule="equal", per_community="")
    desk.submit(shown, form=1)
    counts = drawn(office)
    assert len(set(counts.values())) == 1
    assert sum(counts.values()) > 60  # not everybody answers


def test_a_share_of_an_earlier_sample_stays(desk: FlaskClient, office: Office) -> None:
    shown = look(desk, per_community="60", previous="2026-11", keep="50", batches="0")
    desk.submit(shown, form=1)
    with office.database.read() as session:
        first = sa.select(SampledUnit.address_id).join(Wave).where(Wave.code == "2026-11")
        before = set(session.scalars(first))
        record = draws.made(session, waves.get(session, "2027-02"))
    assert record is not None
    assert record.settings["plan"]["previous"] == "2026-11"
    kept = sum(unit.address_id in before for unit in sample(office))
    assert 0.4 * len(before) < kept < 0.6 * len(before) + 10
    assert "保留该期样本的50%" in words(desk.get(f"{LATER}/sample"))


def test_grids_that_are_too_few_are_named(desk: FlaskClient, office: Office) -> None:
    answer = look(desk, per_community="40", method="two_stage")
    assert answer.status_code == 422
    assert 'value="40"' in answer.text
    assert drawn(office) == {}


def test_two_stages_draw_from_grids(desk: FlaskClient, office: Office) -> None:
    with office.database.write() as session:
        for address in session.scalars(sa.select(Address)):
            address.grid = f"G{address.position % 12:02}"
    shown = look(desk, per_community="54", method="two_stage", grids="9", batches="1")
    assert "G" in words(shown)
    desk.submit(shown, form=1)
    by_place: dict[int, set[str]] = {}
    for unit in sample(office):
        by_place.setdefault(unit.community_id, set()).add(unit.grid)
    assert [len(grids) for grids in by_place.values()] == [9, 9]
    page = words(desk.get(f"{LATER}/sample"))
    assert "先抽网格" in page


@pytest.mark.parametrize(
    "typed",
    [
        {"per_community": ""},
        {"per_community": "0"},
        {"per_community": "many"},
        {"amount": "total", "interviews": ""},
        {"per_community": "40", "batches": "10"},
        {"per_community": "40", "reserve": "0"},
        {"per_community": "40", "method": "two_stage", "grids": "3"},
        {"per_community": "40", "previous": "2026-11", "keep": ""},
    ],
)
def test_a_faulty_plan_draws_nothing(
    desk: FlaskClient, office: Office, typed: dict[str, str]
) -> None:
    answer = look(desk, **typed)
    assert answer.status_code == 422
    assert drawn(office) == {}


def test_the_record_says_how_and_the_draw_is_made_again_from_it(
    desk: FlaskClient, office: Office
) -> None:
    desk.submit(look(desk, per_community="40", batches="1"), form=1)
    page = desk.get(f"{LATER}/sample")
    assert heading(page) == "样本是怎样抽的"
    rows = [[text_of(cell) for cell in row] for row in next(page_of(page).elements("tbody"))]
    assert sum(int(row[3]) for row in rows) == 80
    again = desk.submit(page, form=1)
    assert "名单和概率完全相同" in words(again)
    with office.database.write() as session:
        session.execute(
            sa.update(SampledUnit).where(SampledUnit.id == sample(office)[0].id)
            .values(probability=0.99)
        )  # fmt: skip
    assert "结果不同" in words(desk.submit(desk.get(f"{LATER}/sample"), form=1))


def test_the_draw_is_in_the_trail(desk: FlaskClient, office: Office) -> None:
    desk.submit(look(desk, per_community="40"), form=1)
    with office.database.read() as session:
        entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.actor, entry.action) == ("staff.township", "wave.draw")


def test_staff_of_a_community_read_the_record_for_their_own_and_draw_nothing(
    desk: FlaskClient, desk_of: Callable[..., FlaskClient]
) -> None:
    villager = desk_of("staff", "east")
    assert villager.get(f"{LATER}/draw").status_code == 403
    desk.submit(look(desk, per_community="40"), form=1)
    page = words(villager.get(f"{LATER}/sample"))
    assert "东村社区" in page
    assert "西村社区" not in page
