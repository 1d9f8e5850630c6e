"""``minyi tables``: how every question was answered, made again and compared with what is kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import click
import sqlalchemy as sa

from surveys import waves
from surveys.office import Office
from surveys.problems import N_, Problem, Refused
from surveys.reading import editions
from surveys.results import associations, breakdowns, weighed
from surveys.results.associations import Asked
from surveys.results.figures import GroupFigure
from surveys.results.items import Table
from surveys.results.snapshots import Snapshot
from surveys.weighting.weight_sets import WeightSet
from webapp.cli.office import opened
from webapp.cli.speaking import _, columns


@click.command()
@click.argument("wave")
@click.argument("question", default="")
@click.option("--by", default="", help="Crossed with another question, community or mode.")
@click.option("--groups", is_flag=True, help="Instead the headline rates by sex, age, housing.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
def tables(wave: str, question: str, by: str, groups: bool, form: str) -> None:
    """Make the tables of WAVE again from its files; of QUESTION alone if one is named.

    What was locked before tables were kept is kept now. The exit status is 1 if a table is not,
    bit for bit, the one that is stored.
    """
    office = opened()
    weight_set_id, made, stored = _remade(office, wave)
    if groups:
        _say_groups(made[1], form)
        same = made[1] == stored[1]
    else:
        _known(question, [one.question for one in made[0]])
        _known(by, [one.by for one in made[0]])
        shown = [one for one in made[0] if question in ("", one.question) and one.by == by]
        tests, same = _tests(office, weight_set_id, shown if question and by else [])
        _say_tables(shown, tests, form)
        same &= made[0] == stored[0]
    if not same:
        click.echo(_("The tables come out otherwise than they are stored."), err=True)
        click.get_current_context().exit(1)
    said = _("%(number)d tables, each of them as it is stored.", number=len(stored[0]))
    click.echo(said, err=True)


def _remade(office: Office, code: str) -> tuple[int, breakdowns.Breakdowns, breakdowns.Breakdowns]:
    """The weight set of a wave, its breakdowns made again, and those that are stored."""
    with office.database.read() as session:
        edition = editions.of(session, waves.get(session, code))
        if edition is None:
            text = N_("Wave %(code)s is not a locked measurement: it has no tables.")
            raise Refused(Problem(text, {"code": code}))
        snapshot = session.scalars(
            sa.select(Snapshot).where(Snapshot.wave_id == edition.wave.id)
        ).one()
        weight_set = session.get_one(WeightSet, edition.weight_set_id)
        made = breakdowns.compute(weighed.read(office, session, snapshot, weight_set))
        stored = breakdowns.of(session, weight_set.id)
    if not stored[0]:
        with office.database.write() as session:
            breakdowns.store(session, weight_set, made)
        stored = made
    return edition.weight_set_id, made, stored


def _say_tables(shown: Sequence[Table], tests: associations.Content, form: str) -> None:
    if form == "json":
        click.echo(_json([asdict(one) | tests for one in shown]))
        return
    click.echo(columns([_HEADER, *(row for one in shown for row in _rows(one))]))
    for test in tests.get("tests", ()):
        click.echo("\n" + columns([list(test), [_cell(value) for value in test.values()]]))


def _say_groups(shown: Sequence[GroupFigure], form: str) -> None:
    if form == "json":
        click.echo(_json([asdict(one) for one in shown]))
        return
    header = ("area", "indicator", "variable", "category", "estimate", "lower", "upper", "n")
    rows = [[_cell(getattr(one, name)) for name in header] for one in shown]
    click.echo(columns([header, *rows]))


def _json(said: object) -> str:
    return json.dumps(said, ensure_ascii=False, indent=2)


def _tests(
    office: Office, weight_set_id: int, shown: Sequence[Table]
) -> tuple[associations.Content, bool]:
    """The test of the one table that is shown, and whether it is the one that is kept."""
    if len(shown) != 1:
        return {}, True
    asked = Asked(associations.TEST, shown[0].question, shown[0].by)
    made = associations.again(office, weight_set_id, asked)
    return made, associations.alike(associations.read(office, weight_set_id, asked), made)


@click.command(name="associations")
@click.argument("wave")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@click.pass_context
def low_satisfaction(context: click.Context, wave: str, form: str) -> None:
    """Make again what goes with low satisfaction in WAVE: who, and with what, others alike.

    Effects are shares: 0.05 is five points more who are not satisfied. The exit status is 1 if they
    are not, to nine digits, those that are kept.
    """
    office = opened()
    with office.database.read() as session:
        edition = editions.of(session, waves.get(session, wave))
    if edition is None or SATISFACTION not in edition.indicators:
        text = N_("Wave %(code)s is not a locked measurement of satisfaction.")
        raise Refused(Problem(text, {"code": wave}))
    models, same = {}, True
    for kind in (associations.WHO, associations.WHAT):
        asked = Asked(kind, SATISFACTION)
        models[kind] = associations.again(office, edition.weight_set_id, asked)
        kept = associations.read(office, edition.weight_set_id, asked)
        same &= associations.alike(kept, models[kind])
    if form == "json":
        click.echo(_json({"wave": wave, **models}))
    else:
        shown = ("variable", "code", "n", "effect", "lower", "upper", "p", "p_holm", "odds_ratio")
        for kind, model in models.items():
            rows = [[kind, *(_cell(one[name]) for name in shown)] for one in model["terms"]]
            click.echo(columns([("model", *shown), *rows]))
            if model["why"]:
                click.echo(f"{kind}: {model['why']}")
    if not same:
        click.echo(_("The models come out otherwise than they are stored."), err=True)
        context.exit(1)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


SATISFACTION = "satisfaction"


def _known(name: str, there: Sequence[str]) -> None:
    if name and name not in there:
        text = N_("There is no table of %(name)s; there are: %(names)s.")
        names = ", ".join(filter(None, dict.fromkeys(there)))
        raise Refused(Problem(text, {"name": name, "names": names}))


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
