"""``minyi frame``, ``minyi draw``, ``minyi codes``: addresses, the sample, the slips."""

from __future__ import annotations

import csv
import sys
from typing import BinaryIO

import click

from surveys import areas, frames, waves
from webapp.cli.office import actor, opened
from webapp.cli.speaking import _, columns
from webapp.config import Settings


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


@click.command()
@click.argument("wave")
@click.option("--per-community", type=click.IntRange(1), required=True, help="Addresses in each.")
def draw(wave: str, per_community: int) -> None:
    """Draw the sample of WAVE, once: systematic, by community and type of housing."""
    office = opened()
    with office.database.write() as session:
        one = waves.get(session, wave)
        units = frames.draw(session, office.keys, one, per_community, actor())
    click.echo(
        _("%(number)d addresses are drawn (seed %(seed)d).", number=len(units), seed=one.seed)
    )


@click.command()
@click.argument("wave")
@click.option("--format", "form", type=click.Choice(["text", "csv"]), default="text")
def codes(wave: str, form: str) -> None:
    """What the slips of WAVE say: community, address, code, link."""
    office = opened()
    public_url = Settings.from_environment().public_url
    with office.database.read() as session:
        slips = frames.slips(session, office.keys, waves.get(session, wave))
    header = (_("community"), _("address"), _("code"), _("link"))
    rows = [
        (slip.community, slip.address, slip.code, f"{public_url}/i/{slip.code}") for slip in slips
    ]
    if form == "csv":
        click.echo("\ufeff", nl=False)  # so that spreadsheets read it as UTF-8
        csv.writer(sys.stdout, lineterminator="\r\n").writerows([header, *rows])
    else:
        click.echo(columns([header, *rows]))
