"""Communities hang together through margins and interviewers, and ranks know how."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import SurveyDesign
from analysis.changes import Level
from analysis.ranking import MANY
from surveys.results import dependence, judging, rankings
from surveys.results.locked import Order
from surveys.weighting.designs import Designs

PLACES = ["east", "south", "west"]


@pytest.fixture
def answers():
    chance = np.random.default_rng(3)
    n = 600
    sex = chance.choice(["f", "m"], n)
    community = np.repeat(PLACES, n // 3)
    pair = chance.integers(0, 12, n)
    liked = chance.standard_normal(12)[pair]  # pairs colour the answers
    y = (chance.random(n) < 0.4 + 0.2 * (sex == "f") + 0.25 * liked).astype(float)
    y[chance.random(n) < 0.05] = np.nan
    return {
        "y:aware": y, "community": community, "sex": sex,
        "pair": pair.astype(str), "weight": np.full(n, 20.0),
    }  # fmt: skip


def raked(answers, **design):
    sample = SurveyDesign(answers, weights="weight", **design)
    return sample.rake({"sex": {"f": 6600, "m": 5400}})


def by_community(drawn, pairs=None):
    declared = Designs("household", drawn, pairs)
    return {"rate": judging.both(declared, ["y:aware"], ["community"], "rate")}


def correlation_of(design):
    covariance = design.rate("y:aware", by="community").covariance()
    error = np.sqrt(np.diag(covariance))
    return covariance / np.outer(error, error)


def test_correlations_are_those_of_the_design(answers):
    design = raked(answers, strata="community")
    found = dependence.correlations(by_community(design), PLACES)
    np.testing.assert_allclose(found["aware"], correlation_of(design), atol=1e-9)
    assert (np.abs(found["aware"][np.triu_indices(3, 1)]) > 1e-4).all()  # margins cross them


def test_where_pairs_of_interviewers_say_more_the_correlation_is_theirs(answers):
    drawn, pairs = raked(answers, strata="community"), raked(answers, psu="pair")
    assert (
        pairs.rate("y:aware", by="community").se > drawn.rate("y:aware", by="community").se
    ).all()
    found = dependence.correlations(by_community(drawn, pairs), PLACES)["aware"]
    np.testing.assert_allclose(found, correlation_of(pairs), atol=1e-9)
    assert found[0, 1] > 0.2


def test_more_communities_than_are_compared_pair_by_pair_are_not_linked(answers):
    made = by_community(raked(answers, strata="community"))
    assert dependence.correlations(made, [*PLACES, *map(str, range(MANY))]) == {}


@pytest.mark.parametrize(("shared", "length"), [(0.0, 4), (0.9, 2)])
def test_shared_errors_shorten_the_intervals_of_ranks(shared, length):
    order = Order(("whole", "a", "b"), (("aware", "1", "rate"),))
    level = Level(*(np.array(one)[:, None] for one in (
        [0.80, 0.84, 0.76], [0.02, 0.03, 0.03], [200.0] * 3, [400.0, 150, 200],
    )))  # fmt: skip
    correlation = np.array([[[1, shared], [shared, 1]]])
    found = rankings.make(order, level, np.full((3, 1), 0.03**2), correlation)
    assert sum(one.rank_to - one.rank_from + 1 for one in found) == length
    assert {one.method for one in found} == {"mogstad"}


def test_without_the_correlations_intervals_hold_whatever_links_the_communities():
    order = Order(("whole", "a", "b"), (("aware", "1", "rate"),))
    level = Level(*(np.array(one)[:, None] for one in (
        [0.80, 0.84, 0.76], [0.02, 0.03, 0.03], [200.0] * 3, [400.0, 150, 200],
    )))  # fmt: skip
    found = rankings.make(order, level, np.full((3, 1), 0.03**2), None)
    assert {one.method for one in found} == {"klein"}
