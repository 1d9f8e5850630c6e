"""``minyi weigh``: weigh a locked wave otherwise; the sets before it stay."""

from __future__ import annotations

import click

from surveys.weighting import recipes
from webapp.cli.office import actor, opened
from webapp.cli.speaking import _, columns, setting


@click.command()
@click.argument("wave")
@click.option(
    "--set", "settings", multiple=True, help="NAME=VALUE of the recipe, as often as needed."
)
@click.option("--margins", is_flag=True, help="Take the margins as they stand in the record now.")
def weigh(wave: str, settings: tuple[str, ...], *, margins: bool) -> None:
    """Make a new set of weights and figures for the locked WAVE.

    \b
    minyi weigh 2026-09 --set nonresponse=propensity --set trim=4
    minyi weigh 2026-09 --set 'margins=["sex*age", "community", "housing"]'
    """
    from surveys.results import locking

    recipe = dict(setting(text, "--set") for text in settings) if settings else None
    recipes.Recipe.of(recipe or {})
    made = locking.weigh_again(opened(), wave, recipe, actor(), with_present_margins=margins)
    rows = [
        (step["step"], *(_number(step["after"].get(name)) for name in _COLUMNS))
        for step in made.settings["steps"]
    ]
    click.echo(columns([("", *_COLUMNS), *rows]))
    if skipped := made.settings["steps"][-1].get("skipped"):
        click.echo(skipped, err=True)
    click.echo(_("Wave %(code)s has weight set %(number)d.", code=wave, number=made.number))


_COLUMNS = ("n", "sum", "min", "max", "unequal")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.10g}"
