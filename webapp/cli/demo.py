"""``minyi demo``: a township to try things on."""

from __future__ import annotations

import click

from surveys import demonstration
from surveys.office import Office
from webapp.cli.office import opened
from webapp.cli.speaking import _


@click.command()
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=demonstration.SEED,
    show_default=True,
    help="The same one makes the same township, answers and figures.",
)
def demo(seed: int) -> None:
    """Make the demonstration township in an empty database."""
    build_with_progress(opened(), seed)


def build_with_progress(office: Office, seed: int = demonstration.SEED) -> None:
    """Make the township and show on the terminal how far it has come."""
    label = _("Making the demonstration township")
    with click.progressbar(length=demonstration.STEPS, label=label) as bar:
        demonstration.build(office, seed, progress=lambda: bar.update(1))
