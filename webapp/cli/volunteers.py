"""``minyi assign``, ``recheck``, ``interviewers``, ``service-record``: who goes, who confirms."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
import sqlalchemy as sa

from analysis.interviewers.agreement import Agreement
from surveys import areas, people, waves
from surveys.database import now
from surveys.fieldwork import assignments, confirmation, rechecks
from surveys.fieldwork import interviewers as reporting
from surveys.fieldwork import service as serving
from surveys.fieldwork.service import Period
from surveys.fieldwork.visits import CHINA
from surveys.problems import N_, Problem, Refused
from surveys.sampling.units import SampledUnit
from webapp.cli.office import actor, opened
from webapp.cli.speaking import _, columns

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("wave")
@click.argument("volunteer")
@click.option("--community", metavar="CODE", required=True, help="Where.")
@click.option("--grid", default="", help="Only addresses of this grid.")
@click.option("--partner", default="", help="Who goes along.")
@click.option("--move", is_flag=True, help="Also what others have; otherwise what nobody has.")
def assign(
    wave: str, volunteer: str, *, community: str, grid: str, partner: str, move: bool
) -> None:
    """Send VOLUNTEER to the addresses of a community of WAVE, or of one of its grids."""
    with opened().database.write() as session:
        one = waves.get(session, wave)
        query = sa.select(SampledUnit).where(
            SampledUnit.wave_id == one.id,
            SampledUnit.community_id == areas.get(session, community).id,
            SampledUnit.released_at.is_not(None),
        )
        if grid:
            query = query.where(SampledUnit.grid == grid)
        units = session.scalars(query.order_by(SampledUnit.position)).all()
        if not move:
            taken = assignments.current(session, units)
            units = [unit for unit in units if unit.id not in taken]
        if not units:
            raise Refused(Problem(N_("No address is left to assign.")))
        give = assignments.move if move else assignments.assign
        user = people.get(session, volunteer)
        given = len(give(session, user, units, actor(), partner=partner))
    click.echo(_("%(number)d addresses are assigned to %(name)s.", number=given, name=volunteer))


@click.group()
def recheck() -> None:
    """Re-checks of a wave: draw, report."""


@recheck.command()
@click.argument("wave")
def draw(wave: str) -> None:
    """Draw one in ten interviews of WAVE to be confirmed, and give them out."""
    with opened().database.write() as session:
        one = waves.get(session, wave)
        drawn = len(rechecks.draw(session, one, actor()))
        given = rechecks.distribute(session, one, actor())
    click.echo(_("%(drawn)d interviews are drawn, %(given)d given out.", drawn=drawn, given=given))


@recheck.command()
@click.argument("wave")
def report(wave: str) -> None:
    """What the re-checks of WAVE say: pairs by name, with exact 95 % intervals."""
    with opened().database.read() as session:
        found = confirmation.of_wave(session, waves.get(session, wave))
    header = (
        _("pair"),
        _("drawn"),
        _("done"),
        _("took place"),
        _("right person"),
        _("same answer"),
    )
    rows = [
        (
            *(" + ".join(pair) or "–", one.drawn, one.done),
            *(_agreed(each) for each in (one.took_place, one.right_person, one.answers)),
        )
        for pair, one in [*sorted(found.by_pair.items()), ((_("all"),), found.whole)]
    ]
    click.echo(columns([header, *rows]))


@click.command()
@click.argument("wave")
def interviewers(wave: str) -> None:
    """The interviewer effect in WAVE: intraclass correlation, interval, design effect."""
    with opened().database.read() as session:
        found = reporting.report(session, waves.get(session, wave))
    header = (_("indicator"), "rho", _("lower"), _("upper"), "deff", _("pairs"), "n")
    rows = [
        (
            one.indicator.name,
            *(f"{value:.4f}" for value in (one.effect.rho, one.effect.lower, one.effect.upper)),
            *(f"{one.effect.deff:.2f}", one.effect.interviewers, one.effect.n),
        )
        for one in found.effects
    ]
    click.echo(columns([header, *rows]))


@click.command("service-record")
@click.argument("name", required=False)
@click.option("--from", "first", type=DAY, help="By default the first of this year.")
@click.option("--until", "last", type=DAY, help="By default today.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path),
    help="Write the certificate of NAME as a PDF.",
)  # fmt: skip
def service_record(
    name: str | None, *, first: dt.datetime | None, last: dt.datetime | None, output: Path | None
) -> None:
    """Visits, times out and declared hours of volunteers, or of NAME."""
    from surveys.fieldwork import certificate

    today = now().astimezone(CHINA).date()
    period = Period(
        first.date() if first else dt.date(today.year, 1, 1), last.date() if last else today
    )
    with opened().database.read() as session:
        users = [people.get(session, name)] if name else people.every(session)
        volunteers = [user for user in users if user.role == "volunteer" or name]
        found = serving.of_users(session, volunteers, period)
        every = waves.every(session)
        newest = max(every, key=lambda wave: (wave.month, wave.code), default=None)
        place = session.get(areas.Area, newest.area_id) if newest else None
    header = (_("volunteer"), _("visits"), _("times out"), _("hours"))
    rows = [(one.name, one.visits, one.days, certificate.hours(one)) for one in found]
    click.echo(columns([header, *rows]))
    if output and name:
        output.write_bytes(
            certificate.made(
                found[0],
                period,
                place=place.name_zh if place else "",
                sponsor=newest.sponsor if newest else "",
                today=today,
                synthetic=newest.synthetic if newest else False,
            )
        )


def _agreed(agreement: Agreement) -> str:
    if not agreement.n:
        return "–"
    lower, upper = agreement.bounds
    return f"{agreement.agreed}/{agreement.n} ({lower:.0%}–{upper:.0%})"
