"""``minyi sample-size``: how many interviews, and how many addresses for them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import click

from analysis.feasibility import SHOWN, aim, feasibility
from analysis.problems import DesignError
from analysis.sample_size import Fieldwork, SampleSize, for_decision, for_margin
from webapp.cli.speaking import Refusal, _, columns

TARGET, LEVEL, WORST = 0.85, 0.95, 0.5
VERDICTS = {"met": "met", "not_met": "not met"}


@dataclass(frozen=True)
class Question:
    """What was asked for; what was not is None."""

    margin: float | None
    power: float | None
    rate: float | None
    target: float | None
    level: float | None

    def check(self) -> None:
        """Refuse what does not go together."""
        if self.margin is not None:
            if self.power is not None:
                raise click.UsageError("Ask for a --margin or for a --power, not for both.")
            if self.target is not None:
                raise click.UsageError("A --margin has no --target; a decision (--power) has.")
        elif self.level is not None:
            raise click.UsageError(
                "--level goes with --margin: verdicts have a level of their own."
            )
        if self.power is not None and self.rate is None:
            raise click.UsageError("--power needs the true rate assumed: --rate 0.90.")


@click.command("sample-size")
@click.option("--margin", type=float, metavar="SHARE", help="Margin of error: 0.05 is ± 5 points.")
@click.option("--power", type=float, metavar="SHARE", help="Probability of a right verdict.")
@click.option("--rate", type=float, metavar="SHARE", help="The rate expected; 0.5 for a margin.")
@click.option("--target", type=float, metavar="SHARE", help="What a verdict asks for; 0.85.")
@click.option("--level", type=float, metavar="SHARE", help="Confidence of the margin; 0.95.")
@click.option("--population", type=int, metavar="ADULTS", help="Adults living there.")
@click.option("--deff", type=float, default=1.0, show_default=True, help="Design effect.")
@click.option(
    "--response-rate", type=float, default=1.0, show_default=True, metavar="SHARE",
    help="Share of drawn addresses that yield an interview.",
)  # fmt: skip
@click.option(
    "--format", "format_", type=click.Choice(["table", "json"]), default="table",
    show_default=True,
)  # fmt: skip
def sample_size(
    *,
    margin: float | None,
    power: float | None,
    rate: float | None,
    target: float | None,
    level: float | None,
    population: int | None,
    deff: float,
    response_rate: float,
    format_: str,
) -> None:
    """How many interviews a wave needs, and how many addresses.

    With --margin for a rate that precise, with --power for a verdict that likely, with neither
    for an observed rate to be decided.

    \b
    minyi sample-size --margin 0.05 --rate 0.85 --population 3000 --deff 1.5 --response-rate 0.6
    minyi sample-size --power 0.8 --rate 0.90 --target 0.85
    minyi sample-size --deff 1.4
    """
    question = Question(margin, power, rate, target, level)
    question.check()
    try:
        fieldwork = Fieldwork(population, deff, response_rate)
        said = (
            observed(question, fieldwork)
            if margin is None and power is None
            else planned(question, fieldwork)
        )
    except DesignError as error:
        raise Refusal(error.said(_)) from error
    table, record = said
    click.echo(table if format_ == "table" else json.dumps(record, indent=2))


def planned(question: Question, fieldwork: Fieldwork) -> tuple[str, dict[str, Any]]:
    """Return the size for a margin or a power, in words and as a record."""
    rate = given(question.rate, WORST)
    if question.margin is not None:
        level = given(question.level, LEVEL)
        size = for_margin(question.margin, rate, fieldwork, level=level)
        asked = f"± {100 * question.margin:g} points at {100 * level:g} % confidence"
        verdict = None
    else:
        target = given(question.target, TARGET)
        size = for_decision(rate, target, fieldwork, power=question.power)
        verdict = aim(rate, target)
        asked = (
            f"{VERDICTS[verdict]} against {100 * target:g} %, {100 * (size.power or 0):g} % likely"
        )
    lines = columns([("asked", asked), *in_words(size)])
    if not size.attainable:
        lines += "\n\n" + refusal(size)
    return lines, record(size, verdict)


def given(value: float | None, otherwise: float) -> float:
    """Return what was said, 0 included, or what goes without saying."""
    return otherwise if value is None else value


def in_words(size: SampleSize) -> list[tuple[str, str]]:
    """Say the three steps from precision to addresses."""
    work = size.fieldwork
    of = "" if work.population is None else f" of {work.population} adults"
    name = "simple" if size.target is None else "effective n"
    return [
        ("rate", f"{100 * size.rate:g} %"),
        (name, f"{size.simple}, a simple random sample{of}"),
        ("interviews", f"{size.interviews}, with design effect {work.deff:g}"),
        ("addresses", f"{size.addresses}, at a response rate of {100 * work.response_rate:g} %"),
    ]


def refusal(size: SampleSize) -> str:
    """Say that there are too few people."""
    what = "Cannot be reached" if size.target is None else "Cannot be decided"
    return (
        f"{what}: it takes {size.addresses} addresses with one adult each, "
        f"of {size.fieldwork.population} adults."
    )


def record(size: SampleSize, verdict: str | None) -> dict[str, Any]:
    """Return a size as it stands in JSON: what was asked, what was assumed, what it takes."""
    fields = {name: value for name, value in asdict(size).items() if value is not None}
    assumed = fields.pop("fieldwork")
    return {
        **fields, **assumed,
        **({} if verdict is None else {"verdict": verdict}),
        "attainable": size.attainable,
    }  # fmt: skip


def observed(question: Question, fieldwork: Fieldwork) -> tuple[str, list[dict[str, Any]]]:
    """Return what it takes for observed rates to be decided, as a table and as records."""
    target = given(question.target, TARGET)
    rates = SHOWN if question.rate is None else (question.rate,)
    if question.rate is not None:
        aim(question.rate, target)  # says so where no sample decides it
    rows: list[tuple[object, ...]] = [
        ("observed", "verdict", "interval", "effective n", "interviews", "addresses", "")
    ]
    records = []
    for row in feasibility(target, rates):
        size = for_decision(row.rate, target, fieldwork, power=None)
        rows.append(
            (
                f"{100 * row.rate:g} %", VERDICTS[row.verdict], row.by_interval, row.effective_n,
                size.interviews, size.addresses, "" if size.attainable else "cannot be decided",
            )
        )  # fmt: skip
        records.append(record(size, row.verdict) | {"by_interval": row.by_interval})
    head = f"What it takes to be decided against {100 * target:g} %, by the rate observed\n\n"
    return head + columns(rows), records
