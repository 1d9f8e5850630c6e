"""``minyi estimate``: weighted rates, means, totals and ratios of any data file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from analysis import DesignError, Estimates, SurveyDesign, files
from analysis.design import LONELY
from analysis.intervals import METHODS
from analysis.options import Options

Picked = tuple[str, list[str] | None]


class Refusal(click.ClickException):
    """Something about the data or the design cannot be; exit status 1."""


class Pick(click.ParamType[Picked]):
    """``VAR`` or ``VAR=CODE,CODE``."""

    name = "VAR[=CODE,...]"

    def __init__(self, *, codes_needed: bool = False) -> None:
        self.codes_needed = codes_needed

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Picked:
        """Split the name from the codes; the name may itself hold ``=`` only before a last one."""
        name, sign, codes = str(value).rpartition("=")
        if not sign:
            name, codes = str(value), ""
        if (sign or self.codes_needed) and not (name and codes):
            self.fail(f"{value!r} is not of the form VAR=CODE,CODE.", param, ctx)
        return name, codes.split(",") if sign else None


class Ratio(click.ParamType[tuple[str, str]]):
    """``NUM/DEN``."""

    name = "NUM/DEN"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split numerator and denominator."""
        numerator, _, denominator = str(value).partition("/")
        if not (numerator and denominator):
            self.fail(f"{value!r} is not of the form NUM/DEN.", param, ctx)
        return numerator, denominator


class Df(click.ParamType[float | str]):
    """``auto`` or a number."""

    name = "auto|N"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | str:
        """Read the degrees of freedom."""
        if value == "auto":
            return "auto"
        try:
            df = float(value)
        except ValueError:
            df = -1
        if not df > 0:
            self.fail(f"{value!r} is neither auto nor a number above 0.", param, ctx)
        return df


@click.command()
@click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--weights", metavar="COL", help="Weights; else they follow from the fpc, else 1.")
@click.option("--strata", metavar="COL", help="Strata.")
@click.option("--psu", metavar="COL", multiple=True, help="Sampling units, once for each stage.")
@click.option(
    "--fpc", metavar="COL", multiple=True,
    help="Population sizes (above 1) or sampling fractions, once for each stage.",
)  # fmt: skip
@click.option("--nest", is_flag=True, help="PSU labels start anew in each stratum.")
@click.option("--lonely-psu", type=click.Choice(LONELY), default="fail", show_default=True)
@click.option("--rate", "rates", type=Pick(), multiple=True, help="A 0/1 column, or codes of one.")
@click.option("--mean", "means", metavar="VAR", multiple=True)
@click.option("--total", "totals", metavar="VAR", multiple=True)
@click.option("--ratio", "ratios", type=Ratio(), multiple=True)
@click.option("--by", metavar="VAR", multiple=True, help="Domains; several are crossed.")
@click.option(
    "--where", type=Pick(codes_needed=True), multiple=True, help="Only who holds one of the codes."
)
@click.option("--missing", metavar="CODE,...", default="", help="Codes that leave the base.")
@click.option("--ci", type=click.Choice(list(METHODS)), default="logit", show_default=True)
@click.option(
    "--level", type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95, show_default=True,
)  # fmt: skip
@click.option("--df", type=Df(), default="auto", show_default=True)
@click.option("--target", type=float, default=0.85, show_default=True, help="Judges the rates.")
@click.option(
    "--format", "format_", type=click.Choice(["table", "json", "csv"]), default="table",
    show_default=True,
)  # fmt: skip
def estimate(
    data: Path,
    *,
    weights: str | None,
    strata: str | None,
    psu: tuple[str, ...],
    fpc: tuple[str, ...],
    nest: bool,
    lonely_psu: str,
    rates: Sequence[Picked],
    means: Sequence[str],
    totals: Sequence[str],
    ratios: Sequence[tuple[str, str]],
    by: tuple[str, ...],
    where: Sequence[Picked],
    missing: str,
    ci: str,
    level: float,
    df: float | str,
    target: float,
    format_: str,
) -> None:
    """Estimate rates and means of the respondents in DATA (.csv or .parquet)."""
    if not (rates or means or totals or ratios):
        raise click.UsageError("Say what to estimate: --rate, --mean, --total or --ratio.")
    options: Options = {
        "by": by,
        "where": {name: codes or [] for name, codes in where},
        "missing": missing.split(",") if missing else (),
        "df": df,
    }
    try:
        design = SurveyDesign(
            files.read(data), strata=strata, psu=psu, weights=weights, fpc=fpc, nest=nest,
            lonely_psu=lonely_psu,
        )  # fmt: skip
        results = [
            *(design.rate(name, codes, **options) for name, codes in rates),
            *(design.mean(name, **options) for name in means),
            *(design.total(name, **options) for name in totals),
            *(design.ratio(numerator, denominator, **options) for numerator, denominator in ratios),
        ]
    except DesignError as error:
        raise Refusal(str(error)) from error
    click.echo(WRITERS[format_](design, results, ci, level, target), nl=False)


def as_table(
    design: SurveyDesign, results: list[Estimates], ci: str, level: float, target: float
) -> str:
    """Write one table for each statistic, under a line on the design."""
    told = design.described()
    head = ", ".join(f"{name} {value}" for name, value in told.items() if value not in (None, []))
    tables = [
        result.table(method=ci, level=level, target=judged(result, target)) for result in results
    ]
    return "\n\n".join([head, *tables]) + "\n"


def as_json(
    design: SurveyDesign, results: list[Estimates], ci: str, level: float, target: float
) -> str:
    """Write the design and the estimates as one JSON object."""
    records = [
        record for result in results for record in result.records(ci, level, judged(result, target))
    ]
    said = {"design": design.described(), "estimates": records}
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def as_csv(
    design: SurveyDesign,  # noqa: ARG001 - the writers are called alike
    results: list[Estimates],
    ci: str,
    level: float,
    target: float,
) -> str:
    """Write all estimates as one CSV table; what does not apply is empty."""
    rows = [
        row
        for result in results
        for row in result.to_arrow(ci, level, judged(result, target)).to_pylist()
    ]
    text = io.StringIO()
    columns = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def judged(result: Estimates, target: float) -> float | None:
    """Return the target for rates; other statistics are not judged."""
    return target if result.statistic == "rate" else None


WRITERS: dict[str, Callable[[SurveyDesign, list[Estimates], str, float, float], str]] = {
    "table": as_table,
    "json": as_json,
    "csv": as_csv,
}
