"""How pages say what the record holds: answers, places, days, problems."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask_babel import format_date

from surveys.areas import Area
from surveys.problems import Problem
from surveys.questionnaires.definition import Page, Question, Questionnaire, text_in
from webapp.i18n import language, say

BETWEEN = {"zh": "、", "en": ", "}


def said(question: Question, answers: Mapping[str, str]) -> str:
    """An answer as its reader would say it; empty if there is none."""
    answer = answers.get(question.name, "")
    if not question.choices:
        return answer
    labels = [text_in(question.choice(code).label, language()) for code in answer.split()]
    return BETWEEN[language()].join(labels)


def heading(questionnaire: Questionnaire, page: Page, questions: Sequence[Question]) -> str:
    """What stands above a page: the title of its group, or its only question."""
    only = questions[0].label if len(questions) == 1 else None
    return text_in(page.title or only or questionnaire.title, language())


def place(area: Area) -> str:
    """The name of an area in the reader's language, where it has one there."""
    return (area.name_en if language() == "en" else "") or area.name_zh


def day(date: dt.date) -> str:
    """A date as the reader writes it."""
    return str(format_date(date, "long"))


def say_plainly(problem: Problem) -> str:
    """A problem without the name of the question, which says nothing to a resident."""
    return say(replace(problem, where=""))
