"""Items: how every question was answered, by whom, weighted and unweighted.

Made of the snapshot, its weights and the definitions alone, once, when a wave is locked. The base
of a question is whoever was asked and answered; "don't know" is an answer. Refused, skipped and not
applicable are out and are counted beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from surveys.questionnaires.definition import MISSING, Question, Questionnaire
from surveys.results import judging
from surveys.results.respondents import Respondents
from surveys.results.weighed import Weighed
from surveys.texts import Coded
from surveys.weighting.calibration import AGE, SEX
from surveys.weighting.factors import Booleans, Floats, Indices

HOUSING = "D3"  # the respondent's own word, beside the frame's
BACKGROUND = (SEX, AGE, HOUSING)  # of the standard questionnaire: whose shares have intervals
COMMUNITY, MODE = "community", "mode"
EVERYONE = ""
SHOWN = ("select_one", "select_multiple")


@dataclass(frozen=True)
class Share:
    """One answer among those of a group.

    Parameters
    ----------
    answer : str
        The code.
    n : int
        Who gave it.
    share, lower, upper : float or None
        Weighted, 0–1, with its 95 % interval; a cross-table's shares have none.
    unweighted : float
    """

    answer: str
    n: int
    share: float
    unweighted: float
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class Group:
    """Those of one category, and what they answered.

    Parameters
    ----------
    code : str
        The category; empty for everyone.
    n : int
        Respondents in the base; ``n_weighted`` the adults they stand for.
    missing : int
        Asked, and out of the base.
    """

    code: str
    n: int
    n_weighted: float
    missing: int
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Table:
    """How a question was answered in each category of a variable.

    Parameters
    ----------
    question : str
    by : str
        Another question, ``community``, ``mode``, or empty for everyone together.
    groups : tuple of Group
        Those in which somebody is in the base.
    """

    question: str
    by: str
    groups: tuple[Group, ...]


def compute(weighed: Weighed) -> Iterator[Table]:
    """Every question of a wave, by everything it may be crossed with.

    Yields
    ------
    Table
        By question in the questionnaire's order, everyone first.
    """
    sample, questionnaire = weighed.sample, weighed.questionnaire
    asked = _asked(questionnaire)
    answers = {one.name: _Answers.of(sample, one) for one in asked}
    by = crossed_with(questionnaire)
    intervals = _intervals(weighed, answers, [name for name in BACKGROUND if name in by])
    everyone = _Split.of(Coded(np.zeros(len(sample), np.intp), ["all"]), ["all"])
    split = {
        name: _Split.of(one, _in_order(questionnaire, name, one))
        for name, one in [
            *((name, sample.said(name)) for name in by),
            *((name, sample.coded(name)) for name in (COMMUNITY, MODE)),
        ]
    }
    for question in asked:
        own = answers[question.name].weighing(weighed.weight)
        (all_of_them,) = _groups(own, everyone, (question.name, EVERYONE), intervals)
        yield Table(question.name, EVERYONE, (replace(all_of_them, code=""),))
        for name, one in split.items():
            if name != question.name:
                groups = _groups(own, one, (question.name, name), intervals)
                yield Table(question.name, name, tuple(group for group in groups if group.n))


def crossed_with(questionnaire: Questionnaire) -> list[str]:
    """The questions that others are broken down by: every choice of one answer."""
    return [one.name for one in _asked(questionnaire) if one.type == "select_one"]


def _asked(questionnaire: Questionnaire) -> list[Question]:
    """Questions with answers to choose, but for those that screen."""
    return [
        question
        for name, question in questionnaire.questions.items()
        if question.type in SHOWN and name not in questionnaire.screening
    ]


@dataclass(frozen=True)
class _Answers:
    """What was said to a question."""

    codes: Sequence[str]
    base: Booleans  # of each respondent
    missing: Booleans
    row: Indices  # of each answer given: who gave it, and which it is
    answer: Indices

    @classmethod
    def of(cls, sample: Respondents, question: Question) -> _Answers:
        codes = [code for code in question.codes if code not in MISSING]
        said = sample.said(question.name)
        known = np.array([bool(t) and t not in MISSING for t in said.distinct], bool)
        asked = np.array([text is not None for text in said.distinct], bool)[said.place]
        base = known[said.place] if len(known) else np.zeros(len(sample), bool)
        several = question.type == "select_multiple"
        rows, which = [], []
        for at, code in enumerate(codes):
            holds = [t is not None and (code in t.split() if several else code == t)
                     for t in said.distinct]  # fmt: skip
            gave = np.flatnonzero(np.array([*holds, False], bool)[said.place] & base)
            rows.append(gave)
            which.append(np.full(len(gave), at))
        none = [np.zeros(0, np.intp)]
        return cls(
            codes, base, asked & ~base, np.concatenate(rows or none), np.concatenate(which or none)
        )

    def column(self, at: int) -> Floats:
        """1 for who gave an answer, 0 for who did not, NaN outside the base."""
        gave = np.where(self.base, 0.0, np.nan)
        gave[self.row[self.answer == at]] = 1
        return gave

    def weighing(self, weight: Floats) -> _Weighing:
        """With the weights of those concerned."""
        base, missing = np.flatnonzero(self.base), np.flatnonzero(self.missing)
        return _Weighing(self, base, missing, weight[base], weight[self.row])


@dataclass(frozen=True)
class _Weighing:
    """What was said to a question, with weights."""

    said: _Answers
    base: Indices  # rows
    missing: Indices
    weight_of_base: Floats
    weight_of_answers: Floats


def _in_order(questionnaire: Questionnaire, by: str, held: Coded) -> list[str]:
    """Categories as the questionnaire lists them; communities by their codes."""
    codes = [text for text in held.distinct if text is not None]
    if by in (COMMUNITY, MODE):
        return codes
    known = [code for code in questionnaire.question(by).codes if code not in MISSING]
    return [code for code in known if code in codes]


Bounds = Mapping[tuple[str, str, str, str], tuple[float | None, float | None]]


@dataclass(frozen=True)
class _Split:
    """Rows by category."""

    codes: Sequence[str]
    place: Indices  # of each row among the codes; how many there are: in none

    @classmethod
    def of(cls, category: Coded, codes: Sequence[str]) -> _Split:
        return cls(codes, category.among(codes))

    def count(self, rows: Indices, *weights: Floats) -> list[list[float]]:
        """How many of some rows are in each category, then what they weigh, in the rows' order."""
        place = self.place[rows]
        return [
            np.bincount(place, weight, len(self.codes) + 1)[:-1].tolist()
            for weight in (None, *weights)
        ]

    def cross(self, said: _Answers, weight: Floats) -> list[list[list[float]]]:
        """The same of the answers given: by category, then answer."""
        size = len(said.codes)
        if not size:
            return [[[] for _ in self.codes]] * 2
        key = self.place[said.row] * size + said.answer
        return [
            np.bincount(key, one, (len(self.codes) + 1) * size).reshape(-1, size)[:-1].tolist()
            for one in (None, weight)
        ]


