"""People who log in."""

from __future__ import annotations

import datetime as dt
import math

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from surveys import people
from surveys.audit import AuditEntry
from surveys.office import Office
from surveys.people import FailedAttempt, User
from surveys.problems import Refused
from tests.support import record

WINDOW = dt.timedelta(minutes=15)


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hashes with settings that take no time."""
    monkeypatch.setattr(people, "_hasher", PasswordHasher(1, 8, 1))
    people._nobody.cache_clear()


def add(office: Office, name: str = "wang", role: str = "staff", **more: str) -> str:
    with office.database.write() as session:
        return people.add_user(session, name, role, actor="test", **more)[1]


def verify(office: Office, name: str, password: str) -> User | None:
    with office.database.write() as session:
        return people.verify(session, name, password)


def test_someone_added_gets_a_password_that_opens(office: Office) -> None:
    password = add(office)
    user = verify(office, "wang", password)
    assert user is not None
    assert (user.name, user.role, user.epoch, user.area_id) == ("wang", "staff", 1, None)
    assert verify(office, " Wang ", password) is not None  # however the name is typed
    assert verify(office, "wang", password + "x") is None
    assert verify(office, "li", password) is None


def test_a_full_name_is_noted_changed_and_in_the_trail(office: Office) -> None:
    add(office, "vol03", "volunteer", full_name=" 王  芳 ")
    with office.database.write() as session:
        user = people.get(session, "vol03")
        assert user.full_name == "王 芳"
        people.set_full_name(session, user, "王芳", actor="chen")
    with office.database.read() as session:
        assert people.get(session, "vol03").full_name == "王芳"
        first, second = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))
    assert first.detail["full_name"] == "王 芳"
    assert (second.action, second.subject, second.actor) == ("user.set-full-name", "vol03", "chen")
    assert second.detail == {"full_name": "王芳"}


def test_a_full_name_that_no_column_holds_is_refused(office: Office) -> None:
    with pytest.raises(Refused, match="at most 64"):
        add(office, full_name="芳" * 65)
    add(office)
    with office.database.write() as session, pytest.raises(Refused, match="at most 64"):
        people.set_full_name(session, people.get(session, "wang"), "芳" * 65, actor="test")


def test_no_password_is_stored_or_told_to_the_trail(office: Office) -> None:
    password = add(office)
    with office.database.read() as session:
        user = session.scalars(sa.select(User)).one()
        entry = session.scalars(sa.select(AuditEntry)).one()
    assert user.password_hash.startswith("$argon2id$")
    assert password not in user.password_hash + str(entry.detail)


def test_a_generated_password_is_long_and_has_no_letters_that_look_alike() -> None:
    password = people.generated_password()
    letters = password.replace("-", "")
    assert math.log2(len(people.LETTERS)) * len(letters) > 80
    assert not set("01ilo") & set(password)
    assert people.generated_password() != password


def test_a_user_belongs_to_a_branch(office: Office) -> None:
    with office.database.write() as session:
        township = record.township(session)
        user, _ = people.add_user(session, "wang", "staff", township, actor="test")
        entry = session.scalars(sa.select(AuditEntry)).one()
    assert user.area_id == township.id
    assert entry.detail == {"role": "staff", "area": "hekou"}


def test_someone_with_faults_is_refused_with_all_of_them(office: Office) -> None:
    add(office)
    with pytest.raises(Refused) as refused:
        add(office, "WANG", "king", password="short")
    assert list(map(str, refused.value.problems)) == [
        "A password needs at least 12 characters.",
        "There is already a user wang.",
        "“king” is no role; there are: admin, staff, volunteer.",
    ]


def test_a_reset_gives_a_new_password_and_ends_every_session(office: Office) -> None:
    old = add(office)
    with office.database.write() as session:
        new = people.reset_password(session, people.get(session, "Wang"), actor="test")
    assert verify(office, "wang", old) is None
    user = verify(office, "wang", new)
    assert user is not None
    assert user.epoch == 2
    with office.database.read() as session:
        actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["user.add", "user.reset-password"]


def test_an_unknown_user_is_refused_by_name(office: Office) -> None:
    with office.database.read() as session, pytest.raises(Refused, match="no user li"):
        people.get(session, "li")


def test_an_inactive_user_does_not_get_in(office: Office) -> None:
    password = add(office)
    with office.database.write() as session:
        people.get(session, "wang").active = False
    assert verify(office, "wang", password) is None


def test_an_unknown_name_costs_as_much_as_a_wrong_password(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
            checked.append(hash)
            return super().verify(hash, password)

    monkeypatch.setattr(people, "_hasher", Watched(1, 8, 1))
    add(office)
    assert verify(office, "wang", "wrong") is None
    assert verify(office, "li", "wrong") is None
    assert len(checked) == 2


def test_a_hash_of_weaker_settings_is_renewed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = add(office)
    monkeypatch.setattr(people, "_hasher", PasswordHasher(2, 8, 1))
    assert verify(office, "wang", password) is not None
    with office.database.read() as session:
        assert "t=2" in session.scalars(sa.select(User.password_hash)).one()


def test_whoever_fails_too_often_waits(office: Office) -> None:
    subject = office.keys.subject("login", "wang")
    other = office.keys.subject("login", "li")
    with office.database.write() as session:
        for _ in range(5):
            assert not people.too_many(session, subject, 5, WINDOW)
            people.note_failure(session, subject)
        assert people.too_many(session, subject, 5, WINDOW)
        assert not people.too_many(session, other, 5, WINDOW)


def test_failures_of_long_ago_do_not_count_and_are_forgotten(office: Office) -> None:
    subject = office.keys.subject("login", "wang")
    ago = dt.datetime.now(dt.UTC) - people.REMEMBERED - dt.timedelta(minutes=1)
    with office.database.write() as session:
        session.add_all(FailedAttempt(subject=subject, at=ago) for _ in range(9))
        session.flush()
        assert not people.too_many(session, subject, 5, WINDOW)
        people.note_failure(session, subject)
        session.flush()
        assert session.scalar(sa.select(sa.func.count()).select_from(FailedAttempt)) == 1


def test_getting_in_forgets_the_failures(office: Office) -> None:
    subject = office.keys.subject("login", "wang")
    with office.database.write() as session:
        for _ in range(5):
            people.note_failure(session, subject)
        people.forget(session, subject)
        assert not people.too_many(session, subject, 1, WINDOW)
