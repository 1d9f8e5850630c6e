"""Re-checks: one in ten interviews at the door is confirmed by somebody else.

They go there, ask whether an interview took place and with
whom, and put a few of its questions once more, without having seen what was answered.
"""

from __future__ import annotations

import datetime as dt
import math
import random
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import areas, audit
from surveys.audit import AuditEntry
from surveys.database import Base, Json, now
from surveys.fieldwork import pairs
from surveys.fieldwork.pairs import Pair
from surveys.keys import plain
from surveys.people import User
from surveys.problems import N_, Problem, Refused
from surveys.questionnaires import published
from surveys.questionnaires.definition import Question
from surveys.responses import Response
from surveys.sampling.units import SampledUnit
from surveys.waves import STATE_WORDS, Wave

GIVEN = "rechecks.assign"  # in the trail
UNDER_WAY = ("open", "closed")  # states of a wave in which something is confirmed
SHARE = 0.10  # of the interviews at the door
ASKED_AGAIN = ("S2", "K1", "Z1", "M0")  # questions of the standard questionnaire

RESULTS = {
    "reached": N_("spoke with the household"),
    "no_contact": N_("nobody reached"),
    "refused": N_("did not want to say"),
}
CLAIMS = {"yes": N_("yes"), "no": N_("no"), "unsure": N_("cannot say")}


class Recheck(Base):
    """An interview that was drawn to be confirmed, and what the household said. Never edited."""

    __tablename__ = "rechecks"

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("responses.id"), unique=True)
    drawn_by: Mapped[str] = mapped_column(String(64))
    drawn_at: Mapped[dt.datetime] = mapped_column(default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)  # who is to go
    done_by: Mapped[str] = mapped_column(String(64), default="")
    partner: Mapped[str] = mapped_column(String(64), default="")  # who went along
    done_at: Mapped[dt.datetime | None]
    result: Mapped[str] = mapped_column(String(16), default="")  # a key of RESULTS
    took_place: Mapped[str] = mapped_column(String(8), default="")  # a key of CLAIMS
    right_person: Mapped[str] = mapped_column(String(8), default="")
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


def draw(session: Session, wave: Wave, actor: str) -> list[Recheck]:
    """Draw interviews until one in ten of those that came in so far is to be confirmed.

    Each interview has one random number, made of the wave's seed and its own name; the smallest
    are drawn. So every interview has the same chance, nobody can tell which before the seed is
    known, and the draw can be repeated by anyone who knows it.

    Returns
    -------
    list of Recheck
        Those that are new.
    """
    _not_locked(session, wave)
    found = session.execute(_at_door(wave)).all()
    drawn = {recheck.response_id for recheck in of_wave(session, wave)}
    wanted = math.ceil(SHARE * len(found) - 1e-9) - len(drawn)
    waiting = sorted((_lot(wave, instance), id_) for id_, instance in found if id_ not in drawn)
    new = [Recheck(response_id=id_, drawn_by=actor) for _lot_, id_ in waiting[: max(0, wanted)]]
    session.add_all(new)
    session.flush()
    if new:
        audit.record(session, actor, "rechecks.draw", wave.code, rechecks=len(new))
    return new


def interviews(session: Session, wave: Wave) -> int:
    """How many interviews of a wave could be drawn."""
    return session.scalar(sa.select(sa.func.count()).select_from(_at_door(wave).subquery())) or 0


def of_wave(session: Session, wave: Wave) -> list[Recheck]:
    """The re-checks of a wave, in the order in which they were drawn."""
    query = sa.select(Recheck).join(Response, Response.id == Recheck.response_id)
    return list(session.scalars(query.where(Response.wave_id == wave.id).order_by(Recheck.id)))


def of_user(session: Session, user_id: int) -> list[tuple[Recheck, SampledUnit, Wave]]:
    """What someone is still to confirm, in waves that are not locked."""
    query = (
        sa.select(Recheck, SampledUnit, Wave)
        .join(Response, Response.id == Recheck.response_id)
        .join(SampledUnit, SampledUnit.id == Response.unit_id)
        .join(Wave, Wave.id == Response.wave_id)
        .where(Recheck.user_id == user_id, Recheck.done_at.is_(None))
        .where(Wave.state.in_(UNDER_WAY))
        .order_by(Wave.code, SampledUnit.community_id, SampledUnit.position)
    )
    return [(recheck, unit, wave) for recheck, unit, wave in session.execute(query)]


def was_given(session: Session, recheck: Recheck, user_id: int, name: str) -> bool:
    """Whether someone has it, or had it before it was given to someone else."""
    if recheck.user_id == user_id:
        return True
    given = sa.select(AuditEntry.detail).where(
        AuditEntry.action == GIVEN, AuditEntry.subject == str(recheck.id)
    )
    return any(detail.get("user") == name for detail in session.scalars(given))


def assign(session: Session, recheck: Recheck, user: User, actor: str) -> None:
    """Send someone who was not there.

    Raises
    ------
    Refused
        It is done already, or they made the interview themselves, live in that grid, have no open
        account, or the address lies outside their area.
    """
    wave, _unit = place(session, recheck)
    _not_locked(session, wave)
    made = pairs.of_wave(session, wave).get(recheck.response_id, ())
    branch = areas.branch(session, user.area_id)
    if faults := _faults(session, recheck, user, branch, made):
        raise Refused(*faults)
    _give(session, recheck, user, actor)


