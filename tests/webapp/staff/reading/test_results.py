"""What staff read of a locked wave."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from surveys import areas, waves
from surveys.office import Office
from surveys.results import readings
from surveys.results.estimates import StoredEstimate
from surveys.waves import Wave
from tests.support.fieldwork import Fieldwork
from tests.support.markup import text_of
from tests.support.pages import heading, page_of, words

RESULTS = "/staff/results/2026-11"


def figure(office: Office, area: str, indicator: str, stream: str = "sample") -> StoredEstimate:
    with office.database.read() as session:
        wave, place = waves.get(session, "2026-11"), areas.get(session, area)
        return next(
            stored
            for stored in readings.figures(session, wave, [place.id])
            if (stored.indicator, stored.stream) == (indicator, stream)
        )


def set_verdict(office: Office, area: str, indicator: str, verdict: str) -> None:
    stored = figure(office, area, indicator)
    with office.database.write() as session:
        session.execute(
            sa.update(StoredEstimate).where(StoredEstimate.id == stored.id).values(verdict=verdict)
        )


def test_the_newest_locked_wave_comes_first(desk: FlaskClient, locked: Fieldwork) -> None:
    assert desk.get("/staff/", follow_redirects=True).request.path == RESULTS


def test_before_the_first_lock_the_page_says_how_to_begin(desk: FlaskClient) -> None:
    assert "抽取地址" in words(desk.get("/staff/results/"))


def test_the_pooled_rate_stands_with_interval_base_and_verdict(
    desk: FlaskClient, locked: Fieldwork, office: Office
) -> None:
    said = words(desk.get(RESULTS))
    stored = figure(office, "township", "awareness")
    assert f"{stored.estimate * 100:.1f}%" in said
    assert f"{stored.lower * 100:.1f}–{stored.upper * 100:.1f}%" in said
    assert f"n={stored.n}，有效{int(stored.n_effective)}" in said
    assert "仅含抽样误差" in said
    assert "点估计≥85%" in said


@pytest.mark.parametrize(
    ("verdict", "word"),
    [("met", "达标"), ("not_met", "未达标"), ("undecided", "待确认"), ("too_few", "样本不足")],
)
def test_each_verdict_has_a_word_and_a_shape(
    desk: FlaskClient, locked: Fieldwork, office: Office, verdict: str, word: str
) -> None:
    set_verdict(office, "east", "awareness", verdict)
    page = desk.get(f"{RESULTS}/awareness")
    row = next(row for row in page_of(page).elements("tr") if "东村社区" in "".join(row.itertext()))
    assert word in "".join(row.itertext())
    assert any(part.tag.endswith("svg") for part in row.iter())


def test_an_undecided_community_learns_how_large_the_next_wave_must_be(
    desk: FlaskClient, locked: Fieldwork, office: Office
) -> None:
    set_verdict(office, "east", "awareness", "undecided")
    stored = figure(office, "east", "awareness")
    page = page_of(desk.get(f"{RESULTS}/figures/east/awareness"))
    facts = [text_of(one) for one in page.elements("dd")]
    names = [text_of(one) for one in page.elements("dt")]
    said = facts[names.index("下期需要样本")]
    assert said == "无法判定" or int(said.replace(",", "")) > stored.n


def test_a_reason_stands_in_words_beside_the_verdict_and_asks_for_no_larger_wave(
    desk: FlaskClient, locked: Fieldwork, office: Office
) -> None:
    with office.database.write() as session:
        numbers = {"verdict": "undecided", "reason": "response_rate", "basis": "pairs"}
        of_sample = sa.update(StoredEstimate).where(StoredEstimate.stream == "sample")
        session.execute(of_sample.values(numbers))
    assert "应答率低于下限" in words(desk.get(RESULTS))
    page = page_of(desk.get(f"{RESULTS}/awareness"))
    row = next(row for row in page.elements("tr") if "东村社区" in "".join(row.itertext()))
    assert "应答率低于下限" in text_of(row)
    opened = page_of(desk.get(f"{RESULTS}/figures/east/awareness"))
    assert "下期需要样本" not in [text_of(one) for one in opened.elements("dt")]
    table = [row for row in rows(desk.get(f"{RESULTS}.csv")) if row["来源"] == "概率样本"]
    assert {(row["未判达标的原因"], row["误差依据"]) for row in table} == {
        ("应答率低于下限", "入户搭档")
    }


def test_what_the_address_asks_for_and_is_not_there_does_no_harm(
    desk: FlaskClient, locked: Fieldwork
) -> None:
    for asked in ("definition=nonsense", "page=99", "page=-1", "page=x"):
        assert desk.get(f"{RESULTS}?{asked}").status_code == 200


def test_another_definition_is_labelled_and_the_main_one_decides(
    desk: FlaskClient, locked: Fieldwork, office: Office
) -> None:
    said = words(desk.get(f"{RESULTS}?definition=strict"))
    strict = figure(office, "township", "awareness_strict")
    assert f"{strict.estimate * 100:.1f}%" in said
    assert "知晓率（严口径）" in said
    assert "判定以主口径为准" in said


def test_the_point_estimate_stands_without_a_verdict_and_says_so(
    desk: FlaskClient, locked: Fieldwork, office: Office
) -> None:
    set_verdict(office, "east", "awareness", "not_met")
    page = desk.get(f"{RESULTS}?plain=1")
    assert "只列点估计，不作判定" in words(page)
    table = next(page_of(page).elements("tbody"))
    assert "未达标" not in "".join(table.itertext())


def test_every_figure_opens_to_definition_base_method_and_command(
    desk: FlaskClient, locked: Fieldwork, office: Office
) -> None:
    page = page_of(desk.get(RESULTS))
    opened = {a.get("href") for a in page.elements("a") if a.get("class") == "opens"}
    assert f"{RESULTS}/figures/township/awareness" in opened
    stored = figure(office, "east", "support")
    said = words(desk.get(f"{RESULTS}/figures/east/support"))
    assert f"{stored.estimate * 100:.1f}%" in said
    assert "minyi rates 2026-11" in said
    assert "${Z1}" in said
    assert "Korn–Graubard" in said
    desk.get(f"{RESULTS}/figures/east/support?lang=en")
    assert desk.get(f"{RESULTS}/figures/east/nonsense").status_code == 404


def test_the_open_link_shows_counts_and_unweighted_shares_and_is_not_judged(
    desk: FlaskClient, locked: Fieldwork, office: Office
) -> None:
    stored = figure(office, "township", "awareness", "open")
    said = words(desk.get(RESULTS))
    assert "非概率样本，不判定" in said
    assert f"{stored.unweighted * 100:.1f}% n={stored.n}" in said
    assert stored.verdict is None


def test_every_indicator_has_a_page_with_its_definition(
    desk: FlaskClient, locked: Fieldwork
) -> None:
    for indicator, name in (("awareness", "知晓率"), ("satisfaction_index", "满意度指数")):
        page = desk.get(f"{RESULTS}/{indicator}")
        assert heading(page) == name
        assert "minyi rates 2026-11" in words(page)
        assert "第1版" in words(page)
    assert desk.get(f"{RESULTS}/nonsense").status_code == 404


def test_the_charts_carry_the_figures_of_the_table(
    desk: FlaskClient, locked: Fieldwork, office: Office
) -> None:
    page = page_of(desk.get(f"{RESULTS}/awareness"))
    addresses = [one.get("data-chart") for one in page.elements("figure")]
    drawn = sorted(desk.get(addresses[0]).get_json()["data"][0]["x"])
    stored = [figure(office, area, "awareness").estimate for area in ("east", "west")]
    assert drawn == pytest.approx(sorted(value * 100 for value in stored))
    assert all(desk.get(address).mimetype == "application/json" for address in addresses)


def test_english_pages_say_the_same(desk: FlaskClient, locked: Fieldwork) -> None:
    said = words(desk.get(f"{RESULTS}?lang=en"))
    assert "Not a probability sample: not judged." in said
    assert "East Village" in said


def rows(answer: object) -> list[dict[str, str]]:
    text = answer.data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_csv_holds_every_figure_with_what_is_needed_to_judge_it(
    desk: FlaskClient, locked: Fieldwork, office: Office
) -> None:
    answer = desk.get(f"{RESULTS}.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["Content-Disposition"]
    with office.database.read() as session:
        count = session.scalar(sa.select(sa.func.count()).select_from(StoredEstimate))
    table = rows(answer)
    assert len(table) == count
    stored = figure(office, "east", "awareness")
    row = next(r for r in table if r["地区代码"] == "east" and r["口径"] == "awareness 1")
    assert float(row["加权估计"]) == pytest.approx(stored.estimate * 100, abs=1e-3)
    assert (row["样本（未加权）"], row["测评"]) == (str(stored.n), "2026-11")
    assert row["生成时间"]
    opened = next(r for r in table if r["来源"] == "开放链接")
    assert (opened["加权估计"], opened["判定"]) == ("", "非概率样本，不判定")


def test_nobody_sees_rates_before_the_lock(desk: FlaskClient, fieldwork: Fieldwork) -> None:
    for address in (RESULTS, f"{RESULTS}/awareness", f"{RESULTS}.csv"):
        answer = desk.get(address, follow_redirects=True)
        assert answer.request.path == "/staff/waves/2026-11"
        assert "%" not in words(answer).partition("目标")[0]
    assert "此前只有数量" in words(desk.get(RESULTS, follow_redirects=True))


def test_a_campaign_visit_never_shows_rates(
    desk: FlaskClient, locked: Fieldwork, office: Office
) -> None:
    with office.database.write() as session:
        session.execute(sa.update(Wave).values(kind="campaign"))
    answer = desk.get(RESULTS, follow_redirects=True)
    assert answer.request.path == "/staff/waves/2026-11"
    assert "宣传走访不是测评" in words(answer)


def test_the_area_page_shows_the_rates_over_the_waves(
    desk: FlaskClient, locked: Fieldwork, office: Office
) -> None:
    said = words(desk.get("/staff/areas/east"))
    assert f"{figure(office, 'east', 'support').estimate * 100:.1f}%" in said
    assert "有了第二期才有趋势" in said
    assert len(rows(desk.get("/staff/areas/east.csv"))) == 4


def test_an_area_without_figures_says_so(desk: FlaskClient, fieldwork: Fieldwork) -> None:
    assert "还没有数据" in words(desk.get("/staff/areas/east"))
    assert desk.get("/staff/areas/nowhere").status_code == 404


def test_staff_of_a_community_see_their_own_figures_and_the_pooled_ones(
    desk_of: Callable[..., FlaskClient], locked: Fieldwork
) -> None:
    villager = desk_of("staff", "east")
    for address in (RESULTS, f"{RESULTS}/awareness", f"{RESULTS}.csv", "/staff/areas/east"):
        answer = villager.get(address)
        assert "东村社区" in answer.text or "east" in answer.text
        assert "西村社区" not in answer.text
    assert "河口镇" in words(villager.get(RESULTS))
    assert villager.get("/staff/areas/township").status_code == 200
    assert villager.get("/staff/areas/west").status_code == 404
    assert villager.get("/staff/areas/west.csv").status_code == 404
