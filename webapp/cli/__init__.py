"""The command line, ``minyi``: each command is loaded when it is called for.

What a command refuses is printed in the reader's language, and the exit status is 1.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from surveys.problems import Refused
from webapp.cli.speaking import say

# name → where it stands, and what `minyi --help` says of it without loading it
COMMANDS = {
    "run": ("serve:run", "Try Minyi: a demonstration township, then the server."),
    "serve": ("serve:serve", "Run the production server."),
    "migrate": ("serve:migrate", "Make the database, or bring it to this release."),
    "area": ("areas:area", "The tree of places."),
    "margins": ("margins:margins", "Population margins: import, check."),
    "user": ("users:user", "Who may log in."),
    "questionnaire": ("questionnaires:questionnaire", "Publish questionnaires."),
    "frame": ("frames:frame", "The list of addresses."),
    "wave": ("waves:wave", "Rounds of fieldwork: create, open, close, lock."),
    "plan": ("plan:plan", "How many interviews the next wave needs, and where."),
    "draw": ("draws:draw", "Draw the sample of a wave."),
    "release": ("draws:release", "Release a reserve batch of a wave."),
    "codes": ("draws:codes", "What the slips of a wave say."),
    "slips": ("draws:slips", "Print the door slips of a wave."),
    "campaign": ("campaigns:campaign", "Publicity, and whether it came too close to a wave."),
    "fieldwork": ("fieldwork:fieldwork", "How a wave stands; what attempts came to."),
    "assign": ("volunteers:assign", "Send a volunteer to addresses."),
    "recheck": ("volunteers:recheck", "Confirm one interview in ten: draw, report."),
    "interviewers": ("volunteers:interviewers", "How much interviewers make of the answers."),
    "service-record": ("volunteers:service_record", "What volunteers gave; certificates."),
    "quality": ("quality:quality", "Responses worth a second look before the lock."),
    "exclude": ("quality:exclude", "Leave a response of a closed wave out, with a reason."),
    "lock": ("waves:lock", "Snapshot, weights, figures: the end of a wave."),
    "weigh": ("weigh:weigh", "Weigh a locked wave otherwise; the sets before it stay."),
    "replay": ("replay:replay", "Draw, weights and figures made again and compared."),
    "report": ("reports:report", "Papers of a wave: Word, Excel and PDF."),
    "rates": ("rates:rates", "Recompute every stored figure of a wave."),
    "tables": ("tables:tables", "How every question of a wave was answered, recomputed."),
    "associations": ("tables:low_satisfaction", "What goes with low satisfaction in a wave."),
    "compare": ("waves_together:compare", "Change between two waves."),
    "rank": ("waves_together:rank", "Ranks of a wave's communities, with their intervals."),
    "trend": ("waves_together:trend", "An indicator over time."),
    "estimate": ("estimate:estimate", "Weighted rates of any CSV file."),
    "sample-size": ("sample_size:sample_size", "How many interviews a wave needs."),
    "demo": ("demo:demo", "Make the demonstration township."),
}


class Minyi(click.Group):
    """The commands by name; `minyi estimate` needs neither Flask nor a database."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """In the order in which an office needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(f"webapp.cli.{module}"), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List them without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a refusal is an answer and not a crash."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            for problem in refused.problems:
                click.echo(say(problem), err=True)
            ctx.exit(1)


@click.group(cls=Minyi)
@click.version_option(package_name="minyi")
def main() -> None:
    """Minyi 民意: what residents know, support, take part in and are satisfied with."""
