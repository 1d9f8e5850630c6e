"""``minyi compare``, ``minyi rank``, ``minyi trend``: what several waves and communities say."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import areas, waves
from surveys.areas import Area
from surveys.problems import N_, Problem, Refused
from surveys.results import periods, rankings, trends
from surveys.waves import Wave
from webapp.cli.office import opened
from webapp.cli.speaking import columns

FORMATS = ("table", "json", "csv")
Row = Mapping[str, Any]

format_option = click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True
)


@click.command()
@click.argument("wave1")
@click.argument("wave2")
@click.option("--by", type=click.Choice(["community"]), help="The communities too.")
@click.option("--indicator", multiple=True, help="Only these.")
@format_option
def compare(wave1: str, wave2: str, by: str | None, indicator: tuple[str, ...], form: str) -> None:
    """Change from WAVE1 to WAVE2, with its standard error, interval and test.

    Households in both waves are linked; `adjusted` is the change at WAVE1's mix of modes; p_holm
    is adjusted across the communities.
    """
    from surveys.results import between

    office = opened()
    with office.database.read() as session:
        first, second = (waves.get(session, code) for code in (wave1, wave2))
        found = between.compare(office, session, first, second)
        whole = session.get_one(Area, second.area_id).code
    rows = [
        asdict(one)
        for one in found
        if (by or one.area == whole) and (not indicator or one.indicator in indicator)
    ]
    _known(indicator, {one.indicator for one in found})
    shown = ("indicator", "area", "change", "se", "lower", "upper", "p", "p_holm", "significant")
    _say({"waves": [wave1, wave2], "changes": rows}, rows, (*shown, "adjusted", "common"), form)


@click.command()
@click.argument("wave")
@click.option("--indicator", multiple=True, help="Only these; by default all of them.")
@click.option("--period", default="", help="2026Q3 or 2026: by the pooled figures up to WAVE.")
@format_option
def rank(wave: str, indicator: tuple[str, ...], period: str, form: str) -> None:
    """Ranks of WAVE's communities: rank, interval of the true rank, band against the township."""
    office = opened()
    with office.database.read() as session:
        one = waves.get(session, wave)
        every = rankings.of_wave(session, one, None)
        if not every:
            text = N_("Wave %(code)s has no ranks: only a locked measurement has.")
            raise Refused(Problem(text, {"code": wave}))
        found = [row for row in every if row.period == period]
        if not found:
            text = N_("Wave %(code)s has no period %(period)s; there are: %(periods)s.")
            named = ", ".join(sorted({row.period for row in every} - {""}))
            raise Refused(Problem(text, {"code": wave, "period": period, "periods": named}))
    _known(indicator, {row.indicator for row in found})
    order = list(dict.fromkeys(row.indicator for row in found))
    rows = [
        asdict(row)
        for row in sorted(
            (row for row in found if not indicator or row.indicator in indicator),
            key=lambda row: (order.index(row.indicator), row.rank is None, row.rank or 0, row.area),
        )
    ]
    shown = ("indicator", "area", "rank", "rank_from", "rank_to", "band", "difference")
    bounds = ("difference_lower", "difference_upper")
    _say({"wave": wave, "period": period or None, "ranks": rows}, rows, (*shown, *bounds), form)


@click.command()
@click.argument("indicator")
@click.option("--area", help="Code; by default the area of the newest locked wave.")
@click.option(
    "--span", type=click.Choice(["wave", "quarter", "year"]), default="wave", show_default=True,
    help="Wave by wave with the smoothed level, or pooled.",
)  # fmt: skip
@format_option
def trend(indicator: str, area: str | None, span: str, form: str) -> None:
    """INDICATOR over time: estimates, smoothed level with its band, changes of level.

    A wave that stands alone lies beyond chance from all others: its level is the estimate.
    """
    office = opened()
    with office.database.read() as session:
        place = areas.get(session, area) if area else _newest(session)
        if span == "wave":
            rows = _points(trends.of(session, place, indicator))
        else:
            rows = [asdict(one) for one in periods.of(session, place, indicator, span)]
    if not rows:
        text = N_("There is no trend of %(indicator)s in %(area)s.")
        raise Refused(Problem(text, {"indicator": indicator, "area": place.code}))
    level = ("estimate", "level", "lower", "upper")
    shown: tuple[str, ...] = ("wave", "month", *level, "changed", "alone")
    if span != "wave":
        shown = ("period", "estimate", "se", "lower", "upper", "n", "n_effective", "verdict")
    _say({"indicator": indicator, "area": place.code, "points": rows}, rows, shown, form)


def _points(found: trends.Trend | None) -> list[Row]:
    """One row for each wave."""
    if found is None:
        return []
    names = {
        "waves": "wave", "months": "month", "estimates": "estimate", "levels": "level",
        "lower": "lower", "upper": "upper", "changed": "changed", "alone": "alone",
    }  # fmt: skip
    if lacking := names.keys() - found.points.keys():
        text = N_(
            "This trend was made by an earlier release, without %(columns)s: weigh its first wave "
            "again (minyi weigh %(code)s), and all trends are made anew."
        )
        params = {"columns": ", ".join(sorted(lacking)), "code": found.points["waves"][0]}
        raise Refused(Problem(text, params))
    columns_ = [found.points[name] for name in names]
    return [dict(zip(names.values(), row, strict=True)) for row in zip(*columns_, strict=True)]


def _newest(session: Session) -> Area:
    query = (
        sa.select(Area)
        .join(Wave, Wave.area_id == Area.id)
        .where(Wave.state == "locked", Wave.kind == "measurement")
        .order_by(Wave.month.desc(), Wave.code.desc())
        .limit(1)
    )
    found: Area | None = session.scalar(query)
    if found is None:
        raise Refused(Problem(N_("No wave is locked yet.")))
    return found


def _known(asked: Sequence[str], there: set[str]) -> None:
    for name in asked:
        if name not in there:
            text = N_("There is no indicator %(name)s; there are: %(names)s.")
            raise Refused(Problem(text, {"name": name, "names": ", ".join(sorted(there))}))


def _say(said: Row, rows: Sequence[Row], shown: Sequence[str], form: str) -> None:
    if form == "json":
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
    elif form == "csv":
        writer = csv.DictWriter(sys.stdout, list(rows[0]) if rows else list(shown))
        writer.writeheader()
        writer.writerows(rows)
    else:
        table = [[_cell(row[name]) for name in shown] for row in rows]
        click.echo(columns([shown, *table]))


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
