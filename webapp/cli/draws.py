"""``minyi draw``, ``minyi codes``: the sample of a wave, and what its slips say."""

from __future__ import annotations

import csv
import sys

import click

from surveys import draws, invitations, waves
from webapp.cli.office import actor, opened
from webapp.cli.speaking import _, columns
from webapp.config import Settings


@click.command()
@click.argument("wave")
@click.option("--per-community", type=click.IntRange(1), required=True, help="Addresses in each.")
def draw(wave: str, per_community: int) -> None:
    """Draw the sample of WAVE, once: systematic, by community and type of housing."""
    office = opened()
    with office.database.write() as session:
        one = waves.get(session, wave)
        units = draws.draw(session, office.keys, one, per_community, actor())
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
        slips = invitations.slips(session, office.keys, waves.get(session, wave))
    header = (_("community"), _("address"), _("code"), _("link"))
    rows = [
        (slip.community, slip.address, slip.code, f"{public_url}/i/{slip.code}") for slip in slips
    ]
    if form == "csv":
        click.echo("\ufeff", nl=False)  # so that spreadsheets read it as UTF-8
        csv.writer(sys.stdout, lineterminator="\r\n").writerows([header, *rows])
    else:
        click.echo(columns([header, *rows]))
