"""``minyi user``: who may log in."""

from __future__ import annotations

import datetime as dt

import click

from surveys import areas, people
from webapp.cli.office import actor, opened
from webapp.cli.speaking import _, columns


@click.group()
def user() -> None:
    """People who log in: add, reset-password, set-full-name, set-grid, list."""


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(people.ROLES), default="staff", show_default=True)
@click.option("--area", help="Code of the branch they are for; by default everything.")
@click.option("--full-name", default="", help="Printed on papers; by default NAME is.")
def add(name: str, role: str, area: str | None, full_name: str) -> None:
    """Add NAME and print the password, once."""
    with opened().database.write() as session:
        branch = areas.get(session, area) if area else None
        added, password = people.add_user(
            session, name, role, branch, actor=actor(), full_name=full_name
        )
    click.echo(_("User %(name)s (%(role)s) is added.", name=added.name, role=role))
    _hand_over(password)


@user.command("reset-password")
@click.argument("name")
def reset_password(name: str) -> None:
    """Print a new password for NAME, once; every session of theirs ends."""
    with opened().database.write() as session:
        person = people.get(session, name)
        password = people.reset_password(session, person, actor=actor())
    click.echo(_("User %(name)s has a new password and is logged out everywhere.", name=name))
    _hand_over(password)


@user.command("set-full-name")
@click.argument("name")
@click.argument("full_name")
def set_full_name(name: str, full_name: str) -> None:
    """Say that papers print FULL_NAME for NAME; "" for NAME itself."""
    with opened().database.write() as session:
        people.set_full_name(session, people.get(session, name), full_name, actor=actor())
    click.echo(_("The full name of %(name)s is noted.", name=name))


@user.command("set-grid")
@click.argument("name")
@click.argument("grid")
def set_grid(name: str, grid: str) -> None:
    """Say in which GRID NAME lives or works: they are never sent there."""
    with opened().database.write() as session:
        people.set_grid(session, people.get(session, name), grid, actor=actor())
    click.echo(_("The own grid of %(name)s is noted.", name=name))


@user.command("list")
def list_() -> None:
    """Everyone, with role and last login."""
    with opened().database.read() as session:
        everyone = people.every(session)
    if everyone:
        click.echo(
            columns(
                (one.name, one.role, _day(one.last_login_at), one.full_name) for one in everyone
            )
        )


def _day(moment: dt.datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "-"


def _hand_over(password: str) -> None:
    click.echo(_("Password: %(password)s (shown this once)", password=password))
