"""The register of campaign visits, and the embargo on a wave's page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveys import areas, waves
from surveys.fieldwork import campaigns
from surveys.office import Office
from tests.support.pages import words

REGISTER = "/staff/campaigns/new"
TODAY = dt.datetime.now(dt.UTC).date().isoformat()


def register(client: FlaskClient, office: Office, place: str, **typed: str) -> TestResponse:
    with office.database.read() as session:
        area_id = str(areas.get(session, place).id)
    said = {"title": "八大环境宣传单", "area_id": area_id, "starts": TODAY, **typed}
    return client.submit(client.get(REGISTER), form=1, **said)


def visits(office: Office) -> int:
    with office.database.read() as session:
        return len(campaigns.visits(session))


def test_a_visit_is_registered_and_listed(desk: FlaskClient, office: Office) -> None:
    assert "尚未登记走访" in words(desk.get("/staff/campaigns/"))
    answer = register(desk, office, "east", grid="二网格", reach="120")
    assert answer.location == "/staff/campaigns/"
    said = words(desk.get(answer.location))
    for word in ("八大环境宣传单", "东村社区", "二网格", "120", TODAY):
        assert word in said
    desk.get("/staff/campaigns/?lang=en")


def test_a_visit_in_the_embargo_is_pointed_out_on_the_wave(
    desk: FlaskClient, office: Office
) -> None:
    address = "/staff/waves/2026-11"
    assert "静默期" not in words(desk.get(address))
    register(desk, office, "east")
    assert "静默期内有宣传走访" in words(desk.get(address))
    assert "1 day in the embargo" in words(desk.get(f"{address}?lang=en"))


def test_a_visit_before_the_embargo_is_no_breach(desk: FlaskClient, office: Office) -> None:
    with office.database.read() as session:
        first, _last = campaigns.embargo_of(waves.get(session, "2026-11")) or (None, None)
    assert first is not None
    before = (first - dt.timedelta(days=1)).isoformat()
    register(desk, office, "township", starts=before)
    assert "静默期" not in words(desk.get("/staff/waves/2026-11"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": ""}, "请填写走访内容"),
        ({"starts": ""}, "请填写日期"),
        ({"ends": "2020-01-01"}, "结束日期早于开始日期"),
    ],
)
def test_a_faulty_visit_is_not_registered(
    desk: FlaskClient, office: Office, typed: dict[str, str], said: str
) -> None:
    answer = register(desk, office, "east", **typed)
    assert answer.status_code == 422
    assert said in words(answer)
    assert visits(office) == 0


def test_nobody_registers_a_visit_outside_their_branch(
    desk_of: Callable[..., FlaskClient], office: Office
) -> None:
    assert register(desk_of("staff", "east"), office, "west").status_code == 422
    assert visits(office) == 0
