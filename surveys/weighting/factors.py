"""The factors of a weight, one step each, on plain arrays.

A step reads the sample and the weights so far, and gives one factor per respondent with the
settings that made it. :mod:`surveys.weighting.weight_sets` takes the steps in their order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from surveys.weighting import strata
from surveys.weighting.imputation import Value, hot_deck
from surveys.weighting.recipes import Recipe

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
Texts = npt.NDArray[np.str_]

ADULTS = "S2"  # the question that counts the adults of a household

# What a unit came to. An interview that staff excluded is a household that did not respond.
INTERVIEW, ELIGIBLE, INELIGIBLE, UNKNOWN = "interview", "eligible", "ineligible", "unknown"


@dataclass(frozen=True)
class Units:
    """Every released address, in the snapshot's order.

    Parameters
    ----------
    cells : sequence of (community, housing)
        The strata of the frame.
    cell : array of int
        The place of each address among them.
    stratum : array of str
        The collapsed one.
    base : array of float
        1/probability.
    status : array of str
        interview | eligible | ineligible | unknown.
    reserve, campaign : array of bool
        Released as a reserve; visited by a campaign.
    """

    cells: Sequence[strata.Stratum]
    cell: Indices
    stratum: Texts
    base: Floats
    status: Texts
    reserve: Booleans
    campaign: Booleans

    @cached_property
    def by_stratum(self) -> tuple[Texts, Indices]:
        """The collapsed strata, and each address's place among them."""
        names, place = np.unique(self.stratum, return_inverse=True)
        return names, place


@dataclass(frozen=True)
class Population:
    """The margins of a wave as the record has them.

    Parameters
    ----------
    area : str
        Code of the wave's own area.
    communities : sequence of str
        Codes, in their order.
    cells : sequence of (area, sex, age, housing, adults)
        Residents aged 18 and over; an empty word stands for all of that kind.
    """

    area: str = ""
    communities: Sequence[str] = ()
    cells: Sequence[tuple[str, str, str, str, float]] = ()


@dataclass(frozen=True)
class Sample:
    """The respondents to be weighed, in the snapshot's order, and the units they come from.

    Parameters
    ----------
    instance_id, community, stratum : sequence of str, one each
        The stratum is the collapsed one.
    unit : array of int
        The respondent's place among the units.
    households : sequence of int or None
        Counted at the address, of which one was chosen; None where nobody counted.
    adults : sequence of int or None
        Adults in the household as answered; None where the answer is missing.
    answers : mapping of str to sequence of str or None
        What calibration needs: ``sex``, ``age``, and ``housing`` of the frame.
    units : Units
    population : Population
    seed : int
        The wave's, for what needs chance.
    recipe : Recipe
    """

    instance_id: Sequence[str]
    community: Sequence[str]
    stratum: Sequence[str]
    unit: Indices
    households: Sequence[int | None]
    adults: Sequence[int | None]
    answers: Mapping[str, Sequence[str | None]]
    units: Units
    population: Population
    seed: int
    recipe: Recipe

    def completed(
        self, question: str, values: Sequence[Value | None]
    ) -> tuple[list[Value | None], Booleans, dict[str, int]]:
        """Answers without gaps, which of them were borrowed, and from how near."""
        classes = {
            "stratum": self.stratum,
            "community": self.community,
            "wave": ["all"] * len(values),
        }
        key = f"{self.seed}:{question}"
        deck = hot_deck(values, list(classes.values()), self.instance_id, key)
        lent = Counter(deck.lent_by)
        borrowed = np.array([level is not None for level in deck.lent_by], bool)
        counts = {kind: lent[level] for level, kind in enumerate(classes)}
        return deck.values, borrowed, counts | {"none": lent[-1]}


@dataclass(frozen=True)
class Step:
    """One factor of the weight, how it was made, and what else it leaves in the weight file.

    Parameters
    ----------
    name : str
    factor : array of float
    settings : dict
        The rule, and the counts that make the factors, as JSON.
    columns : dict of str to array
        Flags of imputed values, classes, categories: one element per respondent.
    """

    name: str
    factor: Floats
    settings: dict[str, Any]
    columns: dict[str, npt.NDArray[Any]] = field(default_factory=dict)


def base(sample: Sample, _weight: Floats) -> Step:
    """The inverse of the probability with which the address was drawn."""
    return Step("base", sample.units.base[sample.unit], {"rule": "1 / probability of the address"})


def households(sample: Sample, _weight: Floats) -> Step:
    """The households at the address, of which one was chosen at random."""
    uncounted = sum(count is None for count in sample.households)
    settings = {
        "rule": "households counted at the address; 1 where nobody counted",
        "uncounted": uncounted,
    }
    factor = np.array([count or 1 for count in sample.households], float)
    return Step("households", factor, settings)


