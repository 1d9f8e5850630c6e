"""Sharing a sample out over strata: whole, within bounds, and optimal where it says so."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import minimize

from analysis import DesignError
from analysis.allocation import divide, equal, neyman, power, proportional, round_to

RULES = {
    "proportional": proportional,
    "equal": equal,
    "neyman": lambda total, units, **more: neyman(total, units, np.sqrt(units), **more),
    "power": lambda total, units, **more: power(total, units, np.ones(len(units)), **more),
}
STRATA = st.lists(st.integers(0, 500), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize("rule", RULES)
@given(STRATA, st.integers(0, 6), st.floats(0, 1))
def test_the_sample_adds_up_within_the_bounds(
    rule: str, units: list[int], minimum: int, place: float
) -> None:
    least = np.minimum(minimum, units)
    total = int(least.sum() + place * (sum(units) - least.sum()))
    sample = RULES[rule](total, units, minimum=minimum).sample
    assert sample.sum() == total
    assert (sample >= least).all()
    assert (sample <= units).all()


@given(STRATA, st.integers(1, 100))
def test_proportional_is_within_one_unit_of_proportion(units: list[int], total: int) -> None:
    assume(total <= sum(units))
    exact = [Fraction(total * unit, sum(units)) for unit in units]
    sample = proportional(total, units).sample
    assert all(abs(n - share) < 1 for n, share in zip(sample.tolist(), exact, strict=True))


def test_what_exceeds_a_stratum_is_shared_out_again_and_again() -> None:
    # Cochran's rule: with 100 claimed from 20, and 57 then claimed from 50, both are taken whole.
    allocation = neyman(130, [20, 50, 500], [60.0, 10.0, 1.0])
    assert allocation.sample.tolist() == [20, 50, 60]


def test_cochrans_cities_are_shared_out_as_in_his_book() -> None:
    """Cochran 1977, ch. 5: 64 cities in two strata, S² = 53,843 and 5,581, n = 24.

    Neyman's allocation is 12.2 and 11.8. The standard errors of the estimated total are 1,372
    (proportional) and 1,044 (optimum).
    """
    units, deviation = [16, 48], np.sqrt([53843.0, 5581.0])
    best, usual = neyman(24, units, deviation), proportional(24, units)
    assert best.sample.tolist() == [12, 12]
    assert usual.sample.tolist() == [6, 18]
    assert 64 * usual.standard_error(deviation) == pytest.approx(1372, abs=1)
    assert 64 * best.standard_error(deviation) == pytest.approx(1044, abs=1)


@given(
    st.lists(
        st.tuples(st.integers(5, 300), st.floats(0.05, 1), st.floats(0.2, 5)),
        min_size=2, max_size=6,
    ),
    st.integers(0, 4), st.floats(0.05, 0.95),
)  # fmt: skip
def test_neyman_is_the_optimum_under_bounds_and_costs(
    strata: list[tuple[int, float, float]], minimum: int, place: float
) -> None:
    """Between two strata off their bounds, a move of money from one to the other gains nothing."""
    units, deviation, cost = (np.array(column) for column in zip(*strata, strict=True))
    low, high = np.full(len(units), minimum), units
    total = low.sum() + place * (high.sum() - low.sum())
    n = divide(total, units * deviation / np.sqrt(cost), low, high)
    gain = (units * deviation / n) ** 2 / cost  # what the last unit of money took off the variance
    free = (n > low + 1e-6) & (n < high - 1e-6)
    if free.any():
        level = gain[free].mean()
        assert gain[free] == pytest.approx(level)
        assert (gain[n >= high - 1e-6] >= level * (1 - 1e-6)).all()
        assert (gain[n <= low + 1e-6] <= level * (1 + 1e-6)).all()


def test_a_numerical_optimiser_does_no_better_than_neyman() -> None:
    units, deviation, total = np.array([400, 90, 30, 200]), np.array([0.2, 0.5, 0.5, 0.4]), 200

    def variance(n):
        return ((units * deviation) ** 2 * (1 / n - 1 / units)).sum() / units.sum() ** 2

    found = minimize(
        variance, np.full(4, 25.0), method="SLSQP", options={"ftol": 1e-15},
        bounds=[(4, size) for size in units],
        constraints={"type": "eq", "fun": lambda n: n.sum() - total},
    )  # fmt: skip
    ours = divide(total, units * deviation, np.full(4, 4), units)
    assert variance(ours) <= found.fun * (1 + 1e-9)


def test_neyman_whole_numbers_are_nearly_the_best_there_are() -> None:
    units, deviation = [40, 30, 20], [0.2, 0.5, 0.4]
    ours = neyman(20, units, deviation).standard_error(deviation)
    best = min(
        proportional(sum(n), units, minimum=np.array(n)).standard_error(deviation)
        for n in product(range(1, 19), repeat=3)
        if sum(n) == 20
    )
    assert ours <= best * 1.005


def test_bankiers_exponent_leads_from_equal_shares_to_neyman() -> None:
    units, rates = np.array([9000, 900, 100]), np.array([0.9, 0.8, 0.7])
    deviation, variation = np.sqrt(rates * (1 - rates)), np.sqrt((1 - rates) / rates)
    totals = units * rates
    whole = power(1000, units, variation, size=totals, exponent=1)
    assert whole.sample.tolist() == neyman(1000, units, deviation).sample.tolist()
    assert power(90, units, np.ones(3), exponent=0).sample.tolist() == [30, 30, 30]
    between = power(1000, units, variation, size=totals, exponent=0.5)
    assert (
        whole.standard_error(deviation)
        < between.standard_error(deviation)
        < power(1000, units, variation, exponent=0).standard_error(deviation)
    )


def test_strata_without_variance_get_the_minimum_while_others_have_room() -> None:
    assert neyman(50, [100, 100], [0.5, 0.0], minimum=4).sample.tolist() == [46, 4]
    assert neyman(150, [100, 100], [0.5, 0.0], minimum=4).sample.tolist() == [100, 50]
    assert neyman(10, [10, 30], [0.0, 0.0]).sample.sum() == 10


def test_the_earlier_stratum_comes_first_among_equal_remainders() -> None:
    assert round_to(4, np.array([1.5, 1.0, 1.5])).tolist() == [2, 1, 1]
    assert equal(10, [50] * 4).sample.tolist() == [3, 3, 2, 2]


def test_a_stratum_without_interviews_has_no_finite_error() -> None:
    assert equal(1, [10, 10]).standard_error([1.0, 1.0]) == np.inf
    assert equal(20, [10, 10]).standard_error([1.0, 1.0]) == 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda: proportional(7, [10, 10], minimum=4), "minima of the strata add up to 8"),
        (lambda: proportional(21, [10, 10]), "21 cannot be drawn from 20 units"),
        (lambda: proportional(5, [10, -1]), "units of a stratum must be numbers of 0 or more"),
        (lambda: proportional(5, [10.5, 3]), "units of a stratum must be whole"),
        (lambda: neyman(5, [10, 10], [0.5, np.nan]), "standard deviations must be numbers"),
        (lambda: neyman(5, [10, 10], [1, 1], cost=[1, 0]), "costs something"),
        (lambda: power(5, [10, 10], [1, 1], exponent=2), "exponent lies between 0 and 1; 2"),
    ],
)
def test_impossible_allocations_are_refused(asked, said: str) -> None:
    with pytest.raises(DesignError, match=said):
        asked()
