"""Routing: which pages a person walks, recomputed from the answers on every request.

The answer to a question that is off the path does not count: it may be left over from an earlier
choice. All functions are pure; ``answers`` may hold anything the person ever entered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from surveys.questionnaires.definition import SKIPPED, Page, Question, Questionnaire
from surveys.questionnaires.expressions import truth


@dataclass(frozen=True)
class Walk:
    """The way through a questionnaire: pages with what they ask, and the answers that count."""

    steps: tuple[tuple[Page, tuple[Question, ...]], ...]
    given: Mapping[str, str]

    def asked(self, page_name: str) -> tuple[Question, ...]:
        """The questions that a page shows, notes included; none if it is off the path."""
        return next((questions for page, questions in self.steps if page.name == page_name), ())

    def following(self, questionnaire: Questionnaire, page_name: str) -> Page | None:
        """The next page, even where the page itself is off the path; None after the last."""
        place, at = questionnaire.place, questionnaire.place[page_name]
        return next((page for page, _ in self.steps if place[page.name] > at), None)

    def preceding(self, questionnaire: Questionnaire, page_name: str) -> Page | None:
        """The page before, even where the page itself is off the path; None before the first."""
        place, at = questionnaire.place, questionnaire.place[page_name]
        return next((page for page, _ in reversed(self.steps) if place[page.name] < at), None)


def walk(questionnaire: Questionnaire, answers: Mapping[str, str]) -> Walk:
    """Walk the pages in order; whoever is not eligible stops after the screening questions."""
    screening, others = questionnaire.screening_pages
    given: dict[str, str] = {}
    steps = list(_steps(screening, answers, given))
    if not screening or (questionnaire.eligible and truth(questionnaire.eligible, given)):
        steps += _steps(others, answers, given)
    return Walk(tuple(steps), given)


def _steps(
    pages: Iterable[Page], answers: Mapping[str, str], given: dict[str, str]
) -> Iterator[tuple[Page, tuple[Question, ...]]]:
    """The pages on the path with what they ask; ``given`` grows by the answers that count."""
    for page in pages:
        if page.relevant is not None and not truth(page.relevant, given):
            continue
        questions = page.questions
        if page.is_conditional:
            questions = tuple(
                question
                for question in questions
                if question.relevant is None or truth(question.relevant, given)
            )
        if questions:
            yield page, questions
        for question in questions:
            answer = answers.get(question.name, "")
            if answer not in ("", SKIPPED):
                given[question.name] = answer


def path(questionnaire: Questionnaire, answers: Mapping[str, str]) -> list[Page]:
    """The pages from the first to the last, given what has been answered so far."""
    return [page for page, _ in walk(questionnaire, answers).steps]


def asked(
    questionnaire: Questionnaire, page: Page, answers: Mapping[str, str]
) -> tuple[Question, ...]:
    """The questions that a page shows, notes included; none if it is off the path."""
    return walk(questionnaire, answers).asked(page.name)


def following(
    questionnaire: Questionnaire, answers: Mapping[str, str], page_name: str
) -> Page | None:
    """The next page on the path, even where the page itself is off it; None after the last."""
    return walk(questionnaire, answers).following(questionnaire, page_name)


def preceding(
    questionnaire: Questionnaire, answers: Mapping[str, str], page_name: str
) -> Page | None:
    """The page before on the path, even where the page itself is off it; None before the first."""
    return walk(questionnaire, answers).preceding(questionnaire, page_name)


def first_unanswered(
    questionnaire: Questionnaire, answers: Mapping[str, str], seen: Collection[str] = ()
) -> Page | None:
    """Where to resume: the first page with a question that awaits its answer; None without one.

    A question on a page named in ``seen`` was passed over on purpose and awaits nothing, unless it
    is required.
    """
    way = walk(questionnaire, answers)
    for page, questions in way.steps:
        for question in questions:
            awaited = question.required or page.name not in seen
            if question.asks and awaited and question.name not in way.given:
                return page
    return None


def is_eligible(questionnaire: Questionnaire, answers: Mapping[str, str]) -> bool | None:
    """Whether the person belongs to those who are asked; None while a screening answer is due."""
    if questionnaire.eligible is None:
        return True
    screening, _ = questionnaire.screening_pages
    given: dict[str, str] = {}
    asked = {one.name for _, shown in _steps(screening, answers, given) for one in shown}
    if (asked & questionnaire.screening) - given.keys():
        return None
    return truth(questionnaire.eligible, given)


def frozen(questionnaire: Questionnaire, shown: Collection[str]) -> set[str]:
    """The questions whose answers may no longer change, given the questions already shown."""
    questions = questionnaire.questions
    return {name for one in shown if one in questions for name in questions[one].freezes}


def order(page: Page, seed: int) -> tuple[Question, ...]:
    """The questions of a page in the order in which a person sees them.

    A shuffled page sorts by a hash of seed and name, which any language repeats.
    """
    if not page.shuffle:
        return page.questions

    def lot(question: Question) -> str:
        return hashlib.sha256(f"{seed}/{question.name}".encode()).hexdigest()

    return tuple(sorted(page.questions, key=lot))
