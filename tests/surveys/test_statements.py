"""A statement carried out by the driver says and does what it would through SQLAlchemy."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from surveys.audit import AuditEntry
from surveys.database import Database
from surveys.fieldwork.uploads import Upload
from surveys.people import User
from surveys.statements import Insertion, Statement, in_one_trip

MOMENT = dt.datetime(2026, 11, 5, 9, 30, 0, 125, tzinfo=dt.UTC)
ENTER = Insertion(AuditEntry, AuditEntry.id)
IN_PEACE = Insertion(Upload, Upload.client_id, ignoring=True)
BY_SUBJECT = Statement(
    lambda _dialect: (
        sa.select(AuditEntry.at, AuditEntry.subject, AuditEntry.detail)
        .where(AuditEntry.subject == sa.bindparam("subject"), AuditEntry.actor == "test")
        .order_by(AuditEntry.id)
    )
)
ADD_USER = Insertion(User)


def entry(subject: str, **detail: object) -> dict[str, object]:
    written = {"actor": "test", "action": "test", "subject": subject}
    return {**written, "at": MOMENT, "detail": detail}


def user(name: str) -> dict[str, object]:
    return {
        **{"name": name, "role": "volunteer", "area_id": None, "grid": "", "password_hash": ""},
        **{"epoch": 1, "active": True, "created_at": MOMENT, "last_login_at": None},
        "full_name": "",
    }


def upload(name: str, user_id: int) -> dict[str, object]:
    return {
        **{"client_id": name, "kind": "shift", "sha256": "a" * 64, "status": "held"},
        **{"reason": "invalid", "remarks": "", "user_id": user_id, "unit_id": None},
        **{"wave_id": None, "phone_time": None, "received_at": MOMENT, "body": b"\x00\xff"},
    }


def test_what_is_written_comes_back_as_it_is_meant(database: Database) -> None:
    """A moment with its zone, JSON, a truth and bytes, through either way."""
    with database.write_connection() as connection:
        ENTER.rows(connection, [entry("a", number=3, text="路灯")])
        ADD_USER.rows(connection, [user("wang")])
        (id_,) = connection.scalars(sa.select(User.id))
        IN_PEACE.rows(connection, [upload("one", id_)])
    with database.read_connection() as connection:
        ours = BY_SUBJECT.rows(connection, [{"subject": "a"}])
        assert ours == [(MOMENT, "a", {"number": 3, "text": "路灯"})]
        theirs = connection.execute(
            sa.select(AuditEntry.at, AuditEntry.subject, AuditEntry.detail)
        ).one()
        assert ours == [tuple(theirs)]
        assert connection.scalar(sa.select(User.active)) is True
        assert connection.scalar(sa.select(Upload.body)) == b"\x00\xff"
        active = Statement(lambda _dialect: sa.select(User.active).where(User.active))
        assert active.row(connection, {}) == (True,)


def test_rows_come_in_the_order_of_what_was_asked(database: Database) -> None:
    with database.write_connection() as connection:
        ids = ENTER.rows(connection, [entry("b"), entry("a"), entry("a")])
        assert len(set(ids)) == 3
        found = BY_SUBJECT.rows(connection, [{"subject": one} for one in "abc"])
        assert [subject for _, subject, _ in found] == ["a", "a", "b"]
        assert BY_SUBJECT.row(connection, {"subject": "c"}) is None
        assert ENTER.rows(connection, []) == []


def test_several_statements_go_together(database: Database) -> None:
    with database.write_connection() as connection:
        none, people, entries = in_one_trip(
            connection, (ENTER, []), (ADD_USER, [user("wang"), user("li")]), (ENTER, [entry("a")])
        )
        assert (none, people) == ([], [])
        assert len(entries) == 1
        assert set(connection.scalars(sa.select(User.name))) == {"wang", "li"}


def test_what_stands_already_does_not_spoil_the_transaction(database: Database) -> None:
    with database.write_connection() as connection:
        ADD_USER.rows(connection, [user("wang")])
        (id_,) = connection.scalars(sa.select(User.id))
        names = [upload(name, id_) for name in ("one", "one", "two")]
        assert IN_PEACE.rows(connection, names) == [("one",), ("two",)]
        assert connection.scalar(sa.select(sa.func.count()).select_from(Upload)) == 2


@pytest.mark.parametrize("times", [1, 2])
def test_a_fault_is_sqlalchemys_and_ends_the_transaction(database: Database, times: int) -> None:
    """Whoever writes together with others tells a broken database from a broken row by its kind."""
    with database.write_connection() as connection:
        ADD_USER.rows(connection, [user("wang")])

    def fail() -> None:
        with database.write_connection() as connection:
            ENTER.rows(connection, [entry("a")])
            ADD_USER.rows(connection, [user("wang")] * times)

    with pytest.raises(sa.exc.IntegrityError):
        fail()
    with database.read_connection() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 0
    with database.write_connection() as connection:  # and the connection is as good as before
        ENTER.rows(connection, [entry("b")])


@pytest.mark.parametrize("text", ["路灯 \"坏了\" \\x41 'O''Brien'", "表情 😀\t\n", "null", "{}"])
def test_texts_are_kept_to_the_letter(database: Database, text: str) -> None:
    """However its rows travel, and beside what stands in JSON itself."""
    with database.write_connection() as connection:
        ENTER.rows(connection, [entry(text, said=text, none=None, half=0.1), entry("other")])
    with database.read_connection() as connection:
        assert BY_SUBJECT.row(connection, {"subject": text}) == (
            MOMENT,
            text,
            {"said": text, "none": None, "half": 0.1},
        )


def test_what_no_column_takes_is_a_fault_of_the_program(database: Database) -> None:
    with database.write_connection() as connection, pytest.raises((TypeError, sa.exc.DBAPIError)):
        ENTER.rows(connection, [{**entry("a"), "subject": object()}])


def test_whoever_listens_to_statements_hears_of_these(database: Database) -> None:
    heard: list[str] = []

    def listen(_connection: object, _cursor: object, text: str, *_: object) -> None:
        heard.append(text)

    sa.event.listen(database.engine, "before_cursor_execute", listen)
    with database.write_connection() as connection:
        ENTER.rows(connection, [entry("a"), entry("b")])
        ENTER.rows(connection, [entry("c")])
    times = sum("INSERT INTO audit_entries" in text for text in heard)
    assert times == (3 if database.is_sqlite else 2)  # PostgreSQL takes rows together
