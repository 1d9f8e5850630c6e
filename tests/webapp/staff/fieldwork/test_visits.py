"""Attempts at sampled addresses, written down by those who went."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveys import areas, people, waves
from surveys.audit import AuditEntry
from surveys.fieldwork import assignments, attempts
from surveys.office import Office
from surveys.sampling import invitations
from surveys.sampling.units import SampledUnit
from tests.support import harvest
from tests.support.fieldwork import Fieldwork
from tests.support.pages import heading, page_of, words

UNITS = "/visits/2026-11/east"


@pytest.fixture
def unit(office: Office, fieldwork: Fieldwork) -> SampledUnit:
    """A unit of the first community that nobody has answered from."""
    return harvest.units(fieldwork)[1]


@pytest.fixture
def address(unit: SampledUnit) -> str:
    return f"/visits/2026-11/units/{unit.id}"


def enter(client: FlaskClient, address: str, **typed: str) -> TestResponse:
    return client.submit(client.get(address), form=1, **typed)


def stored(office: Office, unit: SampledUnit) -> list[attempts.Attempt]:
    with office.database.read() as session:
        return attempts.of_unit(session, unit)


def test_addresses_still_to_visit_are_listed_and_the_reader_leaves_a_trace(
    desk: FlaskClient, office: Office
) -> None:
    said = words(desk.get(UNITS))
    assert "路" in said
    assert "尚未上门" in said
    assert "上午" in said  # not tried yet
    assert "部分" not in said
    assert "refused or broken off" in words(desk.get(f"{UNITS}?show=all&lang=en"))
    with office.database.read() as session:
        actions = session.scalars(sa.select(AuditEntry.action)).all()
    assert "addresses.read" in actions


def test_to_read_one_address_leaves_a_trace_too(
    desk: FlaskClient, office: Office, unit: SampledUnit, address: str
) -> None:
    desk.get(address)
    with office.database.read() as session:
        query = sa.select(AuditEntry).where(AuditEntry.action == "addresses.read")
        entry = session.scalars(query).one()
    assert (entry.actor, entry.detail) == ("staff.township", {"unit": unit.id})


def test_volunteers_read_addresses_only_while_the_wave_is_open(
    desk_of: Callable[..., FlaskClient], fieldwork: Fieldwork, address: str
) -> None:
    volunteer = desk_of("volunteer")
    assert volunteer.get(address).status_code == 200
    harvest.close(fieldwork)
    for page in (UNITS, address):
        assert volunteer.get(page).status_code == 404
        assert desk_of("staff").get(page).status_code == 200


@pytest.mark.parametrize("role", ["staff", "volunteer", "admin"])
def test_an_attempt_is_written_down_with_its_partner(
    desk_of: Callable[..., FlaskClient],
    office: Office,
    unit: SampledUnit,
    address: str,
    role: str,
) -> None:
    client = desk_of(role)
    answer = enter(client, address, outcome="no_answer", at="2026-11-05T19:30", partner="王芳")
    assert answer.location == address
    (attempt,) = stored(office, unit)
    assert (attempt.outcome, attempt.actor, attempt.partner) == (
        "no_answer",
        f"{role}.township",
        "王芳",
    )
    assert attempt.at == dt.datetime(2026, 11, 5, 11, 30, tzinfo=dt.UTC)
    said = words(client.get(address))
    assert "敲门无人应答" in said
    assert "2026-11-05 19:30" in said
    assert "还需上门2次" in said


def test_the_form_knows_what_time_it_is(desk: FlaskClient, address: str) -> None:
    fields = {f.get("name"): f for f in page_of(desk.get(address)).elements("input")}
    typed = dt.datetime.fromisoformat(fields["at"].get("value", ""))
    there = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).replace(tzinfo=None)
    assert abs(there - typed) < dt.timedelta(minutes=5)


def test_households_are_counted_once_and_one_is_chosen(
    desk: FlaskClient, office: Office, unit: SampledUnit, address: str
) -> None:
    enter(desk, address, outcome="come_back", households="3", return_at="2099-01-01T09:00")
    with office.database.read() as session:
        again = session.get_one(SampledUnit, unit.id)
        chosen = attempts.chosen_household(waves.get(session, "2026-11"), again)
    page = desk.get(address)
    assert f"此处住3户：请访问从入口数起的第{chosen}户" in words(page)
    assert "约定2099-01-01 09:00再来" in words(page)
    assert 'name="households"' not in page.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"outcome": ""}, "请选择上门结果"),
        ({"outcome": "refused", "at": ""}, "请填写日期和时间"),
        ({"outcome": "refused", "at": "2099-01-01T09:00"}, "上门时间晚于现在"),
        ({"outcome": "refused", "households": "0"}, "请填写不小于1的数"),
        ({"outcome": "refused", "partner": "staff.township"}, "同行"),
    ],
)
def test_a_faulty_attempt_is_refused_in_words(
    desk: FlaskClient,
    office: Office,
    unit: SampledUnit,
    address: str,
    typed: dict[str, str],
    said: str,
) -> None:
    answer = enter(desk, address, **typed)
    assert answer.status_code == 422
    assert said in words(answer)
    assert stored(office, unit) == []


def test_volunteers_reach_their_own_community_only(
    desk_of: Callable[..., FlaskClient], office: Office, fieldwork: Fieldwork
) -> None:
    volunteer = desk_of("volunteer", "east")
    assert volunteer.get(UNITS).status_code == 200
    assert volunteer.get("/visits/2026-11/west").status_code == 404
    with office.database.read() as session:
        west = areas.get(session, "west").id
    of_west = next(unit for unit in harvest.units(fieldwork) if unit.community_id == west)
    assert volunteer.get(f"/visits/2026-11/units/{of_west.id}").status_code == 404
    assert volunteer.get(f"/staff/waves/2026-11/units/{of_west.id}/reissue").status_code == 403


def test_a_code_is_reissued_and_revoked(
    desk: FlaskClient, office: Office, unit: SampledUnit
) -> None:
    address = f"/staff/waves/2026-11/units/{unit.id}"
    before = invitations.code_of(office.keys, unit)
    assert heading(desk.get(f"{address}/reissue")) == "换发邀请码"
    fresh = next(
        "".join(code.itertext())
        for code in page_of(enter(desk, f"{address}/reissue")).elements("code")
        if code.get("class") == "secret"
    )
    with office.database.read_connection() as connection:
        assert invitations.find_unit(connection, office.keys, before) is None
        assert invitations.find_unit(connection, office.keys, fresh) is not None
    enter(desk, f"{address}/revoke")
    assert enter(desk, f"{address}/revoke").status_code == 422
    with office.database.read_connection() as connection:
        assert invitations.find_unit(connection, office.keys, fresh) is None
    assert "作废" in words(desk.get(f"/visits/2026-11/units/{unit.id}?lang=zh"))
    desk.get(f"/visits/2026-11/units/{unit.id}?lang=en")


def test_a_volunteer_without_the_app_finds_what_is_left_to_be_visited(
    desk_of: Callable[..., FlaskClient], office: Office, unit: SampledUnit, address: str
) -> None:
    theirs = desk_of("volunteer")
    assert "没有要去的地址了" in words(theirs.get("/visits/"))
    with office.database.write() as session:
        user = people.get(session, "volunteer.township")
        assignments.assign(session, user, [session.get_one(SampledUnit, unit.id)], "test")
    assert address in theirs.get("/visits/").text
    assert enter(theirs, address, outcome="refused").status_code == 302
    assert address not in theirs.get("/visits/").text
    with office.database.read() as session:
        query = sa.select(AuditEntry.detail).where(AuditEntry.action == "addresses.read")
        assert {"units": 1} in session.scalars(query).all()