def _groups(
    own: _Weighing, split: _Split, table: tuple[str, str], intervals: Bounds
) -> list[Group]:
    question, by = table
    counts = split.count(own.base, own.weight_of_base)
    (missing,) = split.count(own.missing)
    gave, weighs = split.cross(own.said, own.weight_of_answers)
    none = (None, None)
    groups = []
    for code, n, total, lost, times, weights in zip(
        split.codes, *counts, missing, gave, weighs, strict=True
    ):
        within = "" if by == EVERYONE else code
        shares = tuple(
            Share(
                answer,
                int(number),
                weight / total if total else 0.0,
                number / n if n else 0.0,
                *intervals.get((question, answer, by, within), none),
            )
            for answer, number, weight in zip(own.said.codes, times, weights, strict=True)
        )
        groups.append(Group(code, int(n), total, int(lost), shares))
    return groups


def _intervals(
    weighed: Weighed, answers: Mapping[str, _Answers], background: Sequence[str]
) -> Bounds:
    """Intervals of every share, for everyone and by background."""
    columns: dict[str, npt.NDArray[Any]] = {
        f"{name}/{code}": own.column(at)
        for name, own in answers.items()
        for at, code in enumerate(own.codes)
        if own.base.any()
    }
    if weighed.designs is None or not columns:
        return {}
    by = {f"by:{name}": weighed.sample.given(name) for name in background}
    declared = weighed.designs.holding(columns | by)
    found = {}
    for name in (EVERYONE, *background):
        domains = [f"by:{name}"] if name else []
        for (variable, domain), one in judging.judged(declared, list(columns), domains).items():
            question, _, answer = variable.partition("/")
            key = (question, answer, name, domain[0] if domain else "")
            found[key] = (judging.finite(one.lower), judging.finite(one.upper))
    return found
