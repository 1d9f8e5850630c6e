"""Fieldwork: each released unit of a wave, what was tried, what came in, and where it stands.

Nothing here is stored: a disposition is worked out from attempts, responses and drafts.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from surveys.areas import Area
from surveys.drafts import Draft
from surveys.fieldwork.attempts import OUTCOMES, SETTLED, Attempt, record
from surveys.fieldwork.exclusions import Exclusion
from surveys.problems import N_
from surveys.questionnaires import published, routing
from surveys.questionnaires.definition import REFUSED, SKIPPED
from surveys.responses import Response
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave

__all__ = [
    "ATTEMPTS",
    "OUTCOMES",
    "TIMES",
    "Case",
    "cases",
    "final",
    "last_words",
    "of_response",
    "record",
]

ATTEMPTS = 3  # at different times, before a household counts as not reached
# Shares of the questions asked that an interview answers: complete from the first, partial from
# the second; with less it was broken off (AAPOR's own example in the Standard Definitions).
COMPLETE, PARTIAL = 0.8, 0.5
CHINA = dt.timezone(dt.timedelta(hours=8))
TIMES = {
    "morning": N_("morning"),
    "afternoon": N_("afternoon"),
    "evening": N_("evening"),
    "weekend": N_("weekend"),
}

Places: TypeAlias = Sequence[int] | None  # ids of communities; None: all


class Visit(NamedTuple):
    """One attempt, as far as a disposition needs it."""

    at: dt.datetime
    outcome: str
    return_at: dt.datetime | None


@dataclass(slots=True)
class Case:
    """A released unit.

    Parameters
    ----------
    visits : list of Visit
        The earliest first.
    answered : str or None
        Disposition that its responses make, if any came.
    broke_off : datetime or None
        When someone who may be asked last answered on the web, and did not finish.
    """

    unit_id: int
    community_id: int
    batch: int
    households: int | None
    visits: list[Visit] = field(default_factory=list)
    answered: str | None = None
    broke_off: dt.datetime | None = None

    @property
    def disposition(self) -> str:
        """What became of the unit so far, a key of ``DISPOSITIONS``.

        1. A response decides. An eligible one is a complete interview from 80 per cent of the
           questions answered, a partial one from 50, and below that a break-off, which AAPOR
           counts with the refusals (2.12). One that staff excluded is no interview: the household
           was there and gave nothing that counts, "other" (2.3). One that was screened out, with
           no eligible one beside it, makes the unit ineligible.
        2. Else the attempts decide: the latest of those that tell most. A refusal, an inability
           or an ineligible dwelling outweighs "nobody answered", which outweighs "not found".
           An interview started on the web and never finished counts as a refusal of that moment
           (AAPOR 2.12); an interview reported at the door whose answers never came in is no
           interview but "other".
        3. A unit nobody went to is of unknown eligibility (AAPOR 3.11, 3.19).
        """
        return self.answered or _unanswered(self.visits, self.broke_off)

    @property
    def attempts_left(self) -> int:
        """How many more visits the rule of three demands; none once it is settled."""
        if self.answered or any(
            OUTCOMES[visit.outcome].settles == SETTLED for visit in self.visits
        ):
            return 0
        return max(0, ATTEMPTS - len(self.visits))

    @property
    def untried(self) -> list[str]:
        """Times of day, keys of ``TIMES``, at which nobody has been there."""
        tried = {time_of(visit.at) for visit in self.visits}
        return [time for time in TIMES if time not in tried]

    @property
    def return_at(self) -> dt.datetime | None:
        """When they asked us to come back, if that was the last word."""
        return self.visits[-1].return_at if self.visits and self.attempts_left else None


def cases(session: Session, wave: Wave, communities: Places = None) -> list[Case]:
    """The released units of a wave, in the order of communities and of the draw.

    Four statements, whatever the size of the wave.

    Parameters
    ----------
    communities : sequence of int, optional
        Ids of the communities wanted; by default all.
    """
    query = (
        sa.select(
            SampledUnit.id, SampledUnit.community_id, SampledUnit.batch, SampledUnit.households
        )
        .join(Area, Area.id == SampledUnit.community_id)
        .where(
            SampledUnit.wave_id == wave.id,
            SampledUnit.released_at.is_not(None),
            _within(SampledUnit.community_id, communities),
        )
        .order_by(Area.code, SampledUnit.batch, SampledUnit.position, SampledUnit.id)
    )
    found = {row.id: Case(*row) for row in session.execute(query)}
    visits = _visits(session, wave, communities)
    answered = _answered(session, wave, communities)
    broken_off = _broken_off(session, wave, communities)
    for unit_id, case in found.items():
        case.visits = visits.get(unit_id, [])
        case.answered = answered.get(unit_id)
        case.broke_off = broken_off.get(unit_id)
    return list(found.values())


def final(
    session: Session,
    wave: Wave,
    units: Sequence[int],
    answered: Mapping[int, str] | None = None,
) -> list[str]:
    """The dispositions of some units of a wave, by their ids: see :attr:`Case.disposition`.

    Parameters
    ----------
    answered : mapping, optional
        Those of the units that answered, as :func:`last_words` gives them, if they are known.
    """
    if answered is None:
        answered = _answered(session, wave, None)
    visits, broken_off = _visits(session, wave, None), _broken_off(session, wave, None)
    tried = {
        unit_id: _unanswered(visits.get(unit_id, ()), broken_off.get(unit_id))
        for unit_id in visits.keys() | broken_off.keys()
    }
    untried = _unanswered((), None)
    return [answered.get(unit_id) or tried.get(unit_id, untried) for unit_id in units]


def of_response(session: Session) -> sa.ColumnElement[str]:
    """The disposition that a response gives its unit; join its exclusion, if any."""
    share = share_answered(session)
    return sa.case(
        (~Response.eligible, "ineligible"),
        (Exclusion.id.is_not(None), "other"),
        (share >= COMPLETE, "complete"),
        (share >= PARTIAL, "partial"),
        else_="refusal",
    )


def last_words(
    units: Sequence[int | None], eligible: Sequence[bool], dispositions: Sequence[str]
) -> dict[int, str]:
    """The disposition of each unit that answered; of several responses an eligible one decides.

    >>> last_words([1, 2, 1, None], [True, False, False, True], ["complete", *3 * ["ineligible"]])
    {1: 'complete', 2: 'ineligible'}
    """
    found = {unit: said for unit, said in zip(units, dispositions, strict=True) if unit is not None}
    found |= {
        unit: said
        for unit, may, said in zip(units, eligible, dispositions, strict=True)
        if may and unit is not None
    }
    return found


def time_of(moment: dt.datetime) -> str:
    """The time of day, in China, that a visit counts for.

    >>> time_of(dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC))
    'morning'
    """
    there = moment.astimezone(CHINA)
    if there.weekday() >= 5:
        return "weekend"
    return "morning" if there.hour < 12 else "afternoon" if there.hour < 18 else "evening"


def _within(column: InstrumentedAttribute[int], communities: Places) -> sa.ColumnElement[bool]:
    return sa.true() if communities is None else column.in_(communities)


def _visits(session: Session, wave: Wave, communities: Places) -> dict[int | None, list[Visit]]:
    query = (
        sa.select(Attempt.unit_id, Attempt.at, Attempt.outcome, Attempt.return_at)
        .join(SampledUnit, SampledUnit.id == Attempt.unit_id)
        .where(SampledUnit.wave_id == wave.id, _within(SampledUnit.community_id, communities))
        .order_by(Attempt.at, Attempt.id)
    )
    found: defaultdict[int | None, list[Visit]] = defaultdict(list)
    for unit_id, at, outcome, return_at in session.execute(query):
        found[unit_id].append(Visit(at, outcome, return_at))
    return dict(found)


def _answered(session: Session, wave: Wave, communities: Places) -> dict[int, str]:
    query = (
        sa.select(Response.unit_id, Response.eligible, of_response(session))
        .outerjoin(Exclusion, Exclusion.response_id == Response.id)
        .where(
            Response.wave_id == wave.id,
            Response.unit_id.is_not(None),
            _within(Response.community_id, communities),
        )
    )
    rows = session.connection().execute(query).all()
    return last_words(*zip(*rows, strict=True)) if rows else {}


def _unanswered(visits: Sequence[Visit], broke_off: dt.datetime | None) -> str:
    ends = [(OUTCOMES[visit.outcome], visit.at) for visit in visits]
    if broke_off:
        ends.append((OUTCOMES["broke_off"], broke_off))
    if not ends:
        return "unknown_household"
    outcome, _at = max(ends, key=lambda end: (end[0].settles, end[1]))
    return outcome.disposition


def share_answered(session: Session) -> sa.ColumnElement[float]:
    """Of the questions a response was asked, the share it answered (refusing is not answering)."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    each = sa.func.json_each if is_sqlite else sa.func.jsonb_each_text
    answers = each(Response.answers).table_valued("key", "value", joins_implicitly=True)
    given = sa.case((answers.c.value.in_((REFUSED, SKIPPED)), 0.0), else_=1.0)
    counted = sa.select(sa.func.avg(given)).select_from(answers).scalar_subquery()
    # To find a code in the text is far cheaper than to take the text apart, and most hold none.
    found = sa.func.instr if is_sqlite else sa.func.strpos
    text = sa.cast(Response.answers, sa.Text)
    left = [found(text, json.dumps(code)) > 0 for code in (REFUSED, SKIPPED)]
    return sa.case((sa.or_(text == "{}", *left), counted), else_=1.0)


def _broken_off(session: Session, wave: Wave, communities: Places) -> dict[int | None, dt.datetime]:
    """When unfinished questionnaires of people who may be asked were last touched, by unit."""
    questionnaire = published.load(session, wave.questionnaire_id)
    query = (
        sa.select(Draft.unit_id, Draft.saved_at, Draft.answers)
        .where(
            Draft.wave_id == wave.id,
            Draft.unit_id.is_not(None),
            Draft.submitted_at.is_(None),
            Draft.version > 0,
            _within(Draft.community_id, communities),
        )
        .order_by(Draft.saved_at)
    )
    return {
        unit_id: saved_at
        for unit_id, saved_at, answers in session.execute(query)
        if routing.is_eligible(questionnaire, answers)
    }
