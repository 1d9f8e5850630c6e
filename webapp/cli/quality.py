"""``minyi quality``, ``minyi exclude``: what looks odd, and what is left out of a closed wave."""

from __future__ import annotations

import click

from surveys import waves
from surveys.areas import Area
from surveys.fieldwork import exclusions
from surveys.fieldwork import quality as flagging
from surveys.problems import N_, Problem, Refused
from webapp.cli.office import actor, opened
from webapp.cli.speaking import _, columns


@click.command()
@click.argument("wave")
def quality(wave: str) -> None:
    """Responses of WAVE worth a second look; a flag leaves nothing out."""
    with opened().database.read() as session:
        findings = flagging.findings(session, waves.get(session, wave))
        rows = [
            (
                finding.response.instance_id,
                session.get_one(Area, finding.response.community_id).code,
                finding.response.stream,
                finding.response.mode,
                " ".join(finding.flags),
                finding.exclusion.reason if finding.exclusion else "",
            )
            for finding in findings
        ]
    header = (_("response"), _("community"), _("stream"), _("mode"), _("flags"), _("left out"))
    click.echo(columns([header, *rows]))
    shown = {flag for finding in findings for flag in finding.flags}
    for flag, words in flagging.FLAGS.items():
        if flag in shown:
            click.echo(f"{flag}: {_(words)}")


@click.command()
@click.argument("wave")
@click.argument("instance")
@click.option("--reason", default="", help="Why; it is recorded.")
@click.option("--revoke", is_flag=True, help="Let it count again instead.")
def exclude(wave: str, instance: str, reason: str, revoke: bool) -> None:
    """Leave the response INSTANCE of a closed WAVE out of its rates."""
    if revoke and reason:
        raise Refused(Problem(N_("A response counts again without a reason.")))
    with opened().database.write() as session:
        response = exclusions.response_of(session, waves.get(session, wave), instance)
        if revoke:
            exclusions.revoke(session, response, actor())
        else:
            exclusions.exclude(session, response, reason, actor())
    said = N_("Response %(instance)s counts again.") if revoke else N_("%(instance)s is left out.")
    click.echo(_(said, instance=response.instance_id))
