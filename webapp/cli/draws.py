"""``minyi draw``, ``release``, ``codes``, ``slips``: the sample of a wave, and its invitations."""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from pathlib import Path

import click

from surveys import areas, waves
from surveys.sampling import draws, invitations, reserves
from surveys.sampling.plans import METHODS, Plan
from webapp.cli.office import actor, opened
from webapp.cli.speaking import _, columns
from webapp.config import Settings


@click.command()
@click.argument("wave")
@click.option("--per-community", type=click.IntRange(1), required=True, help="Addresses in each.")
@click.option("--method", type=click.Choice(METHODS), default=METHODS[0], show_default=True)
@click.option("--grids", type=click.IntRange(9), default=9, help="In each, with two stages.")
@click.option("--batches", type=click.IntRange(0, 9), default=0, help="Reserve batches.")
@click.option(
    "--reserve", type=click.FloatRange(0, 1, min_open=True), default=0.25, show_default=True,
    metavar="SHARE", help="Size of each batch, of the main sample.",
)  # fmt: skip
@click.option("--previous", metavar="WAVE", help="An earlier wave to rotate with.")
@click.option(
    "--keep", type=click.FloatRange(0, 1), default=0.0, metavar="SHARE",
    help="How much of its sample stays.",
)  # fmt: skip
def draw(
    wave: str,
    *,
    per_community: int,
    method: str,
    grids: int,
    batches: int,
    reserve: float,
    previous: str | None,
    keep: float,
) -> None:
    """Draw the sample of WAVE, once: systematic, by community and type of housing."""
    plan = Plan(per_community, method, grids, batches, reserve, previous, keep)
    office = opened()
    with office.database.write() as session:
        one = waves.get(session, wave)
        main, *reserves = draws.draw(session, office.keys, one, plan, actor())
    click.echo(_("%(number)d addresses are drawn (seed %(seed)d).", number=main, seed=one.seed))
    if batches:
        click.echo(_("%(number)d more are in reserve.", number=sum(reserves)))


@click.command()
@click.argument("wave")
@click.argument("batch", type=click.IntRange(2))
@click.option("--community", metavar="CODE", help="Only there.")
def release(wave: str, batch: int, community: str | None) -> None:
    """Release reserve BATCH of WAVE, whole: because too few were reached, never for answers."""
    with opened().database.write() as session:
        units = reserves.release(session, waves.get(session, wave), batch, community, actor())
        number = len(units)
    click.echo(_("%(number)d addresses are released.", number=number))


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


@click.command()
@click.argument("wave")
@click.option("--community", metavar="CODE", help="Only its slips.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True,
    help="The PDF to write.",
)  # fmt: skip
def slips(wave: str, community: str | None, output: Path) -> None:
    """Print the door slips of WAVE: a PDF, four to a sheet of A4, with cut marks."""
    from surveys import printing
    from surveys.sampling import slips as paper

    office = opened()
    with office.database.write() as session:
        place = areas.get(session, community).code if community else None
        found = paper.of_wave(session, office.keys, waves.get(session, wave), place, actor())
    settings = Settings.from_environment()
    found = replace(found, contact=settings.contact, retention=settings.retention)
    output.write_bytes(paper.pdf(found, settings.public_url))
    click.echo(_("%(number)d slips are in %(file)s.", number=len(found.slips), file=output))
    if strange := printing.unprintable("".join(slip.address for slip in found.slips)):
        click.echo(_("The font lacks %(characters)s: look at those.", characters=strange), err=True)
