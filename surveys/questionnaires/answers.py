"""Answers: checking a page, and the canonical form in which a response is kept.

Answers are a flat mapping of question to text. Several chosen codes are joined by spaces in the
order of the choices; a whole number has plain digits; ``-1`` is refused, ``-2`` skipped, ``-3`` not
applicable.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from surveys.problems import N_, Problem, Refused
from surveys.questionnaires import routing
from surveys.questionnaires.definition import (
    MISSING,
    REFUSED,
    SKIPPED,
    Page,
    Question,
    Questionnaire,
)
from surveys.questionnaires.expressions import truth

Answers: TypeAlias = dict[str, str]

LONGEST_TEXT = 5000  # characters; a questionnaire's own constraint is usually far stricter
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")


def check_page(
    questionnaire: Questionnaire,
    page: Page,
    raw: Mapping[str, Sequence[str]],
    answers: Mapping[str, str],
    way: routing.Walk | None = None,
) -> tuple[Answers, dict[str, Problem]]:
    """Check what was sent for a page.

    Parameters
    ----------
    questionnaire, page
        A page that is off the path of ``answers`` asks nothing, and nothing is returned.
    raw : mapping of question to the values sent
        As a form sends them: one value, or one per ticked box. Unknown fields are ignored; a
        question that was not sent is unanswered.
    answers : mapping of str to str
        The answers stored so far.
    way : Walk, optional
        What walking with those answers gave, by someone who has walked already.

    Returns
    -------
    values : Answers
        The normalised answers of the questions that have no problem, "" if unanswered.
    problems : dict of question to Problem
        An unanswered question is one only where it is required.
    """
    values: Answers = {}
    problems: dict[str, Problem] = {}
    way = way or routing.walk(questionnaire, answers)
    questions = [question for question in way.asked(page.name) if question.asks]
    for question in questions:
        try:
            values[question.name] = normalised(question, raw.get(question.name, ()))
        except Refused as refusal:
            problems[question.name] = refusal.problems[0]
    together = {**way.given, **values}
    for question in questions:
        if question.name in values:
            problem = _objection(question, together)
            if problem:
                problems[question.name] = problem
                del values[question.name]
    return values, problems


def canonical(questionnaire: Questionnaire, answers: Mapping[str, str]) -> Answers:
    """The answers as they are kept: those on the path, in the questionnaire's order.

    What is unanswered is ``-2``, skipped; a refusal, ``-1``, answers any question. Of someone
    ineligible the screening answers remain.
    Applying it twice changes nothing.

    Raises
    ------
    Refused
        With every problem (``where`` names the question) if a required answer is missing, a code is
        not among the choices, or a constraint fails.
    """
    faults: dict[str, Problem] = {}
    clean_answers: Answers = {}
    for name, answer in answers.items():
        question = questionnaire.questions.get(name)
        if question and question.asks and answer == REFUSED:
            clean_answers[name] = REFUSED  # said at the door; a page of our own cannot send it
        elif question and question.asks and answer not in ("", SKIPPED):
            sent = answer.split() if question.type == "select_multiple" else [answer]
            try:
                clean_answers[name] = normalised(question, sent)
            except Refused as refusal:
                clean_answers[name] = answer
                faults[name] = refusal.problems[0]
    kept: Answers = {}
    problems: list[Problem] = []
    way = routing.walk(questionnaire, clean_answers)
    for question in (question for _, questions in way.steps for question in questions):
        if question.asks:
            kept[question.name] = way.given.get(question.name, SKIPPED)
            problem = faults.get(question.name) or _objection(question, way.given)
            if problem:
                problems.append(replace(problem, where=question.name))
    if problems:
        raise Refused(*problems)
    return kept


def digest(answers: Mapping[str, str]) -> str:
    """The SHA-256 (hexadecimal) that tells identical answers from different ones.

    >>> digest({"S1": "no", "A": "1"}) == digest({"A": "1", "S1": "no"})
    True
    """
    return hashlib.sha256(_SORTED.encode(answers).encode()).hexdigest()


_SORTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def normalised(question: Question, sent: Sequence[str]) -> str:
    """What was sent for one question as it is stored, "" if nothing was.

    Raises
    ------
    Refused
        If it is no whole number, not among the choices, or too long.
    """
    if len(sent) == 1 and sent[0] in question.codes:
        return sent[0]  # as it nearly always is
    if question.type == "select_multiple":
        return _chosen(question, [code for code in sent if code])
    text = clean(sent[0]) if sent else ""
    if not text:
        return ""
    if question.type == "select_one":
        return _chosen(question, [text])
    if question.type == "integer":
        return _integer(text)
    if len(text) > LONGEST_TEXT:
        raise Refused(
            Problem(
                N_("Please write at most %(most)d characters; these are %(given)d."),
                {"most": LONGEST_TEXT, "given": len(text)},
            )
        )
    return text


def clean(text: str) -> str:
    """A typed text without outer space and control characters, in Unicode's composed form (NFC).

    Line breaks stay, as a single ``\\n`` each.
    """
    if text.isascii() and text.isprintable():
        return text.strip()  # as every code is
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    kept = (
        letter
        for letter in lines.replace("\t", " ")
        if letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cs")
    )
    return "".join(kept).strip()


def _chosen(question: Question, codes: Sequence[str]) -> str:
    unknown = sorted(set(codes) - set(question.codes))
    if unknown:
        raise Refused(
            Problem(
                N_("“%(code)s” is not among the answers; please choose again."),
                {"code": unknown[0][:40]},
            )
        )
    return " ".join(code for code in question.codes if code in codes)


def _integer(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).replace("−", "-")
    if not _INTEGER.fullmatch(plain):
        raise Refused(Problem(N_("Please enter a whole number, for example 3.")))
    value = str(int(plain))
    if value in MISSING:  # they would be read as "refused", "skipped" or "not applicable"
        raise Refused(Problem(N_("%(value)s cannot be entered here."), {"value": value}))
    return value


def _objection(question: Question, answers: Mapping[str, str]) -> Problem | None:
    """What the questionnaire itself has against the answer to one of its questions."""
    answer = answers.get(question.name, "")
    if not answer and question.required:
        text = N_("Please answer this question.")
        return Problem(text, own_words=question.required_message or {})
    if answer == REFUSED:
        return None
    if answer and question.constraint and not truth(question.constraint, answers, answer):
        text = N_("This answer is not possible; please check it.")
        return Problem(text, own_words=question.constraint_message or {})
    return None
