"""``minyi margins``: how many adults live where."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import BinaryIO

import click

from surveys.weighting import margins as of_population
from webapp.cli.office import opened
from webapp.cli.speaking import _, say


@click.group()
def margins() -> None:
    """Population margins: import, check."""


@margins.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--source", required=True, help="Where the figures come from.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day they are of.")
def import_(file: BinaryIO, source: str, as_of: dt.datetime | None) -> None:
    """Store the margins of FILE, CSV or XLSX: area, adults, and sex, age, housing."""
    day = as_of.date() if as_of else None
    with opened().database.write() as session:
        number = of_population.import_list(session, file, Path(file.name).name, source, day)
    click.echo(_("%(number)d margins are stored.", number=number))


@margins.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """What is missing or does not add up; the exit status is 1 if anything is."""
    with opened().database.read() as session:
        problems = of_population.check(session)
    for problem in problems:
        click.echo(say(problem))
    if problems:
        ctx.exit(1)
    click.echo(_("The margins fit together."))
