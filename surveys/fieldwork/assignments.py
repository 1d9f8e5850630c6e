"""Assignments: which volunteer, with which partner, goes to which sampled address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import areas, audit
from surveys.database import Base, now
from surveys.keys import plain
from surveys.people import User
from surveys.problems import N_, Problem, Refused
from surveys.sampling.units import SampledUnit
from surveys.waves import STATE_WORDS, Wave

ASSIGNABLE = ("draft", "open")  # states of a wave in which somebody may still be sent out


class Assignment(Base):
    """A unit given to someone. One that is withdrawn stays: their phone may not know yet."""

    __tablename__ = "assignments"
    __table_args__ = (
        # Two people at one door would be two interviews of one household.
        Index(
            "uq_assignments_unit",
            "unit_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(None, "unit_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("sampled_units.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    partner: Mapped[str] = mapped_column(String(64), default="")
    assigned_by: Mapped[str] = mapped_column(String(64))
    assigned_at: Mapped[dt.datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[dt.datetime | None]


def assign(
    session: Session,
    user: User,
    units: Iterable[SampledUnit],
    actor: str,
    *,
    partner: str = "",
) -> list[Assignment]:
    """Send a volunteer to some addresses.

    Parameters
    ----------
    user : User
        An active volunteer whose branch holds the addresses and who lives in none of their grids.
    units : iterable of SampledUnit
        Released units of waves that are open or about to be. What this volunteer has with the
        same partner already is left as it is.
    actor : str
        Who sends them.
    partner : str
        The name of whoever goes along; where that is someone with an account, the rule of the own
        grid holds for them too.

    Returns
    -------
    list of Assignment
        The current one of every unit, in the order of the units.

    Raises
    ------
    Refused
        With everything that is wrong at once; nothing is assigned then. A unit that someone else
        has must be moved (:func:`move`).
    """
    return _give(session, _Errand(user, partner), units, actor, takes=False)


def move(
    session: Session,
    user: User,
    units: Iterable[SampledUnit],
    actor: str,
    *,
    partner: str = "",
) -> list[Assignment]:
    """Give addresses to someone, whoever had them before; refused as :func:`assign` refuses.

    Whoever had them may be offline and go there all the same. What they bring is taken in, and of
    two interviews at one address the second is held.
    """
    return _give(session, _Errand(user, partner), units, actor, takes=True)


def withdraw(session: Session, units: Iterable[SampledUnit], actor: str) -> int:
    """Take addresses back from whoever has them; returns how many were assigned."""
    standing = current(session, _held(session, units))
    _withdraw(session, list(standing.values()), actor)
    return len(standing)


def current(session: Session, units: Iterable[SampledUnit]) -> dict[int, Assignment]:
    """The assignment that stands, by the id of the unit; units without one are left out."""
    ids = [unit.id for unit in units]
    query = sa.select(Assignment).where(
        Assignment.unit_id.in_(ids), Assignment.withdrawn_at.is_(None)
    )
    return {one.unit_id: one for one in session.scalars(query)}


def of_user(session: Session, user_id: int) -> list[tuple[Assignment, SampledUnit, Wave]]:
    """What someone has to do in the waves that are open, in the order of waves and addresses."""
    query = (
        sa.select(Assignment, SampledUnit, Wave)
        .join(SampledUnit, SampledUnit.id == Assignment.unit_id)
        .join(Wave, Wave.id == SampledUnit.wave_id)
        .where(
            Assignment.user_id == user_id,
            Assignment.withdrawn_at.is_(None),
            Wave.state == "open",
        )
        .order_by(Wave.code, SampledUnit.community_id, SampledUnit.position, SampledUnit.id)
    )
    return [(one, unit, wave) for one, unit, wave in session.execute(query)]


@dataclass(frozen=True)
class _Errand:
    """Who is sent, with whom."""

    user: User
    partner: str

    def is_of(self, assignment: Assignment) -> bool:
        return (assignment.user_id, assignment.partner) == (self.user.id, self.partner)


def _give(
    session: Session, errand: _Errand, units: Iterable[SampledUnit], actor: str, *, takes: bool
) -> list[Assignment]:
    chosen = _held(session, units)
    standing = current(session, chosen)
    kept = {id_: one for id_, one in standing.items() if errand.is_of(one)}
    others = [one for id_, one in standing.items() if id_ not in kept]
    fresh = [unit for unit in chosen if unit.id not in kept]
    problems = _errand_faults(errand) + _unit_faults(session, errand, fresh)
    if not takes:
        problems += _taken_faults(session, others)
    if problems:
        raise Refused(*problems)
    _withdraw(session, others, actor)
    new = {
        unit.id: Assignment(
            unit_id=unit.id,
            user_id=errand.user.id,
            partner=errand.partner,
            assigned_by=actor,
        )
        for unit in fresh
    }
    if new:
        session.add_all(new.values())
        session.flush()
        detail = {"partner": errand.partner, "units": sorted(new)}
        audit.record(session, actor, "units.assign", errand.user.name, **detail)
    return [kept.get(unit.id) or new[unit.id] for unit in chosen]


def _held(session: Session, units: Iterable[SampledUnit]) -> list[SampledUnit]:
    """The units, each once, with their rows held (on PostgreSQL) until the commit.

    In the order of their ids, so that two who assign at once wait for each other in turn.
    """
    chosen = list(dict.fromkeys(units))
    ids = sorted(unit.id for unit in chosen)
    hold = sa.select(SampledUnit.id).where(SampledUnit.id.in_(ids)).order_by(SampledUnit.id)
    session.execute(hold.with_for_update()).all()
    return chosen


def _withdraw(session: Session, assignments: Sequence[Assignment], actor: str) -> None:
    if not assignments:
        return
    moment = now()
    for one in assignments:
        one.withdrawn_at = moment
    session.flush()
    units = sorted(one.unit_id for one in assignments)
    audit.record(session, actor, "units.withdraw", "", units=units)


def _errand_faults(errand: _Errand) -> list[Problem]:
    user, partner = errand.user, errand.partner
    faults = []
    if user.role != "volunteer" or not user.active:
        nobody = N_("%(name)s is no volunteer with an open account.")
        faults.append(Problem(nobody, {"name": user.name}))
    if partner and plain(partner) == user.name:
        faults.append(Problem(N_("The partner must be someone else.")))
    return faults


def _unit_faults(session: Session, errand: _Errand, units: Sequence[SampledUnit]) -> list[Problem]:
    faults: list[Problem] = []
    branch = set(areas.branch(session, errand.user.area_id))
    ids = {unit.wave_id for unit in units}
    waves = {wave.id: wave for wave in session.scalars(sa.select(Wave).where(Wave.id.in_(ids)))}
    for wave in waves.values():
        if wave.state not in ASSIGNABLE:
            params = {"code": wave.code, "state": Problem(STATE_WORDS[wave.state])}
            faults.append(Problem(N_("Wave %(code)s is %(state)s: nobody is sent out."), params))
    reserve = sum(unit.released_at is None for unit in units)
    if reserve:
        text_ = N_("%(number)d of these addresses are in a reserve batch that is not released.")
        faults.append(Problem(text_, {"number": reserve}))
    outside = sum(unit.community_id not in branch for unit in units)
    if outside:
        text_ = N_("%(number)d of these addresses lie outside the area of %(name)s.")
        faults.append(Problem(text_, {"number": outside, "name": errand.user.name}))
    return faults + _own_grid_faults(session, errand, units)


def _own_grid_faults(
    session: Session, errand: _Errand, units: Sequence[SampledUnit]
) -> list[Problem]:
    """Nobody asks the neighbours who know them: answers would be polite, not true."""
    known = sa.select(User).where(User.name == plain(errand.partner))
    pair = [errand.user, session.scalar(known) if errand.partner else None]
    text_ = N_("%(number)d of these addresses are in the own grid of %(name)s (%(grid)s).")
    faults = []
    for person in pair:
        if person is None or not plain(person.grid):
            continue
        own = sum(plain(unit.grid) == plain(person.grid) for unit in units)
        if own:
            params = {"number": own, "name": person.name, "grid": person.grid}
            faults.append(Problem(text_, params))
    return faults


def _taken_faults(session: Session, others: Sequence[Assignment]) -> list[Problem]:
    if not others:
        return []
    ids = {one.user_id for one in others}
    names = sorted(session.scalars(sa.select(User.name).where(User.id.in_(ids))))
    taken = N_("%(number)d of these addresses are assigned already, to %(names)s: move them.")
    return [Problem(taken, {"number": len(others), "names": ", ".join(names)})]
