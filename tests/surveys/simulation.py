"""Many waves in the demonstration township, drawn, answered, weighed and estimated in memory.

The way is the real one from a snapshot on: :func:`surveys.weighting.weight_sets.make` and
:func:`surveys.results.sample_figures.compute` get tables that a lock would have written. Two ways
of responding:

- ``by_weighting_variables``: whether someone responds depends on community, housing type, sex and
  age, and on nothing else;
- ``by_the_answer``: it depends on the answer itself as well.

``python -m tests.surveys.simulation 2000 --write`` puts the table into docs/simulation.md.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa

from surveys.demonstration.census import margins
from surveys.demonstration.places import PLACES, TOWNSHIP
from surveys.demonstration.population import (
    AGE_BANDS,
    NEWEST,
    SEXES,
    Population,
    opinions,
    people,
)
from surveys.questionnaires.definition import Questionnaire
from surveys.questionnaires.xlsform import read
from surveys.results import sample_figures
from surveys.results.snapshots import Material
from surveys.results.weighed import Weighed
from surveys.sampling.frames import HOUSING
from surveys.weighting import weight_sets
from tests.support.fieldwork import STANDARD

DOCUMENT = Path(__file__).parents[2] / "docs" / "simulation.md"
SEED = 7
PER_COMMUNITY = 240  # addresses
LEAST = 4
INDICATOR = "awareness"
RATE = -0.45  # log odds of responding, where nothing moves them
BY_AGE = (-1.1, -0.8, -0.3, 0.2, 0.8, 1.1)
BY_HOUSING = (0.7, -0.7, 0.0, 0.0, -0.5)
BY_SEX = (-0.3, 0.3)
BY_THE_ANSWER = 0.5
SAYS_NOT_ELIGIBLE = 0.5
STEP_AWARE = (-0.9, -0.45, 0.0, 0.4, 0.75, 0.75)  # logits by age, so that the sample is far off


@dataclass(frozen=True)
class World:
    """The township, what everybody would say, and what stays the same in every wave."""

    who: Population
    aware: np.ndarray
    manifest: dict
    questionnaire: Questionnaire
    strata: list[np.ndarray]

    @property
    def truth(self) -> float:
        return float(self.aware.mean())


@dataclass(frozen=True)
class Result:
    """One wave: estimate, interval, the plain share, and interviews."""

    estimate: float
    lower: float
    upper: float
    unweighted: float
    n: int


def world() -> World:
    """The demonstration's people, with an awareness that hangs on age and housing."""
    who = people(SEED)
    chance = np.random.default_rng(SEED)
    base = opinions(who, NEWEST, SEED)["K1"] != "unaware"
    # Some of the young turn unaware and some of the old aware: age now tells much of the answer.
    shift = np.array(STEP_AWARE)[who.age]
    lot = chance.random(len(base))
    aware = np.where(shift < 0, base & (lot > -0.6 * shift), base | (lot < 0.8 * shift))
    areas = list(range(len(PLACES)))
    codes = [place.code for place in PLACES]
    cells = [
        [codes[m["area_id"]], m["sex"], m["age"], m["housing"], m["adults"]]
        for m in margins(who, areas)
    ]
    manifest = {
        "area": TOWNSHIP,
        "communities": codes,
        "margins": {"cells": cells},
        "weighting": {},
        "targets": {},
        "response_floor": None,
        "draw": "stratified",
    }
    whole = read(STANDARD.read_bytes(), STANDARD.name)
    only = replace(whole, indicators=tuple(i for i in whole.indicators if i.name == INDICATOR))
    place_housing = who.place * len(HOUSING) + who.housing
    strata = [np.flatnonzero(place_housing == one) for one in np.unique(place_housing)]
    return World(who, aware, manifest, only, strata)


def wave(of: World, run: int, *, by_the_answer: bool) -> Result:
    """Draw, ask, weigh and estimate once."""
    chance = np.random.default_rng([SEED, run, by_the_answer])
    who = of.who
    drawn, probability = _draw(of, chance)
    adults = who.adults[drawn]
    person = who.first[drawn] + chance.integers(np.maximum(adults, 1))
    person = np.where(adults > 0, person, 0)
    logit = (
        RATE
        + np.array(BY_AGE)[who.age[person]]
        + np.array(BY_SEX)[who.sex[person]]
        + np.array(BY_HOUSING)[who.housing[drawn]]
    )
    if by_the_answer:
        logit = logit + BY_THE_ANSWER * of.aware[person]
    likely = np.where(adults > 0, 1 / (1 + np.exp(-logit)), SAYS_NOT_ELIGIBLE)
    answers = chance.random(len(drawn)) < likely
    material = _material(of, run, drawn, probability, person, answers)
    weights, settings = weight_sets.make(material)
    made = sample_figures.compute(Weighed(material, weights, settings, of.questionnaire))
    one = next(f for f in made if f.area == TOWNSHIP)
    return Result(one.estimate, one.lower, one.upper, one.unweighted, one.n)


