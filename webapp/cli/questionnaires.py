"""``minyi questionnaire``: publish a workbook, and read what is published."""

from __future__ import annotations

from pathlib import Path

import click
import sqlalchemy as sa

from surveys.problems import N_, Problem, Refused
from surveys.questionnaires import published
from surveys.questionnaires.definition import text_in
from surveys.questionnaires.published import PublishedQuestionnaire
from webapp.cli.office import actor, opened
from webapp.cli.speaking import _, columns, language


@click.group()
def questionnaire() -> None:
    """Questionnaires: add, list, show."""


@questionnaire.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def add(file: Path) -> None:
    """Publish FILE, an XLSForm workbook, for good; or say everything that is wrong with it."""
    with opened().database.write() as session:
        one = published.publish(session, file.read_bytes(), file.name, actor())
        definition = published.load(session, one.id)
    click.echo(
        _(
            "%(name)s %(version)s is published: %(questions)d questions, %(indicators)d "
            "indicators.",
            name=one.name,
            version=one.version,
            questions=sum(question.asks for question in definition.questions.values()),
            indicators=len(definition.indicators),
        )
    )


@questionnaire.command("list")
def list_() -> None:
    """Every version that is published, the newest last."""
    with opened().database.read() as session:
        rows = []
        for one in session.scalars(
            sa.select(PublishedQuestionnaire).order_by(PublishedQuestionnaire.id)
        ):
            title = text_in(published.load(session, one.id).title, language())
            rows.append((one.name, one.version, f"{one.published_at:%Y-%m-%d}", title))
    if rows:
        click.echo(columns(rows))


@questionnaire.command()
@click.argument("name")
def show(name: str) -> None:
    """The questions and indicators of the latest version of NAME."""
    with opened().database.read() as session:
        latest = published.latest(session, name)
        if latest is None:
            raise Refused(Problem(N_("There is no questionnaire %(name)s."), {"name": name}))
        definition = published.load(session, latest.id)
    click.echo(f"{text_in(definition.title, language())} ({latest.name} {latest.version})\n")
    click.echo(
        columns(
            (one.name, one.type, text_in(one.label, language()))
            for one in definition.questions.values()
        )
    )
    if definition.indicators:
        click.echo()
        click.echo(
            columns(
                (one.name, one.version, text_in(one.describes, language()))
                for one in definition.indicators
            )
        )
