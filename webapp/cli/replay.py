"""``minyi replay``: draw, weights and figures of a wave, made again and compared."""

from __future__ import annotations

import click

from surveys import waves
from webapp.cli.office import opened
from webapp.cli.speaking import _, say


@click.command()
@click.argument("wave")
@click.pass_context
def replay(context: click.Context, wave: str) -> None:
    """Make the draw, the weights and the figures of WAVE again from their records.

    The exit status is 1 if anything does not come out as it is recorded.
    """
    from surveys.results import replay as replaying

    office = opened()
    with office.database.read() as session:
        problems = replaying.replay(office, session, waves.get(session, wave))
    for problem in problems:
        click.echo(say(problem), err=True)
    if problems:
        context.exit(1)
    click.echo(_("Wave %(code)s comes out again as it is recorded.", code=wave))
