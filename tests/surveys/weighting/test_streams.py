"""The open link beside the sample: whoever answers there, the sample is never held up."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import SurveyDesign
from surveys.weighting.factors import Population
from surveys.weighting.recipes import Recipe
from surveys.weighting.streams import Opened, pseudo_weighted

AGES = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
KINDS = [(sex, age) for sex in ("male", "female") for age in AGES]
PEOPLE = Population(
    "town",
    ("a", "b"),
    [(area, sex, age, "", 100.0) for area in ("a", "b") for sex, age in KINDS],
)


def design_of(people: list[tuple[str, str, str]], population: Population) -> SurveyDesign | None:
    community, sex, age = (list(column) for column in zip(*people, strict=True))
    names = [f"uuid:{number}" for number in range(len(people))]
    opened = Opened(names, community, {"sex": sex, "age": age})
    yes = np.arange(len(people)) % 2.0
    return pseudo_weighted(opened, population, 1, Recipe(), {"y:one": yes})


def test_answers_from_everywhere_are_made_to_meet_the_margins() -> None:
    everyone = [(area, *kind) for area in ("a", "b") for kind in KINDS] * 6
    design = design_of(everyone, PEOPLE)
    assert design is not None
    assert design.total("y:one").estimates[0].estimate == pytest.approx(1_200, rel=0.02)


def test_a_lopsided_crowd_gets_no_pseudo_weights_and_stops_nothing() -> None:
    crowd = [("a", "female", "18-24")] * 30
    others = [("b", *kind) for kind in KINDS if kind != ("female", "18-24")] * 8
    assert design_of(crowd + others, PEOPLE) is None


def test_an_answer_that_the_margins_say_cannot_be_stops_nothing() -> None:
    cells = [cell for cell in PEOPLE.cells if cell[1:3] != ("female", "65+")]
    cells += [(area, "female", "65+", "", 0.0) for area in ("a", "b")]
    everyone = [(area, *kind) for area in ("a", "b") for kind in KINDS] * 6
    assert design_of(everyone, Population("town", ("a", "b"), cells)) is None


def test_without_margins_there_are_no_pseudo_weights() -> None:
    assert design_of([("a", "male", "18-24")] * 20, Population("town", ("a", "b"))) is None
