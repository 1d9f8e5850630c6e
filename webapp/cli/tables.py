"""``minyi tables``: how every question was answered, made again and compared with what is kept."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
import sqlalchemy as sa

from surveys import waves
from surveys.problems import N_, Problem, Refused
from surveys.reading import editions
from surveys.results import breakdowns
from surveys.results.items import Table
from surveys.results.snapshots import Snapshot
from surveys.weighting.weight_sets import WeightSet
from webapp.cli.office import opened
from webapp.cli.speaking import _, columns


@click.command()
@click.argument("wave")
@click.argument("question", default="")
@click.option("--by", default="", help="Crossed with another question, community or mode.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@click.pass_context
def tables(context: click.Context, wave: str, question: str, by: str, form: str) -> None:
    """Make the tables of WAVE again from its files; of QUESTION alone if one is named.

    What was locked before tables were kept is kept now. The exit status is 1 if a table is not,
    bit for bit, the one that is stored.
    """
    office = opened()
    with office.database.read() as session:
        edition = editions.of(session, waves.get(session, wave))
        if edition is None:
            text = N_("Wave %(code)s is not a locked measurement: it has no tables.")
            raise Refused(Problem(text, {"code": wave}))
        snapshot = session.scalars(
            sa.select(Snapshot).where(Snapshot.wave_id == edition.wave.id)
        ).one()
        weight_set = session.get_one(WeightSet, edition.weight_set_id)
        made = breakdowns.compute(office, session, snapshot, weight_set)
        stored = breakdowns.tables(session, weight_set.id)
    if not stored:
        with office.database.write() as session:
            breakdowns.store(session, weight_set, made)
        stored = made[0]
    shown = [one for one in made[0] if (not question or one.question == question) and one.by == by]
    if form == "json":
        click.echo(json.dumps([asdict(one) for one in shown], ensure_ascii=False, indent=2))
    else:
        click.echo(columns([_HEADER, *(row for one in shown for row in _rows(one))]))
    if made[0] != stored:
        click.echo(_("The tables come out otherwise than they are stored."), err=True)
        context.exit(1)
    click.echo(_("%(number)d tables, each of them as it is stored.", number=len(stored)), err=True)


_HEADER = ("question", "by", "group", "answer", "weighted", "lower", "upper", "unweighted", "n")


def _rows(table: Table) -> list[tuple[str, ...]]:
    return [
        (
            table.question,
            table.by or "-",
            group.code or "-",
            share.answer,
            *(
                "-" if value is None else f"{value * 100:.1f}"
                for value in (share.share, share.lower, share.upper, share.unweighted)
            ),
            str(share.n),
        )
        for group in table.groups
        for share in group.shares
    ]
