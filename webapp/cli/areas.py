"""``minyi area``: the tree of places."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import click
import sqlalchemy as sa

from surveys import areas
from webapp.cli.office import opened
from webapp.cli.speaking import _, columns, say


@click.group()
def area() -> None:
    """Places: import, list."""


@area.command("import")
@click.argument("file", type=click.File("rb"))
def import_(file: BinaryIO) -> None:
    """Add the places of FILE (CSV or XLSX: code, parent, level, name, name_en), or rename them."""
    with opened().database.write() as session:
        result = areas.import_list(session, file, Path(file.name).name)
    for remark in result.remarks:
        click.echo(say(remark), err=True)
    click.echo(
        _(
            "%(added)d places are added, %(updated)d renamed, %(unchanged)d as they were.",
            added=result.added,
            updated=result.updated,
            unchanged=result.unchanged,
        )
    )


@area.command("list")
def list_() -> None:
    """All places, by code."""
    with opened().database.read() as session:
        every = list(session.scalars(sa.select(areas.Area).order_by(areas.Area.code)))
    if every:
        click.echo(columns((one.code, one.level, one.name_zh, one.name_en) for one in every))
