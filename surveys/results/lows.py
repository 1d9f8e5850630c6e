"""What goes with low satisfaction: a logistic regression under the design, told in points.

Two models. ``who``: sex, age, housing and mode, each with the others alike. ``what``: the same, and
satisfaction with each of the environments, whether people took part, and what became of a problem
they reported. Neither shows a cause: people who are dissatisfied may judge everything more harshly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import stdtr, stdtrit

from analysis.associations.effects import average_effects
from analysis.associations.regression import logistic
from analysis.associations.rows import Rows
from analysis.families import holm
from analysis.problems import DesignError
from surveys.questionnaires.definition import MISSING, Indicator, Questionnaire
from surveys.results import indicators, snapshots
from surveys.results.items import BACKGROUND, MODE
from surveys.results.judging import LEVEL
from surveys.results.snapshots import Material
from surveys.texts import coded
from surveys.weighting import designs, weight_sets
from surveys.weighting.designs import Designs

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]

FURTHER = ("P1", "F1")  # taking part; a problem reported and what became of it
FEWEST = 30  # people with a code; those with a rarer one are left out
EVENTS = 5  # of the rarer outcome for each slope [Vittinghoff & McCulloch 2007]
TOO_FEW, UNCERTAIN = "too_few", "uncertain"
SATISFIED, NOT, NONE = "satisfied", "not", "none"


@dataclass(frozen=True)
class _Columns:
    """The model's columns: an intercept, then each variable's codes but the first."""

    x: Floats
    base: npt.NDArray[np.bool_]
    terms: list[tuple[str, str]]  # variable and code
    groups: list[list[int]]
    references: dict[str, str]  # the code each variable's others are compared with


def low_model(
    material: Material,
    weights: pa.Table,
    settings: Mapping[str, Any],
    questionnaire: Questionnaire,
    indicator: str,
    *,
    with_environments: bool,
) -> dict[str, Any]:
    """Fit who is not among those who count in a rate.

    Parameters
    ----------
    material, weights, settings, questionnaire
        As of :class:`surveys.results.weighed.Weighed`.
    indicator : str
        Name of the rate: its base is asked, and its numerator the opposite of what is modelled.

    Returns
    -------
    dict
        ``terms``: of each code against the first of its variable the average ``effect`` on the
        share (0–1) with ``se``, ``lower``, ``upper``, ``p``, ``p_holm``, ``odds_ratio`` and ``n``;
        ``references``, the first codes; ``n`` in the model, ``low`` of them, ``left_out``; ``why``
        there are no terms: ``too_few`` people, or an ``uncertain`` model that has no solution.
    """
    rows = weight_sets.counting(material.responses, "sample")
    rate = next(one for one in questionnaire.indicators if one.name == indicator)
    y, answered = _measured(rows, rate)
    variables = dict(_variables(rows, questionnaire, rate, with_environments))
    columns = _columns(variables, answered)
    low = np.where(columns.base, 1 - y, 0.0)
    counts: dict[str, Any] = {
        "n": int(columns.base.sum()),
        "low": int(low.sum()),
        "left_out": int((answered & ~columns.base).sum()),
        "references": columns.references,
    }
    rarer = min(counts["low"], counts["n"] - counts["low"])
    if not columns.terms or rarer < EVENTS * len(columns.terms):
        return {**counts, "terms": [], "why": TOO_FEW}
    declared = designs.declare(rows, weights, settings, material.manifest["draw"])
    try:
        found = None if declared is None else _fitted(declared, columns, low)
    except DesignError:
        found = None
    return {**counts, **(found or {"terms": [], "why": UNCERTAIN})}


def _fitted(declared: Designs, columns: _Columns, low: Floats) -> dict[str, Any]:
    """The effects, each with the larger of the errors under both designs."""
    fits = []
    for design, basis in ((declared.drawn, declared.basis), (declared.pairs, designs.PAIRS)):
        if design is None:
            continue
        held = Rows(design)
        slopes, covariance = logistic(held, columns.x, low, columns.base)
        weight = held.weight * columns.base
        effect, gradient = average_effects(columns.x, weight, slopes, columns.groups)
        se = np.sqrt(np.einsum("ij,jk,ik->i", gradient, covariance, gradient))
        fits.append((effect, se, held.df(columns.base) - len(columns.terms), basis, slopes))
    fits = [one for one in fits if one[2] >= 1]
    if not fits:
        raise DesignError("There are fewer units than slopes.")
    effect, _se, _df, _basis, slopes = fits[0]
    wider = np.argmax([one[1] for one in fits], axis=0)
    se, df = (np.array([fits[at][part][k] if part == 1 else fits[at][2]
                        for k, at in enumerate(wider)]) for part in (1, 2))  # fmt: skip
    half = stdtrit(df, (1 + LEVEL) / 2) * se
    p = 2 * stdtr(df, -np.abs(effect / se))
    odds = np.exp(slopes[1:])
    numbers = zip(effect, se, effect - half, effect + half, df, p, holm(p), odds, strict=True)
    names = ("effect", "se", "lower", "upper", "df", "p", "p_holm", "odds_ratio")
    terms = [
        {"variable": variable, "code": code, "n": int(columns.x[:, at].sum()),
         "basis": fits[wider[at - 1]][3],
         **{name: float(value) for name, value in zip(names, row, strict=True)}}
        for at, ((variable, code), row) in enumerate(
            zip(columns.terms, numbers, strict=True), start=1
        )
    ]  # fmt: skip
    return {"terms": terms, "why": ""}


def _measured(rows: pa.Table, rate: Indicator) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Whether each row counts, and whether it is in the base."""
    answers = {
        name: coded(rows[snapshots.answer_column(name)]) for name in indicators.references(rate)
    }
    y, r = indicators.evaluate_columns(rate, answers, rows.num_rows)
    return y, r > 0


