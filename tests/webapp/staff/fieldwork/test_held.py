"""The page of what is held aside."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from surveys import people, waves
from surveys.fieldwork import sealing
from surveys.fieldwork.assignments import Assignment
from surveys.fieldwork.held import Finding
from surveys.fieldwork.uploads import Upload
from surveys.office import Office
from surveys.responses import Response
from tests.support import harvest
from tests.support.fieldwork import Fieldwork
from tests.support.pages import words

PAGE = "/staff/waves/2026-11/held"


@pytest.fixture
def second(fieldwork: Fieldwork) -> None:
    """A household of the first community answers a second time."""
    receipt = harvest.hand_in(fieldwork, "again", harvest.answers(0), harvest.units(fieldwork)[0])
    assert receipt.reason == "second"


@pytest.mark.usefixtures("second")
def test_it_says_why_and_a_finding_stays_beside_it(desk: FlaskClient, office: Office) -> None:
    assert "这一户已经答过" in words(desk.get(PAGE))
    with office.database.read() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(Response))
    form = desk.get(f"{PAGE}/response/1")
    assert desk.submit(form, form=1, text="").status_code == 422
    assert desk.submit(form, form=1, text="两组同一天到访").location == PAGE
    assert "两组同一天到访" in words(desk.get(PAGE))
    with office.database.read() as session:
        assert session.scalars(sa.select(Finding.actor)).one() == "staff.township"
        assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == before


def test_other_branches_do_not_see_it(
    desk_of: Callable[..., FlaskClient], fieldwork: Fieldwork
) -> None:
    west = harvest.units(fieldwork)[-1]
    for name in ("one", "two"):
        receipt = harvest.hand_in(fieldwork, name, harvest.answers(0), west)
    assert receipt.reason == "second"
    assert "这一户已经答过" in words(desk_of("staff").get(PAGE))
    assert "没有另存的内容" in words(desk_of("staff", "east").get(PAGE))
    assert desk_of("staff", "east").get(f"{PAGE}/response/1").status_code == 404


def test_with_nothing_held_the_page_says_so(desk: FlaskClient) -> None:
    assert "没有另存的内容" in words(desk.get(PAGE))


def test_what_did_not_open_is_tried_again_by_whoever_runs_the_wave(
    desk: FlaskClient, desk_of: Callable[..., FlaskClient], fieldwork: Fieldwork, office: Office
) -> None:
    sealed(office, fieldwork)
    page = desk.get(PAGE)
    assert "有1件打不开" in words(page)
    answer = desk.submit(page, form=1)
    assert answer.location == PAGE
    assert "打开并计入0件，另有1件仍留在这里" in words(desk.get(PAGE))
    assert "有1件打不开" not in words(desk_of("staff", "east").get(PAGE))
    assert desk_of("staff", "east").submit(page, form=1).status_code in {400, 403}


def test_a_lost_key_is_said_on_every_page_of_the_fieldwork(
    desk: FlaskClient, fieldwork: Fieldwork, office: Office
) -> None:
    sealed(office, fieldwork)
    assert "密钥丢失" not in words(desk.get(PAGE))
    (office.sealing_keys / "2026-11").unlink()
    for end in ("board", "assignments", "rechecks", "interviewers", "held", "quality"):
        assert "密钥丢失" in words(desk.get(f"/staff/waves/2026-11/{end}"))
    answer = desk.submit(desk.get(PAGE), form=1)
    assert answer.status_code == 422
    assert "请从备份中恢复文件keys/waves/2026-11" in words(answer)


def sealed(office: Office, fieldwork: Fieldwork) -> None:
    """Something of a volunteer's that no key opens; phones were told a key."""
    with office.database.write() as session:
        wave = waves.get(session, "2026-11")
        sealing.to_tell(session, office.sealing_keys, wave)
        user, _password = people.add_user(session, "wang", "volunteer", actor="test")
        unit = harvest.units(fieldwork)[0]
        body = {"id": "uuid:00000000-0000-0000-0000-000000000001", "unit": unit.id}
        body |= {"wave": "2026-11", "kid": "none", "mode": "door", "sealed": "AAAA"}
        body |= {"phone_time": "2026-11-20T08:00:00Z"}
        values = {"client_id": body["id"], "kind": "interview", "sha256": "s", "status": "held"}
        values |= {"reason": "sealed", "user_id": user.id, "unit_id": unit.id, "wave_id": wave.id}
        session.add(Assignment(unit_id=unit.id, user_id=user.id, assigned_by="test"))
        session.add(Upload(**values, body=json.dumps(body).encode()))


def test_what_counts_and_should_be_looked_at_stands_below(
    desk: FlaskClient, fieldwork: Fieldwork, office: Office
) -> None:
    sealed(office, fieldwork)
    with office.database.write() as session:
        session.execute(sa.update(Upload).values(status="stored", reason=None, remarks="moved"))
    assert "这个地址当时已经转给了别人" in words(desk.get(PAGE))
