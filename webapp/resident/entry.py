"""What was sent for a page, judged by the record."""

from __future__ import annotations

from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from surveys.problems import Problem
from surveys.questionnaires.answers import Answers, check_page
from surveys.questionnaires.definition import Page
from webapp.resident.visit import Visit

VERSION = "@version"  # no question can have this name


@dataclass(frozen=True)
class Entry:
    """What someone entered on a page.

    Parameters
    ----------
    sent : MultiDict
        As the browser sent it.
    values : dict of question to answer
        What may be stored; notes that were shown have an empty entry, as passed.
    problems : dict of question to Problem
    seen_version : int
        The version of the draft the page was shown from.
    """

    sent: MultiDict[str, str]
    values: Answers
    problems: dict[str, Problem]
    seen_version: int

    @classmethod
    def of(cls, visit: Visit, page: Page, sent: MultiDict[str, str]) -> Entry:
        """Judge what was sent."""
        shown = visit.way.asked(page.name)
        raw = {one.name: sent.getlist(one.name) for one in shown if visit.is_changeable(one)}
        values, problems = check_page(
            visit.questionnaire, page, raw, visit.draft.answers, visit.way
        )
        notes = {question.name: "" for question in shown if not question.asks}
        version = sent.get(VERSION, type=int)
        return cls(
            sent=sent,
            values=notes | {name: value for name, value in values.items() if name in raw},
            problems={name: problem for name, problem in problems.items() if name in raw},
            seen_version=visit.draft.version if version is None else version,
        )

    def without_untouched(self, visit: Visit) -> Entry:
        """Only what was really answered: no page is passed by switching the language."""
        stored = visit.draft.answers
        values = {name: value for name, value in self.values.items() if value or name in stored}
        return replace(self, values=values)
