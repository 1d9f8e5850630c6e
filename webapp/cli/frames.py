"""``minyi frame``: the list of addresses."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import click

from surveys import areas
from surveys.sampling import frames
from webapp.cli.office import opened
from webapp.cli.speaking import _, columns, say


@click.group()
def frame() -> None:
    """The list of addresses: import, show."""


@frame.command("import")
@click.argument("file", type=click.File("rb"))
def import_(file: BinaryIO) -> None:
    """Add the addresses of FILE, CSV or XLSX, or bring them up to date.

    Its columns are community, housing, address (or building, unit, door) and grid.
    """
    office = opened()
    with ExitStack() as stack:
        session = stack.enter_context(office.database.write())
        quiet = not sys.stderr.isatty()
        label = _("Importing addresses")
        bar = stack.enter_context(
            click.progressbar(length=1, label=label, file=sys.stderr, hidden=quiet)
        )

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        name = Path(file.name).name
        result = frames.import_list(session, office.keys, file, name, progress)
    for duplicate in result.duplicates:
        click.echo(say(duplicate), err=True)
    click.echo(
        _(
            "%(added)d addresses are added, %(updated)d updated, %(unchanged)d as they were;"
            " %(duplicates)d stood twice.",
            added=result.added,
            updated=result.updated,
            unchanged=result.unchanged,
            duplicates=len(result.duplicates),
        )
    )


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
