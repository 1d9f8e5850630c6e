"""Draws by seed: every unit has the probability it is said to have, and a replay is the draw."""

from __future__ import annotations

import time
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, chi2, norm

from analysis import DesignError
from analysis.conditional_poisson import ConditionalPoisson
from analysis.draws import Draw, Uniforms, draw_simple, draw_systematic
from analysis.pps import draw_pps_systematic, inclusion_probabilities
from analysis.sampford import draw_sampford

SIZES = np.array([120, 40, 33, 25, 20, 12, 9, 5, 3, 1.0])

METHODS = {
    "simple": lambda sizes, n, seed: draw_simple(len(sizes), n, seed),
    "systematic": lambda sizes, n, seed: draw_systematic(len(sizes), n, seed),
    "pps systematic": draw_pps_systematic,
    "sampford": draw_sampford,
}


def probabilities(method: str, sizes, n: int):
    if method in ("simple", "systematic"):
        return np.full(len(sizes), n / len(sizes))
    return inclusion_probabilities(sizes, n)


def often_enough(counts, expected, draws: int) -> bool:
    """Whether no count is further off than chance allows, once in 10⁵ such tests."""
    spread = np.sqrt(expected * (1 - expected) / draws)
    limit = norm.isf(1e-5 / 2 / len(expected))
    return bool((np.abs(counts / draws - expected) <= limit * spread + 1e-12).all())


# ---- every method --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [1, 4, 7])
def test_units_come_as_often_as_their_probability_says(method: str, n: int) -> None:
    expected, draws = probabilities(method, SIZES, n), 1500
    counts = np.zeros(len(SIZES))
    for seed in range(draws):
        draw = METHODS[method](SIZES, n, seed)
        counts[draw.indices] += 1
        assert draw.probabilities.tolist() == expected[draw.indices].tolist()
    assert often_enough(counts, expected, draws)


@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None)
@given(
    st.lists(st.floats(0.01, 100), min_size=1, max_size=80), st.floats(0, 1), st.integers(0, 2**64)
)
def test_a_draw_has_its_size_and_its_replay_is_the_same(
    method: str, sizes: list[float], share: float, seed: int
) -> None:
    n = round(share * len(sizes))
    draw, again = (METHODS[method](sizes, n, seed) for _ in range(2))
    assert len(draw) == len(set(draw.indices.tolist())) == n
    assert (np.diff(draw.indices) > 0).all()
    assert draw.indices.tolist() == again.indices.tolist()
    assert (draw.method, draw.seed, draw.population) == (method, seed, len(sizes))


@pytest.mark.parametrize(
    ("method", "picked"),
    [
        ("simple", [0, 3, 6, 7]),
        ("systematic", [0, 2, 5, 7]),
        ("pps systematic", [0, 1, 2, 4]),
        ("sampford", [0, 2, 3, 6]),
    ],
)
def test_a_seed_picks_these_units_for_good(method: str, picked: list[int]) -> None:
    assert METHODS[method](SIZES, 4, 340111).indices.tolist() == picked


def test_the_random_numbers_of_a_seed_never_change() -> None:
    assert Uniforms(20260901).take(3).tolist() == [
        0.6321801840759411,
        0.5824068476980383,
        0.3542229979736149,
    ]


@pytest.mark.parametrize("method", METHODS)
def test_nobody_and_everybody_can_be_drawn(method: str) -> None:
    assert len(METHODS[method](SIZES, 0, 1)) == 0
    everyone = METHODS[method](SIZES, 10, 1)
    assert everyone.indices.tolist() == list(range(10))
    assert everyone.probabilities.tolist() == [1.0] * 10


def test_a_draw_cannot_be_changed() -> None:
    draw = draw_simple(10, 3, seed=1)
    assert isinstance(draw, Draw)
    with pytest.raises(AttributeError):
        draw.seed = 2
    with pytest.raises(ValueError, match="read-only"):
        draw.indices[0] = 9


@pytest.mark.parametrize("method", METHODS)
def test_a_million_units_are_drawn_within_two_seconds(method: str) -> None:
    sizes = np.random.default_rng(1).lognormal(0, 0.7, 1_000_000)
    started = time.process_time()
    assert len(METHODS[method](sizes, 100_000, 1)) == 100_000
    assert time.process_time() - started < 2


# ---- simple, systematic --------------------------------------------------------------------------


def test_every_pair_of_a_simple_sample_is_equally_likely() -> None:
    draws = 6000
    pairs = Counter(tuple(draw_simple(6, 2, seed).indices.tolist()) for seed in range(draws))
    counts = np.array([pairs[pair] for pair in combinations(range(6), 2)])
    assert chi2.sf(((counts - draws / 15) ** 2 / (draws / 15)).sum(), 14) > 1e-5


def test_a_larger_simple_sample_of_the_same_seed_only_adds() -> None:
    small, large = draw_simple(1000, 50, seed=9), draw_simple(1000, 80, seed=9)
    assert set(small.indices.tolist()) < set(large.indices.tolist())


@given(st.integers(1, 300), st.floats(0, 1), st.integers(0, 10**6))
def test_a_systematic_sample_takes_its_share_of_every_stretch(
    population: int, share: float, seed: int
) -> None:
    n = round(share * population)
    drawn = np.zeros(population)
    drawn[draw_systematic(population, n, seed).indices] = 1
    gap = np.cumsum(drawn) - np.arange(1, population + 1) * n / population
    assert np.ptp(np.append(gap, 0)) <= 1 + 1e-9


