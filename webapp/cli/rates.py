"""``minyi rates``: every stored figure of a wave, made again and compared bit for bit."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields

import click
import sqlalchemy as sa

from surveys import waves
from surveys.areas import Area
from surveys.results import estimates
from surveys.results.estimates import Difference
from surveys.results.figures import Figure
from webapp.cli.office import opened
from webapp.cli.speaking import _, columns

FORMATS = ("table", "json", "csv")


@click.command()
@click.argument("wave")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.pass_context
def rates(context: click.Context, wave: str, form: str) -> None:
    """Make the figures of WAVE again from its snapshot, weights and definitions.

    The exit status is 1 if any of them is not, bit for bit, the one that is stored.
    """
    office = opened()
    with office.database.read() as session:
        one = waves.get(session, wave)
        made = estimates.estimate(office, session, one)
        differences = estimates.compare(estimates.of_wave(session, one), made)
        names = {area.code: area.name_zh for area in session.scalars(sa.select(Area))}
    if form == "json":
        said = {
            "wave": wave,
            "figures": [asdict(figure) for figure in made],
            "differences": [asdict(difference) for difference in differences],
        }
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
    elif form == "csv":
        _as_csv(made)
    else:
        click.echo(columns([_HEADER, *(_row(figure, names) for figure in made)]))
    _conclude(context, made, differences)


_HEADER = (
    *("stream", "indicator", "area", "name", "estimate", "lower", "upper", "n", "n_effective"),
    *("missing", "target", "verdict"),
)


def _row(figure: Figure, names: dict[str, str]) -> Sequence[str]:
    """A rate in per cent, an index in points; of the open link the unweighted share."""
    scale = 100 if figure.kind == "rate" else 1
    shown = figure.estimate if figure.stream == "sample" else figure.unweighted
    return (
        figure.stream,
        figure.indicator,
        figure.area,
        names[figure.area],
        *(_number(value, scale) for value in (shown, figure.lower, figure.upper)),
        str(figure.n),
        _number(figure.n_effective),
        str(figure.missing),
        _number(figure.target, scale),
        figure.verdict or "-",
    )


def _number(value: float | None, scale: int = 1) -> str:
    return "-" if value is None else f"{value * scale:.1f}"


def _as_csv(made: Sequence[Figure]) -> None:
    writer = csv.DictWriter(sys.stdout, [field.name for field in fields(Figure)])
    writer.writeheader()
    for figure in made:
        row = asdict(figure)
        row["modes"] = " ".join(f"{mode}:{n}" for mode, n in figure.modes.items())
        writer.writerow(row)


def _conclude(
    context: click.Context, made: Sequence[Figure], differences: Sequence[Difference]
) -> None:
    """Say on the other stream what the comparison found; the figures stay clean to be piped."""
    if not differences:
        same = _("%(number)d figures, each of them as it is stored.", number=len(made))
        click.echo(same, err=True)
        return
    for difference in differences:
        text = _(
            "%(stream)s %(indicator)s %(area)s: %(field)s is stored as %(stored)s and comes out "
            "as %(recomputed)s.",
            **asdict(difference),
        )
        click.echo(text, err=True)
    context.exit(1)
