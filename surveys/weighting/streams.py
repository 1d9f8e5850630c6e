"""The open link beside the sample: pseudo-weights, and how far the two are apart.

Whoever follows a link chose to; nobody knows with what probability. Weights that meet the same
margins as the sample's repair what sex, age and community explain, and nothing else, so the open
stream is never judged and never pooled. Where it disagrees with the sample beyond chance, that is
said; the sample alone decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis import DesignError, SurveyDesign
from surveys.problems import Refused
from surveys.weighting.calibration import PREFIX, calibration
from surveys.weighting.factors import Floats, Population, Sample, Units
from surveys.weighting.recipes import Recipe


@dataclass(frozen=True)
class Difference:
    """Open link less sample, with its 95 % interval.

    >>> apart(0.90, 0.02, 0.80, 0.02).disagrees
    True
    """

    difference: float
    lower: float
    upper: float

    @property
    def disagrees(self) -> bool:
        """Whether chance alone does not explain it."""
        return not self.lower <= 0 <= self.upper


def apart(
    opened: float, its_se: float, sample: float, se: float, level: float = 0.95
) -> Difference:
    """The difference of two independent streams, by the normal approximation."""
    difference = opened - sample
    reach = NormalDist().inv_cdf((1 + level) / 2) * float(np.hypot(its_se, se))
    return Difference(difference, difference - reach, difference + reach)


@dataclass(frozen=True)
class Opened:
    """The responses of the open link that count.

    Parameters
    ----------
    instance_id, community : sequence of str
    answers : mapping
        ``sex`` and ``age``; missing ones are lent by the community's others, by seeded hot deck.
    """

    instance_id: Sequence[str]
    community: Sequence[str]
    answers: Mapping[str, Sequence[str | None]]


def pseudo_weighted(
    opened: Opened,
    population: Population,
    seed: int,
    recipe: Recipe,
    measured: Mapping[str, npt.NDArray[Any]],
) -> SurveyDesign | None:
    """The open stream as if drawn at random, calibrated to the margins.

    None where there are no margins, or where the answers cannot be made to meet them: anyone may
    answer there, in any lopsided way, and must never keep the sample from its lock.

    Parameters
    ----------
    opened : Opened
    population, seed, recipe
        Of the weight set that the sample has.
    measured : mapping of str to array
        What is to be estimated.
    """
    nothing = np.zeros(0)
    sample = Sample(
        instance_id=opened.instance_id,
        community=opened.community,
        stratum=opened.community,
        unit=np.zeros(0, np.intp),
        households=(),
        adults=(),
        answers=opened.answers,
        units=Units(
            cells=(),
            cell=nothing.astype(np.intp),
            stratum=nothing.astype(str),
            base=nothing,
            status=nothing.astype(str),
            reserve=nothing > 0,
            campaign=nothing > 0,
        ),
        population=population,
        seed=seed,
        recipe=recipe,
    )
    alike = np.ones(len(opened.instance_id))
    try:
        return _calibrated(sample, alike, measured)
    except (Refused, DesignError):
        return None


def _calibrated(
    sample: Sample, alike: Floats, measured: Mapping[str, npt.NDArray[Any]]
) -> SurveyDesign | None:
    step = calibration(sample, alike)
    margins: Any = {PREFIX + m["name"]: m["totals"] for m in step.settings["margins"]}
    if not margins:
        return None
    design = SurveyDesign(
        {
            **measured,
            "community": np.array(sample.community, str),
            "weight": alike,
            **{name: column for name, column in step.columns.items() if name.startswith(PREFIX)},
        },
        weights="weight",
    )
    trim = step.settings["trim"]
    return design.rake(margins) if trim is None else design.rake(margins, trim=(0, trim))