def _variables(
    rows: pa.Table, questionnaire: Questionnaire, rate: Indicator, with_environments: bool
) -> Iterator[tuple[str, tuple[Texts, list[str]]]]:
    """Each variable with what everybody said and its codes, that to compare with first."""
    asked = questionnaire.questions
    wanted = (*BACKGROUND, *(FURTHER if with_environments else ()))
    for name in (one for one in wanted if one in asked):
        codes = [code for code in asked[name].codes if code not in MISSING]
        yield name, (np.array(weight_sets.given(rows, name), object), codes)
    yield MODE, (np.array(rows[MODE].to_pylist(), object), ["door", "web", "paper"])
    for one in questionnaire.indicators if with_environments else ():
        if one.name.startswith("env_") and one.kind == "rate" and one.name != rate.name:
            y, answered = _measured(rows, one)
            said = np.where(answered, np.where(y > 0, SATISFIED, NOT), NONE).astype(object)
            yield one.name, (said, [SATISFIED, NOT, NONE])


def _columns(
    variables: Mapping[str, tuple[Texts, list[str]]], answered: npt.NDArray[np.bool_]
) -> _Columns:
    base = answered.copy()
    kept = {}
    for name, (said, codes) in variables.items():
        often = [code for code in codes if (answered & (said == code)).sum() >= FEWEST]
        if len(often) > 1:
            kept[name] = said, often
            base &= np.isin(said, often)
    columns, terms, groups, references = [np.ones(len(base))], [], [], {}
    for name, (said, codes) in kept.items():
        here = [code for code in codes if (base & (said == code)).any()]
        if len(here) < 2:
            continue
        groups.append(list(range(len(columns), len(columns) + len(here) - 1)))
        references[name] = here[0]
        for code in here[1:]:
            terms.append((name, code))
            columns.append((said == code).astype(float))
    return _Columns(np.column_stack(columns) * base[:, None], base, terms, groups, references)
