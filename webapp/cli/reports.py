"""``minyi report``: the papers of a wave."""

from __future__ import annotations

from pathlib import Path

import click

from surveys import waves
from webapp.cli.office import opened
from webapp.cli.speaking import _, language

_OUTPUT = click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE",
    help="Where to write; by default under the paper's own name in this folder.",
)  # fmt: skip


@click.group()
def report() -> None:
    """Make papers of a wave: Word, Excel and PDF, from the stored figures."""


def _paper(name: str) -> click.Command:
    """The command of one paper."""
    from webapp import reports

    paper = reports.PAPERS[name]

    def command(wave: str, output: Path | None, community: str | None = None) -> None:
        office = opened()
        made = reports.make(office, name, wave, community)
        file = output or Path(paper.file_of(wave))
        file.write_bytes(made)
        click.echo(_("%(title)s: %(file)s", title=_(paper.title), file=file))

    command.__doc__ = paper.says
    made: click.Command = click.command(name)(click.argument("wave")(_OUTPUT(command)))
    if name == "sheets":
        made.params.append(click.Option(["--community"], metavar="CODE", help="Only its sheet."))
    return made


@report.command(name="all")
@click.argument("wave")
@click.pass_context
def every(context: click.Context, wave: str) -> None:
    """Make every paper of WAVE in the data folder; one that fails leaves the others standing.

    The exit status is 1 if one failed.
    """
    from webapp.reports import PAPERS
    from webapp.reports.workshop import Workshop

    office = opened()
    with office.database.read() as session:
        locked = waves.get(session, wave).state == "locked"
    names = [name for name, paper in PAPERS.items() if locked or not paper.from_the_lock]
    workshop = Workshop(office, wave)
    with click.progressbar(length=len(names), label=_("Making papers")) as bar:
        pieces = workshop.make(names, progress=lambda _name: bar.update(1))
    for piece in pieces:
        said = piece.failure.get(language()) or workshop.file(piece.name)
        click.echo(_("%(title)s: %(file)s", title=_(PAPERS[piece.name].title), file=said))
    context.exit(int(any(piece.failure for piece in pieces)))


@report.command()
def templates() -> None:
    """Put copies of the house's templates into the data folder, to be changed there."""
    from webapp import reports

    for file in reports.copy_templates(opened()):
        click.echo(file)


for _name in ("bulletin", "ranking", "weekly", "sheets", "technical"):
    report.add_command(_paper(_name))
