"""Attempts: every visit to a sampled address, as those who went wrote it down."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import audit
from surveys.database import Base, now
from surveys.fieldwork import selection
from surveys.problems import N_, Problem, Refused
from surveys.sampling.units import SampledUnit
from surveys.waves import STATE_WORDS, Wave

MOST_HOUSEHOLDS = 99  # at one address: more is a slip of the finger

# How much an outcome tells about a household: nothing of it, that it is there, how it ends.
NOTHING, THERE, SETTLED = range(3)


@dataclass(frozen=True)
class Outcome:
    """What an attempt came to: plain words, the disposition it makes, how much it settles."""

    words: str
    disposition: str
    settles: int


OUTCOMES = {
    "interview": Outcome(N_("interview done"), "other", SETTLED),
    "no_answer": Outcome(N_("nobody answered"), "noncontact", THERE),
    "no_entry": Outcome(N_("could not get into the building"), "noncontact", THERE),
    "come_back": Outcome(N_("asked to come back"), "noncontact", THERE),
    "away": Outcome(N_("the chosen adult is away"), "noncontact", THERE),
    "refused": Outcome(N_("refused"), "refusal", SETTLED),
    "broke_off": Outcome(N_("broke off the interview"), "refusal", SETTLED),
    "unable": Outcome(N_("too ill or unable to take part"), "other", SETTLED),
    "language": Outcome(N_("no language in common"), "other", SETTLED),
    "not_found": Outcome(N_("could not find the address"), "unknown_household", NOTHING),
    "unsafe": Outcome(N_("could not go there safely"), "unknown_household", NOTHING),
    "unclear": Outcome(N_("cannot tell whether anyone lives there"), "unknown_household", NOTHING),
    "unscreened": Outcome(N_("would not say who lives there"), "unknown_person", THERE),
    "not_dwelling": Outcome(N_("not a dwelling"), "ineligible", SETTLED),
    "vacant": Outcome(N_("vacant: nobody lives there"), "ineligible", SETTLED),
    "no_adult": Outcome(N_("no adult resident for six months"), "ineligible", SETTLED),
}


class Attempt(Base):
    """One visit to a sampled address; it is never edited."""

    __tablename__ = "attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("sampled_units.id"), index=True)
    at: Mapped[dt.datetime]
    outcome: Mapped[str] = mapped_column(String(24))
    actor: Mapped[str] = mapped_column(String(64))
    partner: Mapped[str] = mapped_column(String(64), default="")
    return_at: Mapped[dt.datetime | None]  # when someone asked to come back
    recorded_at: Mapped[dt.datetime] = mapped_column(default=now)


def record(
    session: Session,
    unit: SampledUnit,
    outcome: str,
    at: dt.datetime,
    actor: str,
    *,
    partner: str = "",
    return_at: dt.datetime | None = None,
    households: int | None = None,
) -> Attempt:
    """Write down an attempt; it stands as it is, and a mistake is followed by a better one.

    Parameters
    ----------
    outcome : str
        A key of ``OUTCOMES``.
    at : datetime
        When they stood at the door.
    actor, partner : str
        The two who went; a pair, so that nobody is alone with the answers.
    return_at : datetime, optional
        When the household asked them to come back.
    households : int, optional
        How many live at the address, where they were counted. The first count stays:
        :func:`chosen_household` has chosen by it.

    Raises
    ------
    Refused
        With everything that is wrong at once.
    """
    # Held until the commit (on PostgreSQL): the wave does not close under an attempt, and two
    # people cannot both be the first to count the households.
    wave = session.get_one(Wave, unit.wave_id, with_for_update={"read": True})
    session.refresh(unit, with_for_update=True)
    problems = _unit_faults(wave, unit, households)
    problems += _attempt_faults(outcome, at, return_at)
    if partner and partner == actor:
        problems.append(Problem(N_("The partner must be someone else.")))
    if problems:
        raise Refused(*problems)
    if households is not None and unit.households is None:
        unit.households = households
        audit.record(session, actor, "unit.households", str(unit.id), households=households)
    attempt = Attempt(
        unit_id=unit.id,
        at=at,
        outcome=outcome,
        actor=actor,
        partner=partner,
        return_at=return_at,
    )
    session.add(attempt)
    session.flush()
    return attempt


def chosen_household(wave: Wave, unit: SampledUnit) -> int | None:
    """Which of the households at an address is asked, counted from the nearest to the entrance.

    None until the households are counted.
    """
    if unit.households is None:
        return None
    return selection.household(wave.seed, unit.address_id, unit.households)


def of_unit(session: Session, unit: SampledUnit) -> list[Attempt]:
    """The attempts at a unit, the earliest first."""
    query = sa.select(Attempt).where(Attempt.unit_id == unit.id)
    return list(session.scalars(query.order_by(Attempt.at, Attempt.id)))


def _unit_faults(wave: Wave, unit: SampledUnit, households: int | None) -> list[Problem]:
    faults = []
    if wave.state != "open":
        params = {"code": wave.code, "state": Problem(STATE_WORDS[wave.state])}
        faults.append(Problem(N_("Wave %(code)s is %(state)s: no attempts are recorded."), params))
    if unit.released_at is None:
        reserve = N_("This address is in reserve batch %(batch)d, which is not released.")
        faults.append(Problem(reserve, {"batch": unit.batch}))
    if households is None:
        return faults
    if not 1 <= households <= MOST_HOUSEHOLDS:
        range_ = N_("The number of households must be between 1 and %(most)d.")
        faults.append(Problem(range_, {"most": MOST_HOUSEHOLDS}))
    elif unit.households not in (None, households):
        counted = N_("The households of this address were counted already: %(number)d.")
        faults.append(Problem(counted, {"number": unit.households}))
    return faults


def _attempt_faults(outcome: str, at: dt.datetime, return_at: dt.datetime | None) -> list[Problem]:
    faults = []
    if outcome not in OUTCOMES:
        params = {"outcome": outcome, "outcomes": ", ".join(OUTCOMES)}
        odd = N_("“%(outcome)s” is no outcome; there are: %(outcomes)s.")
        faults.append(Problem(odd, params))
    if at > now():
        faults.append(Problem(N_("The attempt lies in the future.")))
    if return_at is not None and return_at <= at:
        faults.append(Problem(N_("The time to come back must be after the attempt.")))
    return faults
