"""Keeping accounts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from surveys import people
from surveys.audit import AuditEntry
from surveys.office import Office
from surveys.people import User
from tests.support.pages import words

GENERATED = re.compile(r"[a-z0-9]{4}(?:-[a-z0-9]{4}){4}")


@pytest.fixture
def admin(desk_of: Callable[..., FlaskClient]) -> FlaskClient:
    return desk_of("admin")


def user(office: Office, name: str) -> User:
    with office.database.read() as session:
        return people.get(session, name)


def test_a_new_user_gets_a_password_that_is_shown_once(admin: FlaskClient, office: Office) -> None:
    form = admin.get("/staff/users/new")
    answer = admin.submit(form, form=1, name="zhao", role="volunteer")
    found = GENERATED.search(answer.text)
    assert found
    with office.database.read() as session:
        made = people.verify(session, "zhao", found[0])
    assert made is not None
    assert made.role == "volunteer"
    assert found[0] not in admin.get("/staff/users/").text


def test_a_new_user_may_have_a_full_name(admin: FlaskClient, office: Office) -> None:
    form = admin.get("/staff/users/new")
    admin.submit(form, form=1, name="vol03", full_name="王芳", role="volunteer")
    assert user(office, "vol03").full_name == "王芳"
    assert "王芳" in words(admin.get("/staff/users/"))


def test_particulars_are_changed_and_only_what_changed_is_in_the_trail(
    admin: FlaskClient, office: Office
) -> None:
    admin.submit(admin.get("/staff/users/new"), form=1, name="vol03", role="volunteer")
    page = f"/staff/users/{user(office, 'vol03').id}/particulars"
    admin.submit(admin.get(page), form=1, full_name="王芳")
    admin.submit(admin.get(page), form=1, grid="G1")
    changed = user(office, "vol03")
    assert (changed.full_name, changed.grid) == ("王芳", "G1")
    with office.database.read() as session:
        about = sa.select(AuditEntry.action).where(AuditEntry.subject == "vol03")
        acts = session.scalars(about.order_by(AuditEntry.id)).all()
    assert acts == ["user.add", "user.set-full-name", "user.set-grid"]
    answer = admin.submit(admin.get(page), form=1, full_name="芳" * 65)
    assert answer.status_code == 422


def test_a_name_that_is_taken_is_refused(admin: FlaskClient) -> None:
    answer = admin.submit(admin.get("/staff/users/new"), form=1, name="staff.east", role="staff")
    assert answer.status_code == 422
    assert "staff.east" in words(answer)


def test_a_new_password_ends_the_sessions_of_the_old_one(
    admin: FlaskClient, desk_of: Callable[..., FlaskClient], office: Office
) -> None:
    villager = desk_of("staff", "east")
    number = user(office, "staff.east").id
    answer = admin.submit(admin.get(f"/staff/users/{number}/password"), form=1)
    found = GENERATED.search(answer.text)
    assert found
    with office.database.read() as session:
        assert people.verify(session, "staff.east", found[0])
    assert villager.get("/staff/waves/").location.startswith("/login")


def test_a_closed_account_is_out_and_stays_on_the_list(
    admin: FlaskClient, desk_of: Callable[..., FlaskClient], office: Office
) -> None:
    villager = desk_of("staff", "east")
    number = user(office, "staff.east").id
    admin.submit(admin.get(f"/staff/users/{number}/close"), form=1)
    assert not user(office, "staff.east").active
    assert villager.get("/staff/waves/").location.startswith("/login")
    said = words(admin.get("/staff/users/"))
    assert "staff.east" in said
    assert "已停用" in said


def test_nobody_closes_their_own_account(admin: FlaskClient, office: Office) -> None:
    number = user(office, "admin.township").id
    answer = admin.get(f"/staff/users/{number}/close", follow_redirects=True)
    assert "不能停用自己的账号" in words(answer)
    assert user(office, "admin.township").active


def test_an_administrator_keeps_the_accounts_of_their_own_branch(
    desk_of: Callable[..., FlaskClient], office: Office
) -> None:
    villager = desk_of("admin", "east")
    said = words(villager.get("/staff/users/"))
    assert "staff.east" in said
    assert "staff.township" not in said
    number = user(office, "staff.township").id
    assert villager.get(f"/staff/users/{number}/password").status_code == 404
    offered = villager.get("/staff/users/new").text
    assert "东村社区" in offered
    assert "河口镇" not in offered
    assert "全部地区" not in offered