def _draw(of: World, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Systematic in every stratum, in proportion, at least four."""
    place_size = np.bincount(of.who.place)
    drawn, probability = [], []
    for members in of.strata:
        share = PER_COMMUNITY * len(members) / place_size[of.who.place[members[0]]]
        size = min(len(members), max(LEAST, round(share)))
        at = ((np.arange(size) + chance.random()) * len(members) / size).astype(int)
        drawn.append(members[at])
        probability.append(np.full(size, size / len(members)))
    return np.concatenate(drawn), np.concatenate(probability)


def _material(
    of: World,
    run: int,
    drawn: np.ndarray,
    probability: np.ndarray,
    person: np.ndarray,
    answers: np.ndarray,
) -> Material:
    who = of.who
    codes, housing = np.array(of.manifest["communities"]), np.array(HOUSING)
    community = codes[who.place[drawn]]
    is_adult = who.adults[drawn] > 0
    disposition = np.where(is_adult, "complete", "ineligible")
    disposition = np.where(answers, disposition, np.where(is_adult, "refusal", "vacant"))
    disposition[disposition == "vacant"] = "ineligible"
    units = pa.table(
        {
            "household": drawn.astype(str),
            "community": community,
            "housing": housing[who.housing[drawn]],
            "grid": np.full(len(drawn), ""),
            "batch": np.ones(len(drawn), int),
            "probability": probability,
            "disposition": disposition,
            "campaign": np.zeros(len(drawn), bool),
        }
    )
    at = np.flatnonzero(answers & is_adult)
    size = len(at)
    asked = person[at]
    responses = pa.table(
        {
            "instance_id": drawn[at].astype(str),
            "community": community[at],
            "housing": housing[who.housing[drawn[at]]],
            "household": drawn[at].astype(str),
            "stream": np.full(size, "sample"),
            "mode": np.full(size, "web"),
            "eligible": np.ones(size, bool),
            "grid": np.full(size, ""),
            "households": pa.nulls(size, pa.int64()),
            "interviewer": pa.nulls(size, pa.string()),
            "excluded": pa.nulls(size, pa.string()),
            "S2": np.minimum(who.adults[drawn[at]], 5).astype(str),
            "K1": np.where(of.aware[asked], "know", "unaware"),
            "D1": np.array(SEXES)[who.sex[asked]],
            "D2": np.array(AGE_BANDS)[who.age[asked]],
        }
    )
    return Material(responses, units, {**of.manifest, "seed": run})


def summary(of: World, results: list[Result]) -> dict[str, float]:
    """Bias and coverage, with their Monte Carlo standard errors; shares in points."""
    estimate = np.array([one.estimate for one in results]) * 100
    truth = of.truth * 100
    covered = np.mean([one.lower <= of.truth <= one.upper for one in results])
    return {
        "truth": truth,
        "unweighted": float(np.mean([one.unweighted for one in results])) * 100 - truth,
        "bias": float(estimate.mean()) - truth,
        "bias_se": float(estimate.std(ddof=1) / np.sqrt(len(results))),
        "coverage": float(covered) * 100,
        "n": float(np.mean([one.n for one in results])),
        "width": float(np.mean([one.upper - one.lower for one in results])) * 100,
    }


def table(runs: int) -> str:
    """The table for the documentation."""
    of = world()
    lines = [
        "| Response depends on | Runs | Interviews | Truth | Unweighted off by | Bias of the "
        "weighted rate (MC SE) | Coverage of the 95 % interval | Its mean width |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for label, by_the_answer, times in (
        ("community, housing, sex, age", False, runs),
        ("the same, and the answer itself", True, max(2, runs // 4)),
    ):
        found = summary(of, [wave(of, run, by_the_answer=by_the_answer) for run in range(times)])
        lines.append(
            f"| {label} | {times} | {found['n']:.0f} | {found['truth']:.2f} % "
            f"| {found['unweighted']:+.2f} points | {found['bias']:+.3f} points "
            f"({found['bias_se']:.3f}) | {found['coverage']:.1f} % | {found['width']:.2f} points |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    text = table(int(sys.argv[1]))
    command = " ".join(["python -m tests.surveys.simulation", *sys.argv[1:]])
    text += f"\n\n`{command}`, Minyi {version('minyi')}, {dt.datetime.now(dt.UTC).date()}."
    sys.stdout.write(text + "\n")
    if "--write" in sys.argv:
        block = re.compile("(<!-- table -->\n).*(<!-- /table -->)", re.DOTALL)
        whole = DOCUMENT.read_text("utf-8")
        DOCUMENT.write_text(block.sub(lambda m: m[1] + text + "\n" + m[2], whole), "utf-8")
