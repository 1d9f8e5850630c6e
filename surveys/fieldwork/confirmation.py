"""What re-checks say about those who asked: confirmed or not, and the same answers or others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.interviewers.agreement import Agreement, cross_table, gwet_ac1
from surveys.fieldwork import pairs, rechecks
from surveys.fieldwork.pairs import Pair
from surveys.fieldwork.rechecks import Recheck
from surveys.questionnaires.definition import Question
from surveys.responses import Response
from surveys.waves import Wave


@dataclass
class Confirmation:
    """The re-checks of one pair, or of all.

    Parameters
    ----------
    drawn, done, reached : int
        Interviews drawn, gone to, and those whose household was spoken with.
    confirmed, denied : int
        Households who say that an interview took place, or that none did.
    right, wrong : int
        Confirmed interviews with the adult whom the rule chose, or with someone else.
    same, other : int
        Answers that were given again, or otherwise the second time.
    """

    drawn: int = 0
    done: int = 0
    reached: int = 0
    confirmed: int = 0
    denied: int = 0
    right: int = 0
    wrong: int = 0
    same: int = 0
    other: int = 0

    @property
    def took_place(self) -> Agreement:
        """Of those who could say, the share who remember an interview."""
        return Agreement(self.confirmed + self.denied, self.confirmed)

    @property
    def right_person(self) -> Agreement:
        return Agreement(self.right + self.wrong, self.right)

    @property
    def answers(self) -> Agreement:
        """Of the answers that were given twice, the share that stayed the same."""
        return Agreement(self.same + self.other, self.same)

    def add(self, recheck: Recheck, compared: Sequence[bool]) -> None:
        """Count one more."""
        self.drawn += 1
        self.done += recheck.done_at is not None
        self.reached += recheck.result == "reached"
        self.confirmed += recheck.took_place == "yes"
        self.denied += recheck.took_place == "no"
        self.right += recheck.right_person == "yes"
        self.wrong += recheck.right_person == "no"
        self.same += sum(compared)
        self.other += len(compared) - sum(compared)


@dataclass(frozen=True)
class Repeated:
    """One question put twice: agreement, and agreement beyond chance (Gwet's AC1)."""

    question: Question
    agreement: Agreement
    ac1: float


@dataclass(frozen=True)
class Confirmations:
    """All re-checks of a wave."""

    whole: Confirmation
    by_pair: dict[Pair, Confirmation] = field(default_factory=dict)
    by_question: tuple[Repeated, ...] = ()


def of_wave(
    session: Session, wave: Wave, communities: Collection[int] | None = None
) -> Confirmations:
    """What the re-checks of a wave say so far, in some communities or in all."""
    made = pairs.of_wave(session, wave)
    asked = rechecks.questions(session, wave)
    found = Confirmations(Confirmation())
    twice: dict[str, list[tuple[str, str]]] = {question.name: [] for question in asked}
    query = (
        sa.select(Recheck, Response)
        .join(Response, Response.id == Recheck.response_id)
        .where(Response.wave_id == wave.id)
    )
    for recheck, response in session.execute(query):
        if communities is not None and response.community_id not in communities:
            continue
        both = [
            (question.name, response.answers.get(question.name, ""), recheck.answers[question.name])
            for question in asked
            if question.name in recheck.answers
            and response.answers.get(question.name) in question.codes
        ]
        for name, first, second in both:
            twice[name].append((first, second))
        compared = [first == second for _name, first, second in both]
        found.whole.add(recheck, compared)
        pair = made.get(response.id, ())
        found.by_pair.setdefault(pair, Confirmation()).add(recheck, compared)
    return Confirmations(
        found.whole,
        found.by_pair,
        tuple(_repeated(question, twice[question.name]) for question in asked),
    )


def _repeated(question: Question, twice: Sequence[tuple[str, str]]) -> Repeated:
    table = cross_table(
        [first for first, _ in twice], [second for _, second in twice], question.codes
    )
    return Repeated(question, Agreement(int(table.sum()), int(table.trace())), gwet_ac1(table))
