"""The people of the demonstration township, and what each of them would say in every wave.

Everybody's answers are made, also of those whom nobody asks: so the truth is known, and the
estimates can be held against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from surveys.demonstration.places import PLACES, Place
from surveys.sampling.frames import HOUSING

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.str_]

NEWEST = 5  # the locked wave, counted from 0, in which the places' shares hold

SEXES = ("male", "female")
AGE_BANDS = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
# Households by number of adults, 0 to 6, for each housing type. 0: nobody who may be asked.
ADULTS = (
    (0.02, 0.14, 0.50, 0.19, 0.11, 0.03, 0.01),
    (0.02, 0.26, 0.44, 0.16, 0.09, 0.02, 0.01),
    (0.02, 0.10, 0.36, 0.24, 0.20, 0.06, 0.02),
    (0.02, 0.13, 0.44, 0.22, 0.14, 0.04, 0.01),
    (0.02, 0.12, 0.38, 0.22, 0.18, 0.06, 0.02),
)
# Adults by age band, 18–24 to 65+, for each housing type.
AGES = (
    (0.10, 0.25, 0.25, 0.18, 0.12, 0.10),
    (0.08, 0.16, 0.18, 0.19, 0.18, 0.21),
    (0.09, 0.16, 0.18, 0.21, 0.18, 0.18),
    (0.10, 0.19, 0.20, 0.19, 0.16, 0.16),
    (0.07, 0.13, 0.15, 0.20, 0.21, 0.24),
)
# Logits per wave, and by age band and housing type: who is how much more of it than others.
CHANGE = {"aware": 0.06, "supports": 0.03, "took_part": 0.05, "satisfied": 0.02}
BY_AGE = {
    "aware": (-0.25, -0.10, 0.0, 0.10, 0.15, -0.05),
    "supports": (-0.20, -0.10, 0.0, 0.0, 0.10, 0.20),
    "took_part": (-0.30, -0.20, 0.0, 0.10, 0.30, 0.20),
    "satisfied": (-0.20, -0.15, -0.10, 0.0, 0.10, 0.25),
}
BY_HOUSING = (0.10, -0.20, -0.05, 0.0, 0.10)
# How much easier to please people are with each of the eight environments, M1 to M8.
ENVIRONMENTS = (0.3, 0.4, -0.1, 0.2, 0.1, -0.5, 0.6, 0.0)

SATISFIED = ("very", "fairly", "neutral", "unsatisfied", "very_unsatisfied", "dontknow")
HOW_SATISFIED = ((0.36, 0.64), (0.58, 0.20, 0.06, 0.16))  # of those who are, of those who are not
HEARD_BY = ("board", "visit", "wechat", "media", "workplace", "other")
HEARD = (0.42, 0.30, 0.55, 0.22, 0.18, 0.06)
TOOK_PART_IN = ("volunteering", "cleaning", "guiding", "proposals", "culture", "other")
TOOK_PART = (0.34, 0.45, 0.12, 0.18, 0.36, 0.04)


@dataclass(frozen=True)
class Population:
    """Households in the order of the address list, and their adults in the households' order.

    Parameters
    ----------
    place, housing : arrays of int, one element per household
        Indices into ``PLACES`` and ``frames.HOUSING``.
    first, adults : arrays of int, one element per household
        Its adults are ``first`` … ``first + adults - 1``; some have none.
    household, sex, age : arrays of int, one element per adult
    disposition : array of float, one element per adult
        How kindly someone sees things, all through the waves; half of it runs in the family.
    """

    place: Integers
    housing: Integers
    first: Integers
    adults: Integers
    household: Integers
    sex: Integers
    age: Integers
    disposition: Floats

    @property
    def community(self) -> Integers:
        """The place of each adult."""
        return self.place[self.household]


def people(seed: int, places: Sequence[Place] = PLACES) -> Population:
    """Make the households and their adults; the same seed makes the same ones."""
    chance = np.random.default_rng([seed, 0])
    place = np.repeat(np.arange(len(places)), [one.households for one in places])
    # The list of a community goes housing type by housing type, as the streets do.
    housing = np.concatenate(
        [np.sort(chance.choice(len(HOUSING), one.households, p=one.housing)) for one in places]
    )
    adults = _pick(chance, np.array(ADULTS)[housing])
    household = np.repeat(np.arange(len(place)), adults)
    family = chance.normal(size=len(place))[household]
    return Population(
        place=place,
        housing=housing,
        first=np.concatenate([[0], np.cumsum(adults)[:-1]]),
        adults=adults,
        household=household,
        sex=chance.integers(2, size=len(household)),
        age=_pick(chance, np.array(AGES)[housing[household]]),
        disposition=(family + chance.normal(size=len(household))) / np.sqrt(2),
    )


def opinions(
    who: Population, wave: int, seed: int, places: Sequence[Place] = PLACES
) -> dict[str, Codes]:
    """What every adult would answer in a wave, by question; "" where a question is not asked."""
    chance = np.random.default_rng([seed, 1, wave])
    likely = {topic: _likely(who, topic, wave, chance, places) for topic in CHANGE}
    answers = {
        "S1": np.full(len(who.household), "yes"),
        "S2": np.minimum(who.adults[who.household], 5).astype(str),
        "K1": _graded(chance, likely["aware"], (0.6, 0.4), (1.0,), ("know", "heard", "unaware")),
        "Z1": _graded(
            chance,
            likely["supports"],
            (0.62, 0.38),
            (0.60, 0.12, 0.06, 0.22),
            ("support", "rather_support", "neutral", "rather_oppose", "oppose", "dontknow"),
        ),
        "P1": _graded(chance, likely["took_part"], (1.0,), (0.93, 0.07), ("yes", "no", "dontknow")),
    }
    answers["K2"] = np.where(
        answers["K1"] == "unaware", "", _several(chance, HEARD_BY, HEARD, len(who.household))
    )
    answers["P2"] = np.where(
        answers["P1"] == "yes", _several(chance, TOOK_PART_IN, TOOK_PART, len(who.household)), ""
    )
    for number, kinder in enumerate((None, *ENVIRONMENTS)):
        shifted = likely["satisfied"] if kinder is None else _shift(likely["satisfied"], kinder)
        answers[f"M{number}"] = _graded(chance, shifted, *HOW_SATISFIED, SATISFIED)
    answers["M9"] = _graded(chance, _shift(likely["satisfied"], 0.25), *HOW_SATISFIED, SATISFIED)
    no_business = chance.random(len(who.household)) < 0.3
    answers["M1"] = np.where(no_business, "-3", answers["M1"])
    return answers | _about(who, chance, likely["satisfied"])


def _about(who: Population, chance: np.random.Generator, satisfied: Floats) -> dict[str, Codes]:
    n = len(who.household)
    better = ("much_better", "better", "same", "worse", "much_worse", "dontknow")
    housing = np.array(HOUSING)[who.housing[who.household]]
    # Some people see their own house otherwise than the list does.
    is_mistaken = chance.random(n) < 0.04
    return {
        "C1": _graded(chance, satisfied * 0.8, (0.3, 0.7), (0.68, 0.14, 0.04, 0.14), better),
        "F1": _fixed(
            chance, n, ("none", "solved", "partly", "unsolved", "unclear"), (70, 12, 9, 6, 3)
        ),
        "I1": _fixed(chance, n, ("yes", "no", "-1"), (3, 95, 2)),
        "D1": np.array(SEXES)[who.sex],
        "D2": np.array(AGE_BANDS)[who.age],
        "D3": np.where(is_mistaken, chance.choice(np.array(HOUSING), n), housing),
        "D4": _fixed(chance, n, ("yes", "no", "-1"), (2, 97, 1)),
    }


def _likely(
    who: Population,
    topic: str,
    wave: int,
    chance: np.random.Generator,
    places: Sequence[Place],
) -> Floats:
    """The probability with which each adult is aware, supports, took part or is satisfied."""
    share = np.array([getattr(place, topic) for place in places])
    slope = np.array([place.change.get(topic, CHANGE[topic]) for place in places])
    level = 1.05 * np.log(share / (1 - share)) + slope * (wave - NEWEST)
    level += chance.normal(scale=0.08, size=len(places))
    logit = (
        level[who.community]
        + np.array(BY_AGE[topic])[who.age]
        + np.array(BY_HOUSING)[who.housing[who.household]]
        + 0.5 * who.disposition
    )
    return np.asarray(1 / (1 + np.exp(-logit)))


def _shift(probability: Floats, logits: float) -> Floats:
    odds = probability / (1 - probability) * np.exp(logits)
    return np.asarray(odds / (1 + odds))


def _graded(
    chance: np.random.Generator,
    likely: Floats,
    among_yes: Sequence[float],
    among_no: Sequence[float],
    codes: Sequence[str],
) -> Codes:
    """One of the codes: the first few for those who are, the rest for those who are not."""
    shares = np.concatenate([np.outer(likely, among_yes), np.outer(1 - likely, among_no)], axis=1)
    return np.array(codes)[_pick(chance, shares)]


def _fixed(
    chance: np.random.Generator, n: int, codes: Sequence[str], percent: Sequence[float]
) -> Codes:
    return np.array(codes)[chance.choice(len(codes), n, p=np.array(percent) / 100)]


def _several(
    chance: np.random.Generator, codes: Sequence[str], shares: Sequence[float], n: int
) -> Codes:
    """Several of the codes, joined by spaces; whoever would tick none cannot recall."""
    ticked = chance.random((n, len(codes))) < np.array(shares)
    number = ticked @ (1 << np.arange(len(codes)))
    joined = [
        " ".join(code for bit, code in enumerate(codes) if combination >> bit & 1)
        for combination in range(1 << len(codes))
    ]
    joined[0] = "cannot_recall"
    return np.array(joined)[number]


def _pick(chance: np.random.Generator, shares: Floats) -> Integers:
    """A column of each row, by the shares in the row."""
    reached = chance.random((len(shares), 1)) * shares.sum(axis=1, keepdims=True)
    column = (reached >= np.cumsum(shares, axis=1)).sum(axis=1)
    return np.asarray(np.minimum(column, shares.shape[1] - 1))
