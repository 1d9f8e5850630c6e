"""Running a wave from the desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveys import areas, responses, waves
from surveys.audit import AuditEntry
from surveys.office import Office
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from tests.support import harvest
from tests.support.fieldwork import Fieldwork
from tests.support.markup import text_of
from tests.support.pages import heading, page_of, words

WAVE = "/staff/waves/2026-11"
NEW = {"title_zh": "二〇二七年第一季度民意调查", "month": "2027-02"}


def wave(office: Office, code: str = "2026-11") -> Wave:
    with office.database.read() as session:
        return waves.get(session, code)


def make(desk: FlaskClient, **typed: str) -> TestResponse:
    return desk.submit(desk.get("/staff/waves/new"), form=1, **{**NEW, **typed})


def press(desk: FlaskClient, address: str, **typed: str) -> TestResponse:
    """Send the one form of a page that is not the way out."""
    return desk.submit(desk.get(address), form=1, **typed)


def test_all_waves_are_listed_with_their_states(desk: FlaskClient, fieldwork: Fieldwork) -> None:
    said = words(desk.get("/staff/waves/"))
    assert "二〇二六年第四季度民意调查" in said
    assert "进行中" in said


def test_a_wave_is_made_with_the_usual_targets(desk: FlaskClient, office: Office) -> None:
    answer = make(desk)
    assert answer.location == "/staff/waves/2027-02"
    made = wave(office, "2027-02")
    assert (made.state, made.kind, made.title_zh) == ("draft", "measurement", NEW["title_zh"])
    assert set(made.targets) == {"awareness", "support", "participation", "satisfaction"}
    assert set(made.targets.values()) == {0.85}


def test_targets_may_be_set_and_left_blank(desk: FlaskClient, office: Office) -> None:
    make(desk, target_awareness="90.5", target_satisfaction="")
    targets = wave(office, "2027-02").targets
    assert targets["awareness"] == pytest.approx(0.905)
    assert "satisfaction" not in targets


def test_a_wave_is_made_with_its_rules(desk: FlaskClient, office: Office) -> None:
    make(
        desk,
        response_floor="40",
        fieldwork_from="2027-02-03",
        fieldwork_until="2027-02-26",
        embargo_days="21",
        selection="kish",
        trim="4",
    )
    made = wave(office, "2027-02")
    assert (made.response_floor, made.embargo_days, made.selection) == (0.4, 21, "kish")
    assert str(made.fieldwork_from) == "2027-02-03"
    assert made.weighting["trim"] == 4
    assert made.weighting["margins"] == ["sex*age", "community"]
    said = words(desk.get("/staff/waves/2027-02"))
    for words_said in ("40%", "按表选一名成年人", "2027-02-26", "性别 × 年龄", "平均的4倍"):
        assert words_said in said


def test_the_rules_of_a_draft_are_changed_and_those_of_an_open_wave_are_not(
    desk: FlaskClient, office: Office
) -> None:
    make(desk, response_floor="40", target_awareness="90.5")
    address = "/staff/waves/2027-02/rules"
    page = desk.get(address)
    assert 'value="40"' in page.text
    assert 'value="90.5"' in page.text
    answer = desk.submit(page, form=1, response_floor="", embargo_days="7")
    assert answer.location == "/staff/waves/2027-02"
    made = wave(office, "2027-02")
    assert (made.response_floor, made.embargo_days) == (None, 7)
    assert made.targets["awareness"] == pytest.approx(0.905)
    late = desk.get(address)
    press(desk, "/staff/waves/2027-02/open")
    answer = desk.submit(late, form=1, response_floor="10")
    assert answer.status_code == 422
    assert "规则已固定" in words(answer)
    assert wave(office, "2027-02").response_floor is None
    assert desk.get(address).location == "/staff/waves/2027-02#rules"  # to be read, not typed over


def test_what_is_blank_on_the_forms_is_pointed_out(desk: FlaskClient) -> None:
    make(desk)
    said = words(desk.get("/staff/waves/2027-02"))
    assert "批准或备案文号为空" in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title_zh": ""}, "请填写标题"),
        ({"month": "2027-13"}, "请填写月份"),
        ({"code": "Bad Code"}, "小写字母"),
        ({"target_support": "120"}, "1到100"),
        ({"response_floor": "100"}, "1到99"),
        ({"embargo_days": "400"}, "0到366"),
        ({"trim": "1"}, "1.5"),
        ({"fieldwork_from": "2027-02-20", "fieldwork_until": "2027-02-03"}, "早于开始日"),
        ({"valid_until": "soon"}, "日期"),
        ({"code": "2026-11"}, "2026-11"),
    ],
)
def test_a_faulty_wave_is_not_made_and_what_was_typed_is_kept(
    desk: FlaskClient, office: Office, typed: dict[str, str], said: str
) -> None:
    answer = make(desk, sponsor="河口镇", **typed)
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'value="河口镇"' in answer.text
    with office.database.read() as session:
        assert len(waves.every(session)) == 1


def test_an_open_wave_shows_counts_by_stream_and_mode(
    desk: FlaskClient, fieldwork: Fieldwork, office: Office
) -> None:
    page = desk.get(WAVE)
    totals = [text_of(cell) for cell in next(page_of(page).elements("tbody"))[0]]
    with office.database.read() as session:
        counts = responses.counts(session, wave(office))
    by_door = sum(c.eligible for c in counts if (c.stream, c.mode) == ("sample", "door"))
    assert totals[:2] == ["合计", "160"]
    assert totals[3] == str(by_door)
    assert "只看数量，不看比率" in words(page)


def test_a_step_is_taken_after_a_page_that_says_what_it_means(
    desk: FlaskClient, office: Office
) -> None:
    assert heading(desk.get(f"{WAVE}/close")) == "截止本期"
    assert wave(office).state == "open"  # to look changes nothing
    answer = press(desk, f"{WAVE}/close")
    assert answer.location == WAVE
    assert wave(office).state == "closed"
    assert "本期已截止" in words(desk.get(WAVE))


def test_a_wave_goes_from_draft_to_its_rates(desk: FlaskClient, office: Office) -> None:
    make(desk)
    address = "/staff/waves/2027-02"
    desk.submit(press(desk, f"{address}/draw", per_community="20"), form=1)
    press(desk, f"{address}/open")
    with office.database.write() as session:
        units = session.scalars(
            sa.select(SampledUnit)
            .join(Wave)
            .where(Wave.code == "2027-02", SampledUnit.released_at.is_not(None))
        ).all()
        for number, unit in enumerate(units):
            said = harvest.answers(number)
            harvest.accept(session, "2027-02", f"later-{number}", said, unit=unit)
    press(desk, f"{address}/close")
    press(desk, f"{address}/lock")
    assert wave(office, "2027-02").state == "locked"
    assert "知晓率" in words(desk.get("/staff/", follow_redirects=True))


def test_a_step_out_of_order_is_refused_in_words(desk: FlaskClient, office: Office) -> None:
    answer = press(desk, f"{WAVE}/lock")
    assert answer.status_code == 422
    assert "2026-11" in words(answer)
    assert wave(office).state == "open"


def test_every_act_is_in_the_trail_under_the_name_of_who_did_it(
    desk: FlaskClient, office: Office
) -> None:
    press(desk, f"{WAVE}/close")
    with office.database.read() as session:
        entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.actor, entry.action, entry.subject) == ("staff.township", "wave.close", "2026-11")


def test_staff_of_a_community_see_their_own_counts_and_run_nothing(
    desk_of: Callable[..., FlaskClient], office: Office
) -> None:
    villager = desk_of("staff", "east")
    page = villager.get(WAVE)
    assert "东村社区" in words(page)
    assert "西村社区" not in page.text
    assert "截止本期" not in page.text
    for act in ("open", "close", "lock", "draw"):
        assert villager.get(f"{WAVE}/{act}").status_code == 403
    assert wave(office).state == "open"


def test_a_wave_of_another_branch_does_not_exist(
    desk_of: Callable[..., FlaskClient], office: Office
) -> None:
    with office.database.write() as session:
        elsewhere = areas.add(session, "elsewhere", "外镇", "Elsewhere", "township")
        session.execute(sa.update(Wave).values(area_id=elsewhere.id))
    desk = desk_of("staff")
    for address in (WAVE, f"{WAVE}/close", f"{WAVE}/slips", "/staff/results/2026-11"):
        assert desk.get(address).status_code == 404
    assert desk.get("/staff/waves/none-such").status_code == 404
    assert "二〇二六年" not in words(desk.get("/staff/waves/"))
