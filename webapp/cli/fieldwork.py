"""``minyi fieldwork``: how a wave stands, and what the attempts came to."""

from __future__ import annotations

import datetime as dt
from typing import BinaryIO

import click
from sqlalchemy.orm import Session

from surveys import areas, waves
from surveys.database import now
from surveys.fieldwork import attempts, receiving, rescue, uploads
from surveys.fieldwork.board import Row
from surveys.fieldwork.board import board as board_of
from surveys.fieldwork.dispositions import DISPOSITIONS
from surveys.fieldwork.visits import CHINA
from surveys.keys import Keys
from surveys.problems import N_, Problem, Refused
from surveys.sampling import invitations
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from webapp.cli.office import actor, opened
from webapp.cli.speaking import _, columns

MINUTES = click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"])
OUTCOMES = "\n".join(f"  {name:<14}{outcome.words}" for name, outcome in attempts.OUTCOMES.items())


@click.group()
def fieldwork() -> None:
    """Fieldwork: the board of a wave, attempts, what phones left behind."""


@fieldwork.command()
@click.argument("wave")
@click.option("--area", help="Code of a branch; by default everything.")
@click.option("--rates", is_flag=True, help="All outcome rates of the whole instead.")
def board(wave: str, area: str | None, rates: bool) -> None:
    """How WAVE stands in each community: counts and response, never what was answered."""
    with opened().database.read() as session:
        one = waves.get(session, wave)
        branch = areas.get(session, area).id if area else one.area_id
        rows, together = board_of(session, one, areas.communities(session, branch))
    click.echo(_rates(together) if rates else _board([*rows, together]))


@fieldwork.command(name="rescue")
@click.argument("file", type=click.File("rb"))
def take_in(file: BinaryIO) -> None:
    """Take in FILE, the encrypted file that a failing phone has saved."""
    for number, (kind, outcome) in enumerate(rescue.receive(opened(), file.read()), 1):
        click.echo(f"{number}. {kind}: {outcome.status} {outcome.reason or ''}".rstrip())


@fieldwork.command()
@click.argument("wave")
def reopen(wave: str) -> None:
    """Open what is held of WAVE because its key was missing, once the key is back."""
    office = opened()
    with office.database.read() as session:
        one = waves.get(session, wave)
    outcomes = receiving.reopen(office, one, actor())
    number = sum(outcome.status == uploads.STORED for outcome in outcomes)
    rest = len(outcomes) - number
    click.echo(_("%(number)d opened, %(rest)d held as before.", number=number, rest=rest))


@fieldwork.command(epilog=f"\b\nOUTCOME is one of:\n{OUTCOMES}")
@click.argument("wave")
@click.argument("unit")
@click.argument("outcome", type=click.Choice(list(attempts.OUTCOMES)), metavar="OUTCOME")
@click.option("--at", type=MINUTES, help="When, in China's time; by default now.")
@click.option("--return-at", type=MINUTES, help="When they asked to come back.")
@click.option("--partner", default="", help="Who else was there.")
@click.option("--households", type=int, help="How many live at the address.")
def record(
    wave: str,
    unit: str,
    outcome: str,
    *,
    at: dt.datetime | None,
    return_at: dt.datetime | None,
    partner: str,
    households: int | None,
) -> None:
    """Write down an attempt at UNIT of WAVE: the code on its slip, or its number."""
    office = opened()
    with office.database.write() as session:
        one = waves.get(session, wave)
        visited = _unit(session, office.keys, one, unit)
        attempts.record(
            session,
            visited,
            outcome,
            _in_china(at) or now(),
            actor(),
            partner=partner,
            return_at=_in_china(return_at),
            households=households,
        )
        chosen = attempts.chosen_household(one, visited) if households else None
    click.echo(_("The attempt is recorded."))
    if chosen and households and households > 1:
        click.echo(_("Ask household %(chosen)d of %(number)d.", chosen=chosen, number=households))


def _unit(session: Session, keys: Keys, wave: Wave, text: str) -> SampledUnit:
    found = invitations.find_unit(session.connection(), keys, text)
    number = found.unit_id if found else int(text) if text.isdecimal() else 0
    unit = session.get(SampledUnit, number)
    if unit is None or unit.wave_id != wave.id:
        params = {"code": wave.code, "unit": text}
        raise Refused(Problem(N_("Wave %(code)s has no unit %(unit)s."), params))
    return unit


def _in_china(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.replace(tzinfo=CHINA) if moment else None


def _board(rows: list[Row]) -> str:
    header = (
        *(_("community"), "", _("to be visited"), _("released"), _("interviews"), _("refused")),
        *(_("nobody reached"), _("not eligible"), _("response (RR2)"), _("missing")),
        *(_("told how to answer"), _("much too quick")),
    )
    body = [
        (
            *(row.area.code, row.area.name_zh, row.due, row.released, row.complete, row.refused),
            *(row.nobody, row.ineligible, _share(row.rates.rr2)),
            *("–" if row.gap is None else row.gap, _share(row.told_share), row.hasty),
        )
        for row in rows
    ]
    return columns([header, *body])


def _rates(row: Row) -> str:
    counts = [
        (found.code, _(found.words), row.counts[name]) for name, found in DISPOSITIONS.items()
    ]
    rates = [(name.upper(), "", _share(rate)) for name, rate in vars(row.rates).items()]
    return columns([*counts, *rates])


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
