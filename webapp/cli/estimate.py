"""``minyi estimate``: weighted rates, means, totals, ratios and quantiles of any data file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from analysis import DesignError, Estimates, SurveyDesign, files
from analysis.associations import (
    GroupTest,
    Regression,
    TableTest,
    rank_test,
    rao_scott,
    regress,
    t_test,
)
from analysis.calibration.distances import METHODS as DISTANCES
from analysis.design import LONELY
from analysis.engines import ENGINES
from analysis.families import ADJUSTMENTS
from analysis.intervals import METHODS
from analysis.options import Options
from analysis.quantiles import Quantiles
from webapp.cli.estimate_options import (
    Df,
    Given,
    Numbers,
    Pick,
    Picked,
    Quantile,
    Ratio,
    Replicates,
    Scales,
    matching,
    read_margins,
)
from webapp.cli.speaking import Refusal, _

Result = Estimates | Quantiles | TableTest | GroupTest | Regression
Results = Sequence[Result]
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True)
class Request:
    """The options of the command, by their names there."""

    weights: str | None
    strata: str | None
    psu: tuple[str, ...]
    fpc: tuple[str, ...]
    nest: bool
    lonely_psu: str
    pps: str | None
    margins: Path | None
    calibrate: str
    bounds: tuple[float, float] | None
    trim: tuple[float, float] | None
    replicates: tuple[str, float | None] | None
    seed: int | None
    repweights: tuple[str, ...]
    rep_type: tuple[str, float | None] | None
    rep_scale: float | None
    rep_rscales: list[float] | None
    mse: bool
    rates: tuple[Picked, ...]
    means: tuple[str, ...]
    totals: tuple[str, ...]
    ratios: tuple[tuple[str, str], ...]
    quantiles: tuple[tuple[str, list[float]], ...]
    tests: tuple[str, ...]
    models: tuple[str, ...]
    by: tuple[str, ...]
    where: tuple[Picked, ...]
    missing: str
    ci: str
    level: float
    df: float | str
    target: float
    adjust: str | None
    deff: bool
    engine: str
    format_: str

    def design(self, data: Path) -> SurveyDesign:
        """Declare the design, calibrate its weights and make its replicates, as asked."""
        design = SurveyDesign(
            data if self.engine == "duckdb" else files.read(data),
            strata=self.strata, psu=self.psu, weights=self.weights, fpc=self.fpc, nest=self.nest,
            lonely_psu=self.lonely_psu, pps=self.pps, engine=self.engine,
        )  # fmt: skip
        if self.margins is not None:
            margins = read_margins(self.margins)
            design = design.calibrate(margins, self.calibrate, bounds=self.bounds, trim=self.trim)
        elif self.trim is not None:
            design = design.trim(self.trim[1], self.trim[0])
        if self.repweights:
            columns = matching(self.repweights, design.engine.names)
            kind, rho = self.rep_type or ("other", None)
            return design.with_replicate_weights(
                columns, kind,
                rho=rho or 0, scale=self.rep_scale, rscales=self.rep_rscales, mse=self.mse,
            )  # fmt: skip
        if self.replicates is not None:
            kind, number = self.replicates
            made = {"rho": number} if kind == "fay" else {"replicates": int(number or 0)}
            design = design.replicate(kind, seed=self.seed, **made)
        return design

    def results(self, design: SurveyDesign) -> Results:
        """Estimate everything that is asked for."""
        options: Options = {
            "by": self.by,
            "where": {name: codes or [] for name, codes in self.where},
            "missing": self.missing.split(",") if self.missing else (),
            "df": self.df,
        }
        return [
            *(design.rate(name, codes, **options) for name, codes in self.rates),
            *(design.mean(name, **options) for name in self.means),
            *(design.total(name, **options) for name in self.totals),
            *(design.ratio(above, below, **options) for above, below in self.ratios),
            *(
                design.quantile(name, probabilities, level=self.level, **options)
                for name, probabilities in self.quantiles
            ),
        ]

    def shown(self, result: Result) -> dict[str, Any]:
        """Return how a result is to be shown; only rates are judged."""
        if isinstance(result, GroupTest | Regression):
            return {"level": self.level}
        if isinstance(result, Quantiles | TableTest):
            return {}
        judged = result.statistic == "rate"
        return {
            "method": self.ci, "level": self.level, "target": self.target if judged else None,
            "family": self.adjust if judged else None, "deff": self.deff,
        }  # fmt: skip


@click.command()
@click.argument("data", type=FILE)
@click.option("--weights", metavar="COL", help="Weights; else they follow from the fpc, else 1.")
@click.option("--strata", metavar="COL", help="Strata.")
@click.option("--psu", metavar="COL", multiple=True, help="Sampling units, once for each stage.")
@click.option(
    "--fpc", metavar="COL", multiple=True,
    help="Population sizes (above 1) or sampling fractions, once for each stage.",
)  # fmt: skip
@click.option("--nest", is_flag=True, help="PSU labels start anew in each stratum.")
@click.option("--lonely-psu", type=click.Choice(LONELY), default="fail", show_default=True)
@click.option("--pps", type=click.Choice(["brewer"]), help="The fpc holds inclusion probabilities.")
@click.option("--margins", type=FILE, help="CSV of population totals: variable, category, total.")
@click.option("--calibrate", type=click.Choice(DISTANCES), default="rake", show_default=True)
@click.option("--bounds", type=Numbers(), help="Of calibrated over base weight.")
@click.option("--trim", type=Numbers(), help="Of the weights, in turn with calibration.")
@click.option("--replicates", type=Replicates(), help="Standard errors from replicate weights.")
@click.option("--seed", type=click.IntRange(min=0), help="Of the bootstrap.")
@click.option(
    "--repweights", metavar="PATTERN", multiple=True,
    help="Columns of replicate weights, such as 'rep*'.",
)  # fmt: skip
@click.option("--rep-type", type=Given(), help="What they are.")
@click.option("--rep-scale", type=float, help="Multiplies the sum of squared deviations.")
@click.option("--rep-rscales", type=Scales(), help="Multiply each squared deviation.")
@click.option("--mse", is_flag=True, help="Deviations from the estimate, not from the mean.")
@click.option("--rate", "rates", type=Pick(), multiple=True, help="A 0/1 column, or codes of one.")
@click.option("--mean", "means", metavar="VAR", multiple=True)
@click.option("--total", "totals", metavar="VAR", multiple=True)
@click.option("--ratio", "ratios", type=Ratio(), multiple=True)
@click.option("--quantile", "quantiles", type=Quantile(), multiple=True)
@click.option(
    "--test", "tests", metavar="VAR", multiple=True,
    help="Does it go with VAR? Rates: Rao–Scott. Means, of two groups: t and ranks.",
)  # fmt: skip
@click.option(
    "--model", "models", metavar="'Y ~ A + B'", multiple=True,
    help="Regression; Y=CODE,… or a 0/1 column is logistic.",
)  # fmt: skip
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
@click.option("--adjust", type=click.Choice(list(ADJUSTMENTS)), help="Verdicts as one family.")
@click.option("--deff", is_flag=True, help="The design effect with replacement, too, and the CV.")
@click.option("--engine", type=click.Choice(ENGINES), default="numpy", show_default=True)
@click.option(
    "--format", "format_", type=click.Choice(["table", "json", "csv"]), default="table",
    show_default=True,
)  # fmt: skip
def estimate(data: Path, **given: Any) -> None:
    """Estimate rates and means of the respondents in DATA (.csv, .parquet, .sav, .dta)."""
    request = Request(**given)
    if not any((request.rates, request.means, request.totals, request.ratios, request.quantiles,
                request.models)):  # fmt: skip
        raise click.UsageError(
            "Say what to estimate: --rate, --mean, --total, --ratio, --quantile or --model."
        )
    if request.repweights and request.replicates:
        raise click.UsageError("Take --repweights or --replicates, not both.")
    if request.tests and not (request.rates or request.means):
        raise click.UsageError("Say what to test: a --rate or a --mean.")
    try:
        design = request.design(data)
        results = [*request.results(design), *associations(request, design)]
        said = WRITERS[request.format_](request, design, results)
    except DesignError as error:
        raise Refusal(error.said(_)) from error
    click.echo(said, nl=False)


def associations(request: Request, design: SurveyDesign) -> list[Result]:
    """Run the tests and fit the models that are asked for."""
    where = {name: codes or [] for name, codes in request.where}
    missing = request.missing.split(",") if request.missing else ()
    found: list[Result] = []
    for other in request.tests:
        found += [
            rao_scott(design, name, other, codes=codes, where=where, missing=missing)
            for name, codes in request.rates
        ]
        for name in request.means:
            found += [test(design, name, other, where) for test in (t_test, rank_test)]
    return found + [regress(design, formula, where=where) for formula in request.models]


def as_table(request: Request, design: SurveyDesign, results: Results) -> str:
    """Write one table for each statistic, under a line on the design."""
    told = design.described()
    head = ", ".join(f"{name} {value}" for name, value in told.items() if value not in (None, []))
    tables = [result.table(**request.shown(result)) for result in results]
    return "\n\n".join([head, *tables]) + "\n"


def as_json(request: Request, design: SurveyDesign, results: Results) -> str:
    """Write the design and the estimates as one JSON object."""
    said: dict[str, Any] = {"design": design.described(), "estimates": []}
    for result in results:
        kind = {TableTest: "tests", GroupTest: "tests", Regression: "models"}.get(type(result))
        records = result.records(**request.shown(result))
        if isinstance(result, Regression):
            records = [{"formula": result.formula, "terms": records}]
        said.setdefault(kind or "estimates", []).extend(records)
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def as_csv(
    request: Request,
    design: SurveyDesign,  # noqa: ARG001
    results: Results,
) -> str:
    """Write all estimates as one CSV table; what does not apply is empty."""
    rows = [
        row for result in results for row in result.to_arrow(**request.shown(result)).to_pylist()
    ]
    text = io.StringIO()
    columns = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


WRITERS: dict[str, Callable[[Request, SurveyDesign, Results], str]] = {
    "table": as_table,
    "json": as_json,
    "csv": as_csv,
}
