"""``minyi area``: the tree of places."""

from __future__ import annotations

from typing import BinaryIO

import click
import sqlalchemy as sa

from surveys import areas
from webapp.cli.office import opened
from webapp.cli.speaking import _, columns


@click.group()
def area() -> None:
    """Places: import, list."""


@area.command("import")
@click.argument("file", type=click.File("rb"))
def import_(file: BinaryIO) -> None:
    """Add the places of a CSV file: code, parent, level, name, name_en."""
    with opened().database.write() as session:
        number = areas.import_csv(session, file)
    click.echo(_("%(number)d places are added.", number=number))


@area.command("list")
def list_() -> None:
    """All places, by code."""
    with opened().database.read() as session:
        every = list(session.scalars(sa.select(areas.Area).order_by(areas.Area.code)))
    if every:
        click.echo(columns((one.code, one.level, one.name_zh, one.name_en) for one in every))
