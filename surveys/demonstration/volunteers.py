"""Volunteers of the demonstration township: who confirms interviews, who goes out now."""

from __future__ import annotations

import datetime as dt

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import people
from surveys.areas import Area
from surveys.demonstration.visits import PAIRS, members
from surveys.fieldwork import assignments, pairs, rechecks, shifts, visits
from surveys.people import User
from surveys.responses import Response
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave

ACTOR = "demonstration"
ACCOUNTS = (1, 4, 7)  # pairs whose first member has an account
GIVEN = 12  # addresses to each
SAME_AGAIN = 0.93  # of the answers, at a second asking
REACHED, CONFIRMED = 0.8, 0.985


def send_out(
    session: Session, wave: Wave, first_day: dt.datetime, seed: int, *, is_under_way: bool
) -> None:
    """Confirm one in ten interviews of a wave; of the one under way, also say who goes on."""
    wave = session.get_one(Wave, wave.id)
    chance = np.random.default_rng([seed, 4, int(wave.month.replace("-", ""))])
    if is_under_way:
        volunteers = _volunteers(session, wave)
        _assign(session, wave, volunteers)
        _declare(session, volunteers, first_day)
    _confirm(session, wave, first_day, chance, done=0.5 if is_under_way else 1)
    if is_under_way:
        rechecks.distribute(session, wave, ACTOR)


def _volunteers(session: Session, wave: Wave) -> list[User]:
    """Some with accounts; nobody knows their passwords until an administrator makes new ones."""
    place = session.get_one(Area, wave.area_id)
    names = [members(number)[0] for number in ACCOUNTS]
    return [people.add_user(session, one, "volunteer", place, actor=ACTOR)[0] for one in names]


def _assign(session: Session, wave: Wave, volunteers: list[User]) -> None:
    """Each in a community of their own and a neighbour's, where attempts are left."""
    left = [case for case in visits.cases(session, wave) if case.attempts_left]
    communities = list(dict.fromkeys(case.community_id for case in left))
    for place, user in enumerate(volunteers):
        own = communities[place % len(communities) : place % len(communities) + 2]
        chosen = [case.unit_id for case in left if case.community_id in own]
        some = chosen[place :: len(volunteers)][:GIVEN]
        units = session.scalars(sa.select(SampledUnit).where(SampledUnit.id.in_(some))).all()
        partner = members(ACCOUNTS[place])[1]
        assignments.assign(session, user, units, ACTOR, partner=partner)


def _declare(session: Session, volunteers: list[User], first_day: dt.datetime) -> None:
    """An evening or a morning out, now and then."""
    for place, user in enumerate(volunteers):
        for day in range(place, 15, 3 + place):
            start = first_day + dt.timedelta(days=day, hours=9 if day % 2 else 18)
            end = start + dt.timedelta(hours=2 + 0.5 * (day % 3))
            shifts.record(session, user, start, end, partner=members(ACCOUNTS[place])[1])


def _confirm(
    session: Session, wave: Wave, first_day: dt.datetime, chance: np.random.Generator, done: float
) -> None:
    made = pairs.of_wave(session, wave)
    again = rechecks.questions(session, wave)
    drawn = rechecks.draw(session, wave, ACTOR)
    responses = {
        one.id: one
        for one in session.scalars(
            sa.select(Response).where(Response.id.in_([one.response_id for one in drawn]))
        )
    }
    for number, one in enumerate(drawn):
        one.drawn_at = first_day + dt.timedelta(days=14, hours=10)
        if chance.random() >= done:
            continue
        at_interview = made.get(one.response_id, ())
        others = [name for pair in range(1, PAIRS + 1) for name in members(pair)]
        one.done_by = next(name for name in others[number % PAIRS :] if name not in at_interview)
        one.done_at = first_day + dt.timedelta(days=15 + number % 6, hours=17)
        one.result = "reached" if chance.random() < REACHED else "no_contact"
        if one.result == "reached":
            one.took_place = "yes" if chance.random() < CONFIRMED else "unsure"
        if one.took_place == "yes":
            one.right_person = "yes" if chance.random() < CONFIRMED else "no"
            answers = responses[one.response_id].answers
            one.answers = {
                question.name: answers[question.name]
                if chance.random() < SAME_AGAIN
                else question.codes[int(chance.integers(len(question.codes)))]
                for question in again
                if answers.get(question.name) in question.codes
            }
    session.flush()