def adults(sample: Sample, _weight: Floats) -> Step:
    """The adults of the household, of whom one was asked; a missing count is imputed."""
    cap = sample.recipe.adults_cap
    capped = [None if count is None else min(count, cap) for count in sample.adults]
    values, borrowed, counts = sample.completed(ADULTS, capped)
    settings = {
        "rule": f"{ADULTS}, at most {cap}; missing ones by seeded hot deck in the stratum",
        "question": ADULTS,
        "cap": cap,
        "imputed": counts,  # none: taken as 1
    }
    factor = np.array([count or 1 for count in values], float)
    return Step("adults", factor, settings, {"adults_imputed": borrowed})


def eligibility(sample: Sample, _weight: Floats) -> Step:
    """Addresses that nobody knows anything of are shared out among those that are known.

    Of an unknown address it is supposed that it is as likely to house an eligible adult as the
    known ones of its stratum (CASRO's e); one that is known to have none stands for its like.

    References
    ----------
    .. [1] AAPOR 2023, Standard definitions, 10th edition: on estimating e.
    """
    units = sample.units
    names, stratum = units.by_stratum
    known = units.status != UNKNOWN
    all_of, known_of, ineligible_of = (
        np.bincount(stratum[which], units.base[which], len(names))
        for which in (np.ones(len(known), bool), known, units.status == INELIGIBLE)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        factors, eligible = all_of / known_of, 1 - ineligible_of / known_of
    settings = {
        "rule": "Σ base of all released units / Σ base of those known, by collapsed stratum",
        "strata": {
            str(name): {
                "units": float(all_of[at]),
                "known": float(known_of[at]),
                "eligible_share": _number(eligible[at]),
                "factor": _number(factors[at]),
            }
            for at, name in enumerate(names)
        },
    }
    return Step("eligibility", factors[stratum[sample.unit]], settings)


def nonresponse(sample: Sample, _weight: Floats) -> Step:
    """Those who were interviewed stand for those of their class who could have been.

    The classes are strata, thin ones joined, or quantile classes of the propensity to respond as
    a logistic model sees it.
    """
    units, recipe = sample.units, sample.recipe
    answered = units.status == INTERVIEW
    asked = answered | (units.status == ELIGIBLE)
    settings: dict[str, Any] = {"method": recipe.nonresponse}
    if recipe.nonresponse == "propensity":
        label, said = _by_propensity(units, answered, asked, recipe.propensity_classes)
    else:
        label, said = _by_stratum(units, answered, recipe.least_in_class)
    names, klass = np.unique(label, return_inverse=True)
    weight = units.base * _spread(eligibility(sample, _weight).settings, units)
    asked_of, answered_of = (
        np.bincount(klass[which], weight[which], len(names)) for which in (asked, answered)
    )
    counts = [np.bincount(klass[which], minlength=len(names)) for which in (asked, answered)]
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = asked_of / answered_of
    settings |= said | {
        "classes": {
            str(name): {
                "asked": int(number),
                "interviews": int(interviews),
                "factor": _number(factor),
            }
            for name, number, interviews, factor in zip(names, *counts, factors, strict=True)
        }
    }
    own = klass[sample.unit]
    columns = {"nonresponse_class": names[own]} if len(names) else {}
    return Step("nonresponse", factors[own], settings, columns)


def _by_stratum(units: Units, answered: Booleans, least: int) -> tuple[Texts, dict[str, Any]]:
    interviews = np.bincount(units.cell[answered], minlength=len(units.cells)).tolist()
    classes = strata.collapse(dict(zip(units.cells, interviews, strict=True)), least)
    rule = (
        "Σ of those eligible / Σ of those interviewed, by community × housing type; a class with "
        f"fewer than {least} interviews joins the most similar one"
    )
    return np.array([classes[cell] for cell in units.cells], str)[units.cell], {"rule": rule}


def _by_propensity(
    units: Units, answered: Booleans, asked: Booleans, number: int
) -> tuple[Texts, dict[str, Any]]:
    from analysis.nonresponse import propensity_classes  # noqa: PLC0415  (statsmodels loads slowly)

    community, housing = np.array(units.cells, str).T[:, units.cell]
    features = {
        "community": community,
        "housing": housing,
        "reserve": units.reserve.astype(str),
        "campaign": units.campaign.astype(str),
    }
    found = propensity_classes(answered, asked, features, number)
    rule = (
        "Σ of those eligible / Σ of those interviewed, by quantile class of the propensity to "
        f"respond: a logistic model of {', '.join(found.features) or 'nothing'}"
    )
    said = {"rule": rule, "cuts": found.cuts.tolist(), "coefficients": found.coefficients}
    return np.array([f"propensity {at + 1}" for at in found.classes], str), said


def _spread(eligibility_settings: Mapping[str, Any], units: Units) -> Floats:
    """The factor of the eligibility step, for every unit."""
    names, row = units.by_stratum
    of_name = eligibility_settings["strata"]
    return np.array([of_name[str(name)]["factor"] or 0.0 for name in names], float)[row]


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
