"""``minyi wave``: a round of fieldwork from its making to its lock."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click

from surveys import areas, responses, waves
from surveys.problems import N_, Problem, Refused
from surveys.questionnaires import published
from surveys.rules import LONGEST_EMBARGO, SELECTIONS, Rules
from webapp.cli.office import actor, opened
from webapp.cli.speaking import _, columns, say, setting
from webapp.config import Settings

DAY = click.DateTime(["%Y-%m-%d"])
SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)


@click.group()
def wave() -> None:
    """Rounds of fieldwork: create, open, close, lock, list, show."""


@wave.command()
@click.argument("code")
@click.option("--title", required=True, help="Title in Chinese.")
@click.option("--title-en", default="", help="Title in English.")
@click.option("--area", required=True, help="Code of the township.")
@click.option("--month", help="The month it belongs to; by default the code's, as in 2026-11.")
@click.option(
    "--questionnaire", default="neighbourhood-life", show_default=True, help="Its latest version."
)
@click.option("--kind", type=click.Choice(waves.KINDS), default=waves.KINDS[0], show_default=True)
@click.option("--sponsor", default="", help="The body that set the survey.")
@click.option("--approval-number", default="", help="Of the approval or filing.")
@click.option("--valid-until", type=DAY, help="Of the approval.")
@click.option("--target", "targets", multiple=True, help="INDICATOR=0.85, as often as needed.")
@click.option(
    "--selection", type=click.Choice(SELECTIONS), default=SELECTIONS[0], show_default=True,
    help="Which adult of a household is asked.",
)  # fmt: skip
@click.option(
    "--response-floor", type=SHARE, metavar="SHARE",
    help="RR2 of a community below which it is never met.",
)  # fmt: skip
@click.option("--fieldwork-from", type=DAY, help="First day of fieldwork.")
@click.option("--fieldwork-until", type=DAY, help="Last day of fieldwork.")
@click.option(
    "--embargo-days", type=click.IntRange(0, LONGEST_EMBARGO), default=14, show_default=True,
    help="Without campaigns, before fieldwork.",
)  # fmt: skip
@click.option(
    "--weighting", multiple=True, help="NAME=VALUE of the recipe, as often as needed: trim=4."
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Of the draw; by default random.")
def create(
    code: str,
    *,
    title: str,
    month: str | None,
    area: str,
    questionnaire: str,
    targets: tuple[str, ...],
    weighting: tuple[str, ...],
    fieldwork_from: dt.datetime | None,
    fieldwork_until: dt.datetime | None,
    valid_until: dt.datetime | None,
    title_en: str,
    kind: str,
    sponsor: str,
    approval_number: str,
    seed: int | None,
    **said: Any,
) -> None:
    """Make wave CODE; it stays a draft until it is opened, and its rules are fixed by then."""
    rules = Rules(
        targets=dict(map(_target, targets)) if targets else None,
        fieldwork_from=_day(fieldwork_from),
        fieldwork_until=_day(fieldwork_until),
        weighting=dict(setting(text, "--weighting") for text in weighting),
        **said,
    )
    with opened().database.write() as session:
        latest = published.latest(session, questionnaire)
        if latest is None:
            unknown = N_("There is no questionnaire %(name)s.")
            raise Refused(Problem(unknown, {"name": questionnaire}))
        waves.create(
            session,
            code=code,
            title_zh=title,
            title_en=title_en,
            month=month or code[:7],
            area=areas.get(session, area),
            questionnaire=latest,
            kind=kind,
            sponsor=sponsor,
            approval_number=approval_number,
            valid_until=_day(valid_until),
            rules=rules,
            seed=seed,
            actor=actor(),
        )
    click.echo(_("Wave %(code)s is made. Next: draw its sample, then open it.", code=code))


@wave.command("open")
@click.argument("code")
def open_(code: str) -> None:
    """Let answers in."""
    with opened().database.write() as session:
        warnings = waves.open_(session, waves.get(session, code), actor())
    for warning in (*warnings, *Settings.from_environment().warnings()):
        click.echo(say(warning), err=True)
    click.echo(_("Wave %(code)s is open.", code=code))


@wave.command()
@click.argument("code")
def close(code: str) -> None:
    """Let no more answers in."""
    with opened().database.write() as session:
        waves.close(session, waves.get(session, code), actor())
    click.echo(_("Wave %(code)s is closed.", code=code))


@wave.command()
@click.argument("code")
def lock(code: str) -> None:
    """Write the snapshot, weigh it, estimate: from then on the rates can be seen."""
    from surveys.results import locking

    locking.lock(opened(), code, actor())
    click.echo(_("Wave %(code)s is locked.", code=code))


@wave.command("list")
def list_() -> None:
    """All waves, the newest first."""
    with opened().database.read() as session:
        every = waves.every(session)
    if every:
        click.echo(columns((one.code, one.month, one.state, one.title_zh) for one in every))


@wave.command()
@click.argument("code")
def show(code: str) -> None:
    """What has come in so far: counts, never rates."""
    with opened().database.read() as session:
        one = waves.get(session, code)
        names = {area.id: area for area in areas.communities(session, one.area_id)}
        counts = responses.counts(session, one)
        held = responses.held(session, one)
    click.echo(columns([(one.code, one.month, one.state, one.title_zh)]))
    header = (_("community"), "", _("stream"), _("mode"), _("eligible"), _("ineligible"))
    rows = [
        (names[c.community_id].code, names[c.community_id].name_zh, c.stream, c.mode, *c[3:])
        for c in counts
    ]
    click.echo(columns([header, *rows]))
    for reason, number in held.items():
        click.echo(_("held (%(reason)s): %(number)d", reason=reason, number=number))


def _day(moment: dt.datetime | None) -> dt.date | None:
    return moment.date() if moment else None


def _target(text: str) -> tuple[str, float]:
    indicator, _equals, share = text.partition("=")
    try:
        return indicator, float(share)
    except ValueError:
        odd = N_("“%(text)s” is no target; write awareness=0.85.")
        raise Refused(Problem(odd, {"text": text}, "--target")) from None
