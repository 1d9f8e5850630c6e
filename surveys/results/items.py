"""Items: how every question was answered, by whom, weighted and unweighted.

Made of the snapshot, its weights and the definitions alone, once, when a wave is locked. The base
of a question is whoever was asked and answered; "don't know" is an answer. Refused, skipped and not
applicable are out and are counted beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from surveys.questionnaires.definition import MISSING, Question, Questionnaire
from surveys.results import judging, snapshots
from surveys.results.snapshots import Material
from surveys.weighting import designs, weight_sets
from surveys.weighting.calibration import AGE, SEX
from surveys.weighting.designs import Designs
from surveys.weighting.factors import Floats

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


def compute(
    material: Material,
    weights: pa.Table,
    settings: Mapping[str, Any],
    questionnaire: Questionnaire,
) -> Iterator[Table]:
    """Every question of a wave, by everything it may be crossed with.

    Parameters
    ----------
    material, weights, settings, questionnaire
        As for :func:`surveys.results.figures.compute`.

    Yields
    ------
    Table
        By question in the questionnaire's order, everyone first.
    """
    rows = weight_sets.counting(material.responses, "sample")
    weight = weights["weight"].to_numpy()
    asked = _asked(questionnaire)
    answers = {one.name: _Answers.of(rows, one) for one in asked}
    by = {name: answers[name].said for name in crossed_with(questionnaire)}
    by |= {name: _column(rows, name) for name in (COMMUNITY, MODE)}
    draw = material.manifest["draw"]
    intervals = _intervals(partial(designs.declare, rows, weights, settings, draw), answers, by)
    everyone = _Split.of(np.full(len(weight), "all"), ["all"])
    split = {
        name: _Split.of(category, _in_order(questionnaire, name, np.unique(category).tolist()))
        for name, category in by.items()
    }
    for question in asked:
        own = answers[question.name]
        (all_of_them,) = _groups(own, everyone, weight, (question.name, EVERYONE), intervals)
        yield Table(question.name, EVERYONE, (replace(all_of_them, code=""),))
        for name, one in split.items():
            if name != question.name:
                groups = _groups(own, one, weight, (question.name, name), intervals)
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
    """What each row said to a question."""

    said: npt.NDArray[np.str_]  # empty: outside the base
    base: npt.NDArray[np.bool_]
    missing: npt.NDArray[np.bool_]
    codes: Mapping[str, npt.NDArray[np.bool_]]

    @classmethod
    def of(cls, rows: pa.Table, question: Question) -> _Answers:
        said = np.array([one or "" for one in weight_sets.given(rows, question.name)], str)
        if not len(said):
            said = said.astype("<U1")
        was_asked = ~np.array(rows[snapshots.answer_column(question.name)].is_null(), bool)
        base = said != ""
        codes = {}
        for code in question.codes:
            if code not in MISSING:
                codes[code] = _holds(said, code, several=question.type == "select_multiple")
        return cls(said, base, was_asked & ~base, codes)


def _holds(said: npt.NDArray[np.str_], code: str, *, several: bool) -> npt.NDArray[np.bool_]:
    if not several:
        return np.asarray(said == code, bool)
    spelt, place = np.unique(said, return_inverse=True)
    holds = np.array([code in one.split() for one in spelt.tolist()], bool)
    return np.asarray(holds[place], bool)


def _column(rows: pa.Table, name: str) -> npt.NDArray[np.str_]:
    return np.array(rows[name].to_pylist(), str)


def _in_order(questionnaire: Questionnaire, by: str, codes: Sequence[str]) -> list[str]:
    """Categories as the questionnaire lists them; communities by their codes."""
    if by in (COMMUNITY, MODE):
        return sorted(codes)
    return [code for code in questionnaire.question(by).codes if code in codes]


Bounds = Mapping[tuple[str, str, str, str], tuple[float | None, float | None]]


@dataclass(frozen=True)
class _Split:
    """Rows by category."""

    codes: Sequence[str]
    place: npt.NDArray[np.intp]  # of each row among the codes; -1: in none

    @classmethod
    def of(cls, category: npt.NDArray[np.str_], codes: Sequence[str]) -> _Split:
        spelt, at = np.unique(category, return_inverse=True)
        known = {code: place for place, code in enumerate(codes)}
        return cls(codes, np.array([known.get(one, -1) for one in spelt.tolist()], int)[at])

    def count(self, rows: npt.NDArray[np.bool_], weight: Floats | None = None) -> list[float]:
        """How many of some rows are in each category, or what they weigh, in the rows' order."""
        rows = rows & (self.place >= 0)
        weights = None if weight is None else weight[rows]
        counted = np.bincount(self.place[rows], weights, len(self.codes))
        found: list[float] = counted.tolist()
        return found


def _groups(
    own: _Answers, split: _Split, weight: Floats, table: tuple[str, str], intervals: Bounds
) -> list[Group]:
    question, by = table
    n, total = split.count(own.base), split.count(own.base, weight)
    missing = split.count(own.missing)
    gave = {code: split.count(own.base & rows) for code, rows in own.codes.items()}
    weighs = {code: split.count(own.base & rows, weight) for code, rows in own.codes.items()}
    none = (None, None)
    return [
        Group(
            code,
            int(n[at]),
            total[at],
            int(missing[at]),
            tuple(
                Share(
                    answer,
                    int(gave[answer][at]),
                    weighs[answer][at] / total[at] if total[at] else 0.0,
                    gave[answer][at] / n[at] if n[at] else 0.0,
                    *intervals.get((question, answer, by, "" if by == EVERYONE else code), none),
                )
                for answer in own.codes
            ),
        )
        for at, code in enumerate(split.codes)
    ]


def _intervals(
    declare: Callable[[designs.Columns], Designs | None],
    answers: Mapping[str, _Answers],
    by: Mapping[str, npt.NDArray[np.str_]],
) -> Bounds:
    """Intervals of every share, for everyone and by background."""
    columns: dict[str, npt.NDArray[Any]] = {
        f"{name}/{code}": np.where(own.base, gave, np.nan)
        for name, own in answers.items()
        for code, gave in own.codes.items()
        if own.base.any()
    }
    background = [name for name in BACKGROUND if name in by]
    declared = declare(columns | {f"by:{name}": _known(by[name]) for name in background})
    if declared is None or not columns:
        return {}
    found = {}
    for name in (EVERYONE, *background):
        domains = [f"by:{name}"] if name else []
        for (variable, domain), (one, _basis) in judging.judged(
            declared, list(columns), domains
        ).items():
            lower, upper = one.interval("korn-graubard", judging.LEVEL)
            question, _, answer = variable.partition("/")
            key = (question, answer, name, domain[0] if domain else "")
            found[key] = (judging.finite(lower), judging.finite(upper))
    return found


def _known(category: npt.NDArray[np.str_]) -> npt.NDArray[np.object_]:
    """Categories as a design reads them: who has none is in no domain."""
    known = category.astype(object)
    known[category == ""] = None
    return known
