"""The address list in counts, and how many interviews the next wave needs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from surveys import areas
from surveys.office import Office
from surveys.sampling.frames import Address
from surveys.weighting.margins import Margin
from tests.support.pages import heading, words

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


@LANGUAGES
def test_every_page_on_the_way_to_a_sample_speaks_both_languages(
    desk: FlaskClient, language: str
) -> None:
    for path in ("", "places", "population", "plan", "communities/east", "addresses/import"):
        assert desk.get(f"/staff/frame/{path}?lang={language}").status_code == 200, path


def test_the_list_is_shown_in_counts_and_no_address_with_it(
    desk: FlaskClient, office: Office
) -> None:
    with office.database.read() as session:
        query = sa.select(Address.sealed, Address.community_id)
        texts = {office.keys.unseal(sealed) for sealed, _ in session.execute(query)}
    for path in ("/staff/frame/", "/staff/frame/communities/east"):
        page = desk.get(path).text
        assert "150" in page
        assert not any(text in page for text in texts)


def test_an_empty_office_is_told_where_to_begin(desk: FlaskClient, office: Office) -> None:
    with office.database.write() as session:
        session.execute(sa.text("PRAGMA defer_foreign_keys=ON"))
        lone = areas.add(session, "lone", "孤村镇", "Lone", "township")
        session.execute(sa.text("UPDATE users SET area_id = :lone"), {"lone": lone.id})
    assert "从这里开始" in words(desk.get("/staff/frame/"))


def test_a_population_that_does_not_fit_the_list_is_pointed_out(
    desk: FlaskClient, office: Office
) -> None:
    with office.database.write() as session:
        east = areas.get(session, "east")
        session.add(Margin(area_id=east.id, adults=9_000, source="普查"))
    assert "每个地址60.0名成年人" in words(desk.get("/staff/frame/"))
    assert "名单齐吗" in words(desk.get("/staff/frame/communities/east"))


@LANGUAGES
def test_the_plan_follows_what_is_asked(desk: FlaskClient, language: str) -> None:
    usual = desk.get(f"/staff/frame/plan?lang={language}")
    asked = "area=township&margin=3&community_margin=10&target=85&true_rate=86&power=80"
    asked += "&response=50&deff=1.5&pairs=4&interviews_per_day=8&interviews=200"
    finer = desk.get(f"/staff/frame/plan?{asked}")
    assert words(usual) != words(finer)
    assert "200" in words(finer)
    assert ("无法判明" if language == "zh" else "cannot be told") in words(finer)


def test_a_faulty_plan_is_refused_with_what_was_typed(desk: FlaskClient) -> None:
    answer = desk.get("/staff/frame/plan?area=township&margin=many&target=185")
    assert answer.status_code == 422
    assert "请填数字" in words(answer)
    assert 'value="185"' in answer.text


def test_staff_of_a_community_see_their_own_list(
    desk_of: Callable[..., FlaskClient],
) -> None:
    villager = desk_of("staff", "east")
    assert "西村社区" not in villager.get("/staff/frame/").text
    assert villager.get("/staff/frame/communities/west").status_code == 404
    assert heading(villager.get("/staff/frame/communities/east")) == "东村社区"
