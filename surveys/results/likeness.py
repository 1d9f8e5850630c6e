"""Whether groups answered a question alike: Rao and Scott's test of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analysis.associations import TableTest, rao_scott
from analysis.families import holm
from analysis.problems import DesignError
from surveys.questionnaires.definition import MISSING, Questionnaire
from surveys.results.items import COMMUNITY, MODE
from surveys.results.snapshots import Material
from surveys.weighting import designs, weight_sets
from surveys.weighting.designs import Designs

MOST_CELLS = 400  # of a table: more than a township's communities by any question
TOO_MANY, ONE_GROUP = "too_many", "one_group"


def table_test(
    material: Material,
    weights: pa.Table,
    settings: Mapping[str, Any],
    questionnaire: Questionnaire,
    *,
    question: str,
    by: str,
) -> dict[str, Any]:
    """Test whether the groups of a variable answered a question alike.

    Parameters
    ----------
    material, weights, settings, questionnaire
        As of :class:`surveys.results.weighed.Weighed`.
    question, by : str
        As of :class:`surveys.results.items.Table`.

    Returns
    -------
    dict
        ``tests``: of a question with one answer one test, of one with several a test for each
        answer (``answer``, ``f``, ``df1``, ``df2``, ``p``, ``p_holm``, ``basis``, ``n``); ``why``
        there is none: ``too_many`` cells, or but ``one_group`` or one answer.
    """
    rows = weight_sets.counting(material.responses, "sample")
    asked = questionnaire.question(question)
    said, groups = _said(rows, question), _groups(rows, by)
    answers: dict[str, npt.NDArray[np.object_]] = {"": said}
    if asked.type == "select_multiple":
        answers = {code: _holds(said, code) for code in asked.codes if code not in MISSING}
    both = [group for group, one in zip(groups, said, strict=True) if group and one]
    cells = len(set(both)) * (len(asked.codes) if "" in answers else 2)
    if cells > MOST_CELLS:
        return {"tests": [], "why": TOO_MANY}
    measured = {"by:": groups, **{f"answer:{code}": column for code, column in answers.items()}}
    draw = material.manifest["draw"]
    plain = designs.declare(rows, weights, settings, draw)
    declared = plain and plain.holding(measured)
    tests = [found for code in answers if (found := _tested(declared, code))]
    if not tests:
        return {"tests": [], "why": ONE_GROUP}
    for one, adjusted in zip(tests, holm(np.array([one["p"] for one in tests])), strict=True):
        one["p_holm"] = float(adjusted)
    return {"tests": tests, "why": ""}


def _tested(declared: Designs | None, answer: str) -> dict[str, Any] | None:
    """The test under the design that leaves more to chance; None where nothing is to be told."""
    if declared is None:
        return None
    found: list[tuple[TableTest, str]] = []
    for design, basis in ((declared.drawn, declared.basis), (declared.pairs, designs.PAIRS)):
        if design is None:
            continue
        try:
            found.append((rao_scott(design, f"answer:{answer}", "by:"), basis))
        except (DesignError, np.linalg.LinAlgError):  # one group, one answer, or next to none
            continue
    known = [(test, basis) for test, basis in found if np.isfinite(test.f[3])]
    if not known:
        return None
    test, basis = max(known, key=lambda one: one[0].f[3])
    f, df1, df2, p = test.f
    numbers = {"f": float(f), "df1": float(df1), "df2": float(df2), "p": float(p)}
    return {"answer": answer, **numbers, "basis": basis, "n": test.n}


def _said(rows: pa.Table, question: str) -> npt.NDArray[np.object_]:
    return np.array(weight_sets.given(rows, question), object)


def _groups(rows: pa.Table, by: str) -> npt.NDArray[np.object_]:
    if by in (COMMUNITY, MODE):
        return np.array(rows[by].to_pylist(), object)
    return np.array(weight_sets.given(rows, by), object)


def _holds(said: npt.NDArray[np.object_], code: str) -> npt.NDArray[np.object_]:
    found = [one if one is None else "yes" if code in one.split() else "no" for one in said]
    return np.array(found, object)
