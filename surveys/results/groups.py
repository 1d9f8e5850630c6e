"""Groups: the headline rates of women and men, of each age and housing type, place by place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analysis import Estimate
from surveys.questionnaires.definition import Indicator, Questionnaire
from surveys.results import indicators, judging, snapshots
from surveys.results.snapshots import Material
from surveys.weighting import designs, weight_sets
from surveys.weighting.calibration import AGE, SEX

VARIABLES = ("sex", "age", "housing")


@dataclass(frozen=True, kw_only=True)
class GroupFigure:
    """A rate among some of a place's residents; never judged against a target.

    Parameters
    ----------
    area : str
        Code of the community, or of the wave's own area.
    variable, category : str
        Such as ``age`` and ``65+``; housing is the type on the list of addresses.
    estimate, lower, upper, se, df, n_effective : float or None
        As of :class:`surveys.results.figures.Figure`; of an index in points.
    unweighted : float or None
    n : int
        Respondents in the base.
    basis : str or None
    """

    area: str
    indicator: str
    variable: str
    category: str
    estimate: float | None = None
    unweighted: float | None = None
    se: float | None = None
    lower: float | None = None
    upper: float | None = None
    df: float | None = None
    n: int
    n_effective: float | None = None
    basis: str | None = None


def compute(
    material: Material,
    weights: pa.Table,
    settings: Mapping[str, Any],
    questionnaire: Questionnaire,
) -> list[GroupFigure]:
    """The headline rates by sex, age and housing type, in every community and as a whole.

    Parameters
    ----------
    material, weights, settings, questionnaire
        As for :func:`surveys.results.figures.compute`.

    Returns
    -------
    list of GroupFigure
        By variable, area and indicator, those where somebody is in the base.
    """
    rows = weight_sets.counting(material.responses, "sample")
    measured = [one for one in questionnaire.indicators if one.headline and one.kind == "rate"]
    columns = {one.name: _column(rows, one) for one in measured}
    known = [name for name, column in columns.items() if not np.isnan(column).all()]
    categories = {
        "by:sex": _given(rows, SEX),
        "by:age": _given(rows, AGE),
        "by:housing": np.array(rows["housing"].to_pylist(), object),
    }
    draw, whole = material.manifest["draw"], material.manifest["area"]
    declared = designs.declare(rows, weights, settings, draw, columns | categories)
    if declared is None or not known:
        return []
    within = _masks(np.array(rows["community"].to_pylist(), str))
    within[whole] = np.ones(rows.num_rows, bool)
    found = []
    for variable in VARIABLES:
        column = categories[f"by:{variable}"]
        if all(value is None for value in column):
            continue
        of_category = _masks(column)
        for domains in ([f"by:{variable}"], ["community", f"by:{variable}"]):
            for (name, domain), judged in judging.judged(declared, known, domains).items():
                area, category = (domain[0] if len(domain) > 1 else whole), domain[-1]
                inside = of_category[category] & within[area]
                figure = _figure(columns[name][inside], judged)
                if figure["n"]:
                    key: dict[str, Any] = {"area": area, "indicator": name, "variable": variable}
                    found.append(GroupFigure(**key, category=category, **figure))
    return found


def _masks(column: npt.NDArray[Any]) -> dict[str, npt.NDArray[np.bool_]]:
    """The rows of each value: compared once, and not for every figure again."""
    return {value: column == value for value in set(column.tolist()) if value is not None}


def _figure(answers: npt.NDArray[np.float64], judged: tuple[Estimate, str]) -> dict[str, Any]:
    one, basis = judged
    counted = answers[~np.isnan(answers)]
    numbers = judging.numbers(one)
    del numbers["deff"]
    unweighted = math.fsum(counted) / len(counted) if len(counted) else None
    return {"unweighted": unweighted, "n": one.n, "basis": basis, **numbers}


def _column(rows: pa.Table, indicator: Indicator) -> npt.NDArray[np.float64]:
    """What each row contributes; NaN outside the base."""
    answers = {
        name: rows[snapshots.answer_column(name)].to_pylist()
        for name in indicators.references(indicator)
    }
    y, r = indicators.evaluate_columns(indicator, answers, rows.num_rows)
    return np.where(r > 0, y, np.nan)


def _given(rows: pa.Table, question: str) -> npt.NDArray[np.object_]:
    return np.array(weight_sets.given(rows, question), object)
