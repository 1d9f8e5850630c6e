"""The lock on the door: a right password opens it, too many wrong ones keep it shut for a while."""

from __future__ import annotations

import datetime as dt

from flask_babel import format_datetime
from sqlalchemy.orm import Session

from surveys import people
from surveys.database import now
from surveys.people import User
from surveys.problems import N_, Problem, Refused
from webapp.accounts.person import Person
from webapp.office import office

WINDOW = dt.timedelta(minutes=15)
TRIES_BY_NAME = 5
TRIES_BY_ADDRESS = 30  # a whole office may share one address


def open_with(name: str, password: str, address: str) -> User:
    """The account of a name and its password.

    An attempt counts as failed until the password has proved right: of many sent at once no more
    than the limit are looked at. The slow hash is computed while no transaction is held.

    Raises
    ------
    Refused
        Wrong, or tried too often for this name or from this network address.
    """
    by_name, by_address = _subjects(name, address)
    database = office().database
    with database.write() as session:
        _refuse_if_shut(session, by_name, TRIES_BY_NAME)
        _refuse_if_shut(session, by_address, TRIES_BY_ADDRESS)
        people.note_failure(session, by_name)
    with database.read() as session:
        user = people.verify(session, name, password)
    with database.write() as session:
        if user is None:
            people.note_failure(session, by_address)
        else:
            people.forget(session, by_name)
            user = session.merge(user)
            user.last_login_at = now()
    if user is None:
        raise Refused(Problem(N_("This name and this password do not go together.")))
    return user


def change(person: Person, present: str, chosen: str, address: str) -> User:
    """Give someone the password they chose, if they know the present one."""
    user = open_with(person.name, present, address)
    with office().database.write() as session:
        user = session.merge(user)
        people.reset_password(session, user, chosen, actor=person.name)
    return user


def release(session: Session, name: str) -> None:
    """Forget the failures of a name: its password is new."""
    people.forget(session, _subjects(name, "")[0])


def _subjects(name: str, address: str) -> tuple[str, str]:
    keys = office().keys
    return keys.subject("login", name), keys.subject("login from", address)


def _refuse_if_shut(session: Session, subject: str, limit: int) -> None:
    until = people.shut_until(session, subject, limit, WINDOW)
    if until is not None:
        # To the full minute after it, so that whoever waits as told is let in.
        minute = format_datetime(until + dt.timedelta(minutes=1), "HH:mm")
        text = N_("Too many failed attempts. Please try again after %(time)s.")
        raise Refused(Problem(text, {"time": minute}))