def distribute(session: Session, wave: Wave, actor: str) -> int:
    """Give what nobody has to those volunteers who may go and have least; returns how many."""
    load: Counter[int] = Counter(
        recheck.user_id for recheck in of_wave(session, wave) if recheck.user_id
    )
    volunteers = session.scalars(
        sa.select(User).where(User.role == "volunteer", User.active).order_by(User.name)
    ).all()
    _not_locked(session, wave)
    made = pairs.of_wave(session, wave)
    branches = {user.id: areas.branch(session, user.area_id) for user in volunteers}
    given = 0
    for recheck in of_wave(session, wave):
        if recheck.user_id is not None or recheck.done_at is not None:
            continue
        for user in sorted(volunteers, key=lambda user: load[user.id]):
            at_interview = made.get(recheck.response_id, ())
            if not _faults(session, recheck, user, branches[user.id], at_interview):
                _give(session, recheck, user, actor)
                load[user.id] += 1
                given += 1
                break
    return given


def questions(session: Session, wave: Wave) -> list[Question]:
    """The questions that are put again, as far as the wave's questionnaire has them."""
    known = published.load(session, wave.questionnaire_id).questions
    return [known[name] for name in ASKED_AGAIN if name in known and known[name].codes]


def record(
    session: Session,
    recheck: Recheck,
    result: str,
    actor: str,
    *,
    took_place: str = "",
    right_person: str = "",
    answers: Mapping[str, str] | None = None,
    partner: str = "",
    at: dt.datetime | None = None,
) -> None:
    """Write down what the household said; it stands as it is.

    Parameters
    ----------
    result : str
        A key of ``RESULTS``.
    took_place, right_person : str
        Keys of ``CLAIMS``: whether an interview took place, and whether it was with the adult
        whom the rule chose. The first is wanted where the household was reached, the second where
        an interview took place.
    answers : mapping of str to str, optional
        Code by question; what they did not want to say again is left out.
    partner : str
        Who went along; they were not at the interview either.
    at : datetime, optional
        When they were there; by default now.
    """
    session.refresh(recheck, with_for_update=True)  # a phone may write it down, too
    wave, _unit = place(session, recheck)
    _not_locked(session, wave)
    made = pairs.of_wave(session, wave).get(recheck.response_id, ())
    faults = [*_done_faults(recheck), *_own_faults(actor, made)]
    if partner:
        faults += _own_faults(partner, made)
    if result not in RESULTS:
        faults.append(Problem(N_("Choose what came of it.")))
    if result == "reached" and took_place not in CLAIMS:
        faults.append(Problem(N_("Say whether an interview took place.")))
    if result == "reached" and took_place == "yes" and right_person not in CLAIMS:
        faults.append(Problem(N_("Say whether the right person was asked.")))
    given = {name: code for name, code in (answers or {}).items() if code}
    codes = {question.name: question.codes for question in questions(session, wave)}
    for name, code in given.items():
        if code not in codes.get(name, ()):
            odd = N_("“%(code)s” is no answer to %(question)s.")
            faults.append(Problem(odd, {"code": code, "question": name}))
    if faults:
        raise Refused(*faults)
    reached, there = result == "reached", result == "reached" and took_place == "yes"
    recheck.result = result
    recheck.took_place = took_place if reached else ""
    recheck.right_person = right_person if there else ""
    recheck.answers = given if there else {}
    recheck.partner = partner
    recheck.done_by, recheck.done_at = actor, at or now()
    session.flush()
    audit.record(session, actor, "rechecks.record", str(recheck.id), result=result)


def _at_door(wave: Wave) -> sa.Select[int, str]:
    return sa.select(Response.id, Response.instance_id).where(
        Response.wave_id == wave.id,
        Response.mode == "door",
        Response.stream == "sample",
        Response.eligible,
        Response.unit_id.is_not(None),
    )


def _lot(wave: Wave, instance: str) -> float:
    return random.Random(f"{wave.seed}/recheck/{instance}").random()  # noqa: S311


def place(session: Session, recheck: Recheck) -> tuple[Wave, SampledUnit]:
    """The wave and the address of the interview that is confirmed."""
    response = session.get_one(Response, recheck.response_id)
    return session.get_one(Wave, response.wave_id), session.get_one(SampledUnit, response.unit_id)


def _not_locked(session: Session, wave: Wave) -> None:
    """The wave is under way, and (on PostgreSQL) is not locked before the commit."""
    session.refresh(wave, with_for_update={"read": True})
    if wave.state not in UNDER_WAY:
        text = N_("Wave %(code)s is %(state)s: nothing is confirmed.")
        state = Problem(STATE_WORDS[wave.state])
        raise Refused(Problem(text, {"code": wave.code, "state": state}))


def _done_faults(recheck: Recheck) -> list[Problem]:
    done = N_("This re-check is done already, by %(name)s.")
    return [Problem(done, {"name": recheck.done_by})] if recheck.done_at else []


def _own_faults(name: str, made: Pair) -> list[Problem]:
    own = N_("%(name)s was at the interview; somebody else confirms it.")
    return [Problem(own, {"name": name})] if plain(name) in made else []


def _faults(
    session: Session, recheck: Recheck, user: User, branch: Collection[int], made: Pair
) -> list[Problem]:
    """Why someone may not be sent."""
    _wave, unit = place(session, recheck)
    faults = [*_done_faults(recheck), *_own_faults(user.name, made)]
    if not user.active:
        closed = N_("The account of %(name)s is closed.")
        faults.append(Problem(closed, {"name": user.name}))
    if unit.community_id not in branch:
        outside = N_("The address lies outside the area of %(name)s.")
        faults.append(Problem(outside, {"name": user.name}))
    if plain(user.grid) and plain(user.grid) == plain(unit.grid):
        own = N_("The address is in the own grid of %(name)s (%(grid)s).")
        faults.append(Problem(own, {"name": user.name, "grid": user.grid}))
    return faults


def _give(session: Session, recheck: Recheck, user: User, actor: str) -> None:
    recheck.user_id = user.id
    session.flush()
    audit.record(session, actor, GIVEN, str(recheck.id), user=user.name)
