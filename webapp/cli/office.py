"""The office that a command works on, and who is at the keyboard."""

from __future__ import annotations

import getpass
import os

import click
from sqlalchemy.exc import OperationalError

from surveys.office import Office
from surveys.problems import N_, Problem, Refused
from webapp.config import Settings


def opened() -> Office:
    """The office of ``MINYI_DATA`` and ``MINYI_DATABASE_URL``; it closes when the command ends.

    Raises
    ------
    Refused
        The database does not answer, or its schema is not that of this release.
    """
    settings = Settings.from_environment()
    office = Office.open(settings.data, settings.database_url)
    click.get_current_context().call_on_close(office.database.engine.dispose)
    try:
        is_ready = office.is_ready()
    except OperationalError as error:
        silent = N_("The database does not answer: %(reason)s")
        raise Refused(Problem(silent, {"reason": str(error.orig).strip()})) from error
    if not is_ready:
        raise Refused(Problem(N_("The database is not of this release. Run: minyi migrate")))
    return office


def actor() -> str:
    """Whom the audit trail names for what is done at this keyboard."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        name = str(os.getuid())
    return f"minyi:{name}"[:64]
