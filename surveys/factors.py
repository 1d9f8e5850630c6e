"""The factors of a weight, one step each, on plain arrays.

A step reads the sample and gives one factor per respondent, with the settings that made it. Steps
are taken in the order of :data:`STEPS`; further ones (unknown eligibility, weighting classes,
calibration, trimming) take their place in the list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from surveys.imputation import hot_deck

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

ADULTS = "S2"  # the question that counts the adults of a household
ADULTS_CAP = 4  # a household of six does not weigh six times a household of one


@dataclass(frozen=True)
class Counts:
    """A collapsed stratum on the list and in the field."""

    households: float = 0.0  # on the list: Σ 1/probability of the drawn ones
    drawn: int = 0
    answered: int = 0  # households that answered, those without an eligible adult included
    answered_base: float = 0.0  # Σ 1/probability of the households that answered
    eligible: int = 0


@dataclass(frozen=True)
class Sample:
    """The eligible respondents of the probability sample, in the snapshot's order.

    Parameters
    ----------
    instance_id, community, stratum : sequence of str, one each
        The stratum is the collapsed one.
    probability : array of float
        Of the household's address to be drawn.
    adults : sequence of int or None
        Adults in the household as answered; None where the answer is missing.
    counts : mapping of stratum to Counts
    seed : int
        The wave's, for what needs chance.
    """

    instance_id: Sequence[str]
    community: Sequence[str]
    stratum: Sequence[str]
    probability: Floats
    adults: Sequence[int | None]
    counts: Mapping[str, Counts]
    seed: int


@dataclass(frozen=True)
class Step:
    """One factor of the weight, how it was made, and which rows it had to guess."""

    name: str
    factor: Floats
    settings: dict[str, Any]
    flags: dict[str, Booleans] = field(default_factory=dict)


def base(sample: Sample) -> Step:
    """The inverse of the probability with which the household was drawn."""
    return Step("base", 1 / sample.probability, {"rule": "1 / probability of the address"})


def adults(sample: Sample) -> Step:
    """The adults of the household, of whom one was asked; a missing count is imputed."""
    capped = [None if count is None else min(count, ADULTS_CAP) for count in sample.adults]
    classes = {
        "stratum": sample.stratum,
        "community": sample.community,
        "wave": ["all"] * len(capped),
    }
    deck = hot_deck(capped, list(classes.values()), sample.instance_id, f"{sample.seed}:{ADULTS}")
    lent = Counter(deck.lent_by)
    settings = {
        "rule": f"{ADULTS}, at most {ADULTS_CAP}; missing ones by seeded hot deck in the stratum",
        "question": ADULTS,
        "cap": ADULTS_CAP,
        "imputed": {kind: lent[level] for level, kind in enumerate(classes)},
        "taken_as_1": lent[-1],
    }
    factor = np.array([count or 1 for count in deck.values], float)
    imputed = np.array([level is not None for level in deck.lent_by], bool)
    return Step("adults", factor, settings, {"adults_imputed": imputed})


def nonresponse(sample: Sample) -> Step:
    """The households that answered stand for all the households on the stratum's list.

    One that answered and has no eligible adult stands for its like: it counts among those that
    answered, so that its share of the list is not given to others.
    """
    factors = {
        name: counts.households / counts.answered_base
        for name, counts in sample.counts.items()
        if counts.answered
    }
    settings = {
        "rule": "households on the list / Σ base of those that answered, by collapsed stratum",
        "strata": {
            name: {**asdict(counts), "factor": factors.get(name)}
            for name, counts in sample.counts.items()
        },
    }
    return Step("nonresponse", np.array([factors[name] for name in sample.stratum]), settings)


STEPS: tuple[Callable[[Sample], Step], ...] = (base, adults, nonresponse)
