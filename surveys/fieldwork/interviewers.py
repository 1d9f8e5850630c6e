"""The interviewer report: what a pair's interviews have in common that respondents do not explain.

Nothing here says how people answered, nor is anybody ranked: pairs stand in the order of their
names, and the figures are for talking with them, not about them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.interviewers.effect import InterviewerEffect, interviewer_effect
from analysis.interviewers.similarity import similarity
from surveys.fieldwork import confirmation, pairs
from surveys.fieldwork.attempts import Attempt
from surveys.fieldwork.confirmation import Confirmation, Confirmations
from surveys.fieldwork.pairs import Pair
from surveys.questionnaires import published
from surveys.questionnaires.definition import REFUSED, SKIPPED, Indicator, Questionnaire
from surveys.responses import Response
from surveys.results import indicators
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave

ENOUGH = 5  # interviews of a pair below which its shares say nothing
TURNED_AWAY = ("refused", "broke_off")


@dataclass
class Work:
    """What one pair did in a wave.

    Parameters
    ----------
    minutes : list of float
        How long each interview took.
    asked, blank : int
        Questions put, and those of them that were refused or skipped.
    reached, refused : int
        Attempts at which somebody was spoken with about the interview, and those that ended in a
        refusal or a break-off.
    agreement, expected, p_value : float or None
        How alike the pair's interviews are, what chance makes of it, and whether that is more
        than chance (Holm's adjustment for the number of pairs); None with nothing to compare.
    """

    pair: Pair
    minutes: list[float] = field(default_factory=list)
    asked: int = 0
    blank: int = 0
    reached: int = 0
    refused: int = 0
    agreement: float | None = None
    expected: float | None = None
    p_value: float | None = None
    confirmation: Confirmation = field(default_factory=Confirmation)

    @property
    def interviews(self) -> int:
        return len(self.minutes)

    @property
    def median_minutes(self) -> float | None:
        return median(self.minutes) if self.minutes else None

    @property
    def blank_share(self) -> float | None:
        """Item non-response: of the questions put, those without an answer."""
        return self.blank / self.asked if self.interviews >= ENOUGH else None

    @property
    def refusal_rate(self) -> float | None:
        """Of the attempts at which somebody could say yes or no, those who said no."""
        return self.refused / self.reached if self.reached >= ENOUGH else None


@dataclass(frozen=True)
class Effect:
    """The interviewer effect on what an indicator counts."""

    indicator: Indicator
    effect: InterviewerEffect


@dataclass(frozen=True)
class Report:
    """The pairs of a wave in the order of their names, and what interviewers make of the whole."""

    work: Sequence[Work]
    effects: Sequence[Effect]
    confirmations: Confirmations
    unsigned: int  # interviews at the door of which nobody knows who made them


def report(session: Session, wave: Wave, communities: Collection[int] | None = None) -> Report:
    """Look at a wave's interviewers, in some communities or in all; in any state of the wave."""
    questionnaire = published.load(session, wave.questionnaire_id)
    made = pairs.of_wave(session, wave)
    responses = _interviews(session, wave, communities)
    signed = [(made[one.id], one) for one in responses if made.get(one.id)]
    work: defaultdict[Pair, Work] = defaultdict(lambda: Work(()))
    for pair, response in signed:
        work[pair].pair = pair
        _add(work[pair], response)
    for pair, outcomes in _attempts(session, wave, communities).items():
        if pair:
            work[pair].pair = pair
            work[pair].refused = sum(outcome in TURNED_AWAY for outcome in outcomes)
            work[pair].reached = work[pair].refused + outcomes.count("interview")
    confirmed = confirmation.of_wave(session, wave, communities)
    for pair, one in confirmed.by_pair.items():
        if pair in work:
            work[pair].confirmation = one
    _compare(work, questionnaire, signed, wave.seed)
    return Report(
        work=[work[pair] for pair in sorted(work)],
        effects=_effects(questionnaire, signed),
        confirmations=confirmed,
        unsigned=len(responses) - len(signed),
    )


def _interviews(
    session: Session, wave: Wave, communities: Collection[int] | None
) -> Sequence[Response]:
    query = sa.select(Response).where(
        Response.wave_id == wave.id,
        Response.mode.in_(pairs.AT_DOOR),
        Response.stream == "sample",
        Response.eligible,
    )
    if communities is not None:
        query = query.where(Response.community_id.in_(communities))
    return session.scalars(query.order_by(Response.instance_id)).all()


def _attempts(
    session: Session, wave: Wave, communities: Collection[int] | None
) -> dict[Pair, list[str]]:
    query = (
        sa.select(Attempt.actor, Attempt.partner, Attempt.outcome)
        .join(SampledUnit, SampledUnit.id == Attempt.unit_id)
        .where(SampledUnit.wave_id == wave.id)
    )
    if communities is not None:
        query = query.where(SampledUnit.community_id.in_(communities))
    found: defaultdict[Pair, list[str]] = defaultdict(list)
    for actor, partner, outcome in session.execute(query):
        found[pairs.pair(actor, partner)].append(outcome)
    return dict(found)


def _add(work: Work, response: Response) -> None:
    work.minutes.append((response.submitted_at - response.started_at).total_seconds() / 60)
    work.asked += len(response.answers)
    work.blank += sum(code in {REFUSED, SKIPPED} for code in response.answers.values())


def _compare(
    work: Mapping[Pair, Work],
    questionnaire: Questionnaire,
    signed: Sequence[tuple[Pair, Response]],
    seed: int,
) -> None:
    """Set how alike a pair's interviews are, within each community."""
    choices = [one for one in questionnaire.questions.values() if one.type == "select_one"]
    if not signed or not choices:
        return
    number = {
        question.name: {code: place for place, code in enumerate(question.codes)}
        for question in choices
    }
    answers = np.array(
        [
            [number[one.name].get(response.answers.get(one.name, ""), -1) for one in choices]
            for _pair, response in signed
        ]
    )
    ordered = sorted({pair for pair, _response in signed})
    name = {pair: f"{place:06}" for place, pair in enumerate(ordered)}
    found = similarity(
        answers,
        [name[pair] for pair, _response in signed],
        [str(response.community_id) for _pair, response in signed],
        seed=seed,
    )
    for place, interviewer in enumerate(found.interviewers):
        one = work[ordered[int(interviewer)]]
        one.agreement = float(found.agreement[place])
        one.expected = float(found.expected[place])
        one.p_value = float(found.p_holm[place])


def _effects(questionnaire: Questionnaire, signed: Sequence[tuple[Pair, Response]]) -> list[Effect]:
    effects = []
    answers = [response.answers for _pair, response in signed]
    for indicator in questionnaire.indicators:
        if not indicator.headline:
            continue
        y, r = indicators.evaluate(indicator, answers)
        found = interviewer_effect(
            np.where(r > 0, y, np.nan),
            [" + ".join(pair) for pair, _response in signed],
            [str(response.community_id) for _pair, response in signed],
        )
        if found is not None:
            effects.append(Effect(indicator, found))
    return effects
