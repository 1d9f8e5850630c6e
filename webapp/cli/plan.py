"""``minyi plan``: how many interviews the next wave of a township needs, where, and whose work."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from surveys import areas
from surveys.sampling import planning
from surveys.sampling.planning import Aims, Need, Planning, Work
from webapp.cli.office import opened
from webapp.cli.speaking import _, columns

SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)


@click.command()
@click.argument("area")
@click.option("--interviews", type=click.IntRange(1), help="To share out, if they are given.")
@click.option("--margin", type=SHARE, default=0.05, show_default=True, help="Of the township.")
@click.option("--community-margin", type=SHARE, default=0.10, show_default=True)
@click.option("--target", type=SHARE, default=0.85, show_default=True, help="Of the verdict.")
@click.option("--true-rate", type=SHARE, default=0.90, show_default=True, help="To be decided.")
@click.option("--power", type=SHARE, default=0.8, show_default=True, help="Of the decision.")
@click.option("--indicator", default="", help="Whose past counts; by default the worst.")
@click.option("--deff", type=float, default=1.5, show_default=True, help="If nothing is known.")
@click.option("--response-rate", type=SHARE, default=0.6, show_default=True, help="Likewise.")
@click.option("--pairs", type=click.IntRange(1), default=6, show_default=True, help="Volunteers.")
@click.option("--interviews-per-day", type=float, default=8.0, show_default=True, help="Of a pair.")
@click.option("--attempts-per-day", type=float, default=24.0, show_default=True, help="Of a pair.")
@click.option("--attempts-per-address", type=float, default=2.0, show_default=True)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
def plan(
    area: str, interviews: int | None, response_rate: float, form: str, **said: object
) -> None:
    """How many interviews does the next wave of AREA need?

    Response and design effect come from earlier locked waves; what is assumed is marked with *.
    """
    work = Work(**{name: said.pop(name) for name in vars(Work())})  # type: ignore[arg-type]
    aims = Aims(response=response_rate, **said)  # type: ignore[arg-type]
    with opened().database.read() as session:
        found = planning.plan(session, areas.get(session, area), aims, work, interviews)
    if form == "json":
        click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
    else:
        click.echo("\n\n".join((_needs(found), _options(found), _workloads(found))))


def _needs(found: Planning) -> str:
    head = (
        _("place"), "", _("adults"), _("response"), _("deff"),
        _("for the margin"), _("addresses"), _("for a verdict"), _("addresses"),
    )  # fmt: skip
    return columns([head, *(_need(one) for one in (*found.communities, found.township))])


def _need(one: Need) -> tuple[object, ...]:
    known, verdict = one.experience, one.for_verdict
    mark = "" if known.waves else "*"
    decided = (verdict.interviews, verdict.addresses) if verdict else (_("cannot be decided"), "")
    return (
        one.code, one.name, f"{one.adults}{'' if one.is_counted else '*'}",
        f"{known.response:.0%}{mark}", f"{known.deff:.2f}{mark}",
        one.for_margin.interviews, one.for_margin.addresses, *decided,
    )  # fmt: skip


def _options(found: Planning) -> str:
    head = (_("interviews"), *(option.rule for option in found.options))
    rows = [
        (one.code, *(f"{o.interviews[at]} (±{o.margins[at]:.1%})" for o in found.options))
        for at, one in enumerate(found.communities)
    ]
    whole = (f"{sum(o.interviews)} (±{o.margin:.1%})" for o in found.options)
    drawn = (sum(option.addresses) for option in found.options)
    return columns([head, *rows, (found.township.code, *whole), (_("addresses"), *drawn)])


def _workloads(found: Planning) -> str:
    head = (_("work"), _("attempts"), _("pair-days"), _("days of each pair"))
    rows = [
        (load.rule, load.attempts, f"{load.pair_days:.1f}", f"{load.days:.1f}")
        for load in found.workloads
    ]
    return columns([head, *rows])
