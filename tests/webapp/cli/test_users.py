"""``minyi user``."""

from __future__ import annotations

import re

from surveys import people
from surveys.office import Office
from tests.support import record
from tests.webapp.cli.conftest import Minyi


def password_in(output: str) -> str:
    found = re.search(r"Password: (\S+) \(shown this once\)", output)
    assert found, output
    return found[1]


def opens(office: Office, name: str, password: str) -> bool:
    with office.database.read() as session:
        return people.verify(session, name, password) is not None


def test_the_password_of_a_new_user_is_printed_once(minyi: Minyi, sqlite_office: Office) -> None:
    output = minyi("user", "add", "wang", "--role", "admin").output
    assert output.startswith("User wang (admin) is added.")
    assert opens(sqlite_office, "wang", password_in(output))
    assert "wang  admin  -" in minyi("user", "list").output


def test_a_full_name_is_given_and_changed(minyi: Minyi, sqlite_office: Office) -> None:
    minyi("user", "add", "vol03", "--role", "volunteer", "--full-name", "王芳")
    assert "王芳" in minyi("user", "list").output
    said = minyi("user", "set-full-name", "vol03", "王小芳").output
    assert said == "The full name of vol03 is noted.\n"
    with sqlite_office.database.read() as session:
        assert people.get(session, "vol03").full_name == "王小芳"


def test_a_user_is_confined_to_a_branch(minyi: Minyi, sqlite_office: Office) -> None:
    with sqlite_office.database.write() as session:
        east = record.township(session).id
    minyi("user", "add", "wang", "--area", "hekou")
    with sqlite_office.database.read() as session:
        assert people.get(session, "wang").area_id == east
    assert "code mars" in minyi("user", "add", "li", "--area", "mars", status=1).stderr


def test_a_reset_prints_a_password_that_replaces_the_old_one(
    minyi: Minyi, sqlite_office: Office
) -> None:
    old = password_in(minyi("user", "add", "wang").output)
    new = password_in(minyi("user", "reset-password", "wang").output)
    assert opens(sqlite_office, "wang", new)
    assert not opens(sqlite_office, "wang", old)
    assert minyi("user", "reset-password", "li", status=1).stderr == "There is no user li.\n"
