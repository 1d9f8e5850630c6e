"""``minyi campaign``: publicity, and whether it came too close to a wave."""

from __future__ import annotations

import datetime as dt

import click

from surveys import areas, waves
from surveys.fieldwork import campaigns
from webapp.cli.office import actor, opened
from webapp.cli.speaking import _, columns

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def campaign() -> None:
    """Campaign visits: add, list."""


@campaign.command()
@click.argument("area")
@click.argument("title")
@click.argument("starts", type=DAY)
@click.argument("ends", type=DAY, required=False)
@click.option("--grid", default="", help="Only this grid of the community.")
@click.option("--reach", type=click.IntRange(0), help="Households reached, where counted.")
def add(
    area: str,
    title: str,
    starts: dt.datetime,
    ends: dt.datetime | None,
    *,
    grid: str,
    reach: int | None,
) -> None:
    """Register a visit in AREA from STARTS to ENDS, by default one day."""
    with opened().database.write() as session:
        visit = campaigns.register(
            session,
            areas.get(session, area),
            title,
            starts.date(),
            ends.date() if ends else None,
            grid=grid,
            reach=reach,
            actor=actor(),
        )
        breached = [
            one.code
            for one in waves.every(session)
            if any(breach.visit is visit for breach in campaigns.embargo(session, one))
        ]
    click.echo(_("The visit is registered."))
    for code in breached:
        click.echo(_("It falls into the embargo before wave %(code)s.", code=code), err=True)


@campaign.command("list")
@click.option("--area", help="Code of a branch; by default everything.")
@click.option("--wave", help="Only what falls into the embargo of this wave.")
def list_(area: str | None, wave: str | None) -> None:
    """The visits, the latest first; with --wave those that came too close to it."""
    with opened().database.read() as session:
        if wave:
            breaches = campaigns.embargo(session, waves.get(session, wave))
            found = [(one.visit, one.community) for one in breaches]
        else:
            found = campaigns.visits(session, areas.get(session, area).id if area else None)
    rows = [
        (visit.starts, visit.ends, place.code, place.name_zh, visit.grid or "–", visit.title)
        for visit, place in found
    ]
    header = (_("from"), _("until"), _("area"), "", _("grid"), _("title"))
    click.echo(columns([header, *rows]))
