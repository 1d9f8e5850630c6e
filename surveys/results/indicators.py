"""Indicators at work: from answers to what counts (y) and what is in the base (r).

Their definitions (``surveys.questionnaires.definition.Indicator``) are part of the questionnaire
and are versioned with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analysis.cells import combine
from surveys.questionnaires.definition import MISSING, Indicator
from surveys.questionnaires.expressions import evaluate as value_of
from surveys.questionnaires.expressions import truth
from surveys.questionnaires.functions import string
from surveys.texts import Coded, coded

Floats = npt.NDArray[np.float64]


def evaluate(
    indicator: Indicator, answers: Sequence[Mapping[str, str | None]]
) -> tuple[Floats, Floats]:
    """What each response contributes to an indicator.

    Parameters
    ----------
    indicator : Indicator
    answers : sequence of mappings
        One mapping of question to answer per response. The missing codes −1, −2 and −3 read as the
        empty text, as does a question without an answer.

    Returns
    -------
    y, r : arrays of float, one element per response
        ``r`` is 1 in the base, else 0; ``y`` is 1 (a rate) or the points (an index) of a response
        that counts, and 0 outside the base. The figure is Σw·y / Σw·r.

    Examples
    --------
    >>> from surveys.questionnaires.expressions import parse
    >>> knows = parse("${K1} = 'know' or ${K1} = 'heard'")
    >>> awareness = Indicator("awareness", {}, "rate", knows, parse("${K1} != ''"), "1", {})
    >>> evaluate(awareness, [{"K1": "heard"}, {"K1": "unaware"}, {"K1": "-2"}])
    (array([1., 0., 0.]), array([1., 1., 0.]))
    """
    columns = {
        name: coded(pa.array([row.get(name) for row in answers], pa.string()))
        for name in references(indicator)
    }
    return evaluate_columns(indicator, columns, len(answers))


def evaluate_columns(
    indicator: Indicator, columns: Mapping[str, Coded], rows: int
) -> tuple[Floats, Floats]:
    """The same from columns, one for each question that the indicator refers to.

    A definition refers to few questions with few codes each, so it is evaluated once per distinct
    combination of their answers.
    """
    said = {name: columns[name] for name in references(indicator)}
    sizes = [len(one.distinct) for one in said.values()]
    place, occurring = combine([one.place for one in said.values()], sizes, rows)
    both = np.empty((len(occurring), 2))
    for at, texts in enumerate(occurring.tolist()):
        answers = {
            name: one.distinct[text] for (name, one), text in zip(said.items(), texts, strict=True)
        }
        both[at] = _contribution(indicator, answers)
    return both[place, 0], both[place, 1]


def references(indicator: Indicator) -> tuple[str, ...]:
    """The questions an indicator is made of, in alphabetical order."""
    return tuple(sorted(indicator.numerator.references | indicator.base.references))


def _contribution(indicator: Indicator, answers: Mapping[str, str | None]) -> tuple[float, float]:
    given = {
        name: "" if code is None or code in MISSING else code for name, code in answers.items()
    }
    if not truth(indicator.base, given):
        return 0.0, 0.0
    if indicator.kind == "rate":
        return float(truth(indicator.numerator, given)), 1.0
    code = string(value_of(indicator.numerator, given))
    if code not in indicator.points:
        return 0.0, 0.0
    return indicator.points[code], 1.0
