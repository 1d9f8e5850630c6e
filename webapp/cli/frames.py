"""``minyi frame``: the list of addresses."""

from __future__ import annotations

from typing import BinaryIO

import click

from surveys import areas, frames
from webapp.cli.office import opened
from webapp.cli.speaking import _, columns


@click.group()
def frame() -> None:
    """The list of addresses: import, show."""


@frame.command("import")
@click.argument("file", type=click.File("rb"))
def import_(file: BinaryIO) -> None:
    """Add the addresses of a CSV file: community, housing, address (or building, unit, door)."""
    office = opened()
    with office.database.write() as session:
        number = frames.import_csv(session, office.keys, file)
    click.echo(_("%(number)d addresses are added.", number=number))


@frame.command()
def show() -> None:
    """How many addresses each community has, by type of housing."""
    with opened().database.read() as session:
        counts = frames.counts(session)
        communities = areas.communities(session, None)
    rows = [
        (one.code, one.name_zh, *(counts[one.id][housing] for housing in frames.HOUSING))
        for one in communities
        if one.id in counts
    ]
    click.echo(columns([(_("community"), "", *frames.HOUSING), *rows]))