@pytest.mark.parametrize("draw", [draw_systematic, draw_pps_systematic])
def test_the_order_of_the_list_spreads_the_sample(draw) -> None:
    community = np.arange(120) % 6
    floor = np.arange(120) // 6
    frame = 120 if draw is draw_systematic else np.ones(120)
    for seed in range(50):
        indices = draw(frame, 24, seed, order=[community, floor]).indices
        assert np.bincount(community[indices]).tolist() == [4] * 6


# ---- proportional to size ------------------------------------------------------------------------


def test_certain_units_are_taken_out_until_none_is_certain() -> None:
    found = inclusion_probabilities(SIZES, 4)
    assert found[:1].tolist() == [1.0]
    assert found[1:] == pytest.approx(3 * SIZES[1:] / SIZES[1:].sum())
    assert inclusion_probabilities([100, 45, 20, 15, 10], 3)[:2].tolist() == [1.0, 1.0]


# So far apart that every share of the largest is a number of full precision still.
POSSIBLE = st.just(0.0) | st.floats(1e-9, 1e290)


@given(st.lists(POSSIBLE, min_size=1, max_size=60), st.floats(0, 1))
def test_probabilities_add_up_to_the_sample_size(sizes: list[float], share: float) -> None:
    positive = sum(size > 0 for size in sizes)
    n = round(share * positive)
    found = inclusion_probabilities(sizes, n)
    assert found.sum() == pytest.approx(n)
    assert ((found >= 0) & (found <= 1)).all()
    uncertain = (found > 0) & (found < 1)
    ratio = found[uncertain] / (np.array(sizes) / max(sizes))[uncertain] if n else np.zeros(0)
    assert ratio == pytest.approx(np.full(ratio.shape, ratio.mean() if ratio.size else 0))


def test_a_unit_without_size_is_never_drawn() -> None:
    for seed in range(100):
        for draw in (draw_sampford, draw_pps_systematic):
            assert 1 not in draw([3, 0, 2, 4, 1], 2, seed).indices


# ---- Sampford ------------------------------------------------------------------------------------


def sampford_design(pi, n: int) -> dict[tuple[int, ...], float]:
    """P(s) ∝ Π_{i∈s} π_i/(1−π_i) · Σ_{i∈s} (1−π_i), over all samples."""
    odds = pi / (1 - pi)
    weight = {
        s: odds[list(s)].prod() * (1 - pi[list(s)]).sum() for s in combinations(range(len(pi)), n)
    }
    return {s: w / sum(weight.values()) for s, w in weight.items()}


@pytest.mark.parametrize("n", [2, 3, 5])
def test_samples_come_as_often_as_sampfords_design_says(n: int) -> None:
    sizes, draws = np.array([2, 3, 4, 4, 3, 2, 3.0]), 2500
    pi = inclusion_probabilities(sizes, n)
    design = sampford_design(pi, n)
    marginal = [sum(p for s, p in design.items() if unit in s) for unit in range(7)]
    assert marginal == pytest.approx(pi)  # the design has exactly the probabilities asked for
    found = Counter(tuple(draw_sampford(sizes, n, seed).indices.tolist()) for seed in range(draws))
    distance = sum((found[s] - draws * p) ** 2 / (draws * p) for s, p in design.items())
    assert chi2.sf(distance, len(design) - 1) > 1e-5


@pytest.mark.parametrize("n", [3, 40, 90])
def test_sampford_keeps_the_probabilities_in_large_samples(n: int) -> None:
    sizes = np.random.default_rng(3).lognormal(0, 0.6, 200)
    expected, draws = inclusion_probabilities(sizes, n), 1000
    counts = np.zeros(200)
    for seed in range(draws):
        counts[draw_sampford(sizes, n, seed).indices] += 1
    assert often_enough(counts, expected, draws)


def test_the_tree_knows_the_distribution_of_the_number_drawn() -> None:
    top = ConditionalPoisson(np.full(1000, 0.3))._levels[-1]
    counts = top.first[0] + np.arange(top.chance.shape[1])
    assert top.chance[0] == pytest.approx(binom.pmf(counts, 1000, 0.3), abs=1e-14)
    assert top.chance.sum() == pytest.approx(1, abs=1e-12)
    assert top.chance.shape[1] < 600


@pytest.mark.parametrize("size", [1, 2, 4])
def test_conditional_poisson_samples_come_as_often_as_their_odds(size: int) -> None:
    p = np.array([0.1, 0.3, 0.5, 0.6, 0.9])
    design, uniforms, draws = ConditionalPoisson(p), Uniforms(5), 4000
    weight = {s: (p / (1 - p))[list(s)].prod() for s in combinations(range(5), size)}
    found = Counter(
        tuple(np.flatnonzero(design.draw(size, uniforms)).tolist()) for _ in range(draws)
    )
    expected = {s: draws * w / sum(weight.values()) for s, w in weight.items()}
    distance = sum((found[s] - expected[s]) ** 2 / expected[s] for s in expected)
    assert chi2.sf(distance, len(expected) - 1) > 1e-5


# ---- what cannot be ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda: draw_simple(5, 6, 1), "6 units cannot be drawn from 5"),
        (lambda: draw_systematic(5, -1, 1), "-1 units cannot be drawn"),
        (lambda: draw_sampford([1, 0, 2], 3, 1), "3 units cannot be drawn from 2"),
        (lambda: draw_pps_systematic([1, -1, np.nan], 1, 1), "see rows 2, 3"),
        (lambda: draw_simple(5, 1, -1), "seed is a whole number of 0 or more, not -1"),
        (lambda: draw_systematic(5, 1, 1, order=[[1, 2]]), "must have 5 rows"),
    ],
)
def test_impossible_draws_are_refused(asked, said: str) -> None:
    with pytest.raises(DesignError, match=said):
        asked()
