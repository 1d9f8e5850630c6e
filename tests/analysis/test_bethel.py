"""The cheapest sample for many bars: kept, proved, and no numerical optimiser does better."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, minimize

from analysis import DesignError
from analysis.allocation import neyman
from analysis.bethel import Bar, bethel

RATE = np.sqrt(0.85 * 0.15)


def township(seed: int, strata: int = 12, domains: int = 3, indicators: int = 2):
    """Make strata, and a bar for each community and the whole of each indicator."""
    rng = np.random.default_rng(seed)
    units, community = rng.integers(30, 3000, strata), np.arange(strata) % domains
    bars = []
    for _ in range(indicators):
        rate = rng.uniform(0.4, 0.95, strata)
        deviation = np.sqrt(rate * (1 - rate))
        bars += [
            Bar(rng.uniform(0.02, 0.06), deviation, community == place) for place in range(domains)
        ]
        bars.append(Bar(rng.uniform(0.01, 0.03), deviation))
    return units, bars, rng.uniform(1, 3, strata)


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 30), st.integers(1, 6), st.integers(0, 10))
def test_every_bar_is_kept_and_the_cost_is_proved_least(
    seed: int, strata: int, domains: int, minimum: int
) -> None:
    units, bars, cost = township(seed, strata, min(strata, domains))
    plan = bethel(units, bars, cost=cost, minimum=minimum)
    assert all(plan.standard_errors <= [bar.standard_error * (1 + 1e-9) for bar in bars])
    assert plan.cost <= plan.least_cost * (1 + 1.1e-5)
    assert (plan.sample >= np.minimum(minimum, units)).all()
    assert (plan.sample <= units).all()
    assert cost @ plan.sample <= plan.cost + cost.sum()


@pytest.mark.parametrize("seed", range(6))
def test_a_numerical_optimiser_finds_the_same_cost(seed: int) -> None:
    """SLSQP in x = 1/n, where every bar is linear: V(Σ N²S²x − Σ NS²) ≤ bar²."""
    units, bars, cost = township(seed)
    rows, limits = [], []
    for bar in bars:
        inside = np.ones(len(units), bool) if bar.domain is None else bar.domain
        spread = np.where(inside, np.square(bar.deviation), 0) / units[inside].sum() ** 2
        rows.append(units**2 * spread / bar.standard_error**2)
        limits.append(1 + units @ spread / bar.standard_error**2)
    found = minimize(
        lambda x: (cost / x).sum(), 1 / units, jac=lambda x: -cost / x**2, method="trust-constr",
        bounds=list(zip(1 / units, np.full(len(units), 0.5), strict=True)),
        constraints=LinearConstraint(np.array(rows), -np.inf, limits),
        options={"gtol": 1e-10, "xtol": 1e-12, "maxiter": 3000},
    )  # fmt: skip
    plan = bethel(units, bars, cost=cost, minimum=2)
    assert plan.cost == pytest.approx(found.fun, rel=1e-4)
    assert plan.least_cost <= found.fun * (1 + 1e-6)


def test_one_bar_is_neymans_allocation() -> None:
    units, deviation = np.array([900, 500, 200]), np.array([0.3, 0.45, 0.5])
    plan = bethel(units, [Bar(0.02, deviation)])
    whole = neyman(int(plan.sample.sum()), units, deviation)
    assert np.abs(plan.sample - whole.sample).max() <= 1
    assert plan.exact / plan.exact[0] == pytest.approx(units * deviation / (900 * 0.3), rel=1e-4)


def test_no_interview_can_be_spared() -> None:
    units, bars, cost = township(5)
    plan = bethel(units, bars, cost=cost)
    for stratum in range(len(units)):
        fewer = plan.sample.copy()
        fewer[stratum] -= 1
        assert any(standard_error(units, bar, fewer) > bar.standard_error for bar in bars)


def test_a_bar_that_others_keep_has_no_price() -> None:
    units = np.array([1000, 1000])
    plan = bethel(units, [Bar(0.01, [RATE] * 2), Bar(0.2, [RATE] * 2, [True, False])])
    assert plan.prices[1] < 1e-6 * plan.prices[0]


def test_a_bar_finer_than_a_census_needs_takes_the_stratum_whole() -> None:
    plan = bethel([50, 5000], [Bar(1e-6, [RATE] * 2, [True, False]), Bar(0.02, [RATE] * 2)])
    assert plan.sample[0] == 50
    assert 200 < plan.sample[1] < 400


def test_a_stratum_without_variance_gets_its_minimum() -> None:
    plan = bethel([500, 500], [Bar(0.02, [RATE, 0.0])], minimum=[4, 6])
    assert plan.sample[1] == 6


def standard_error(units, bar: Bar, sample) -> float:
    inside = np.ones(len(units), bool) if bar.domain is None else np.asarray(bar.domain)
    spread = np.where(inside, np.square(bar.deviation), 0)
    variance = (units**2 * spread * (1 / np.maximum(sample, 1e-9) - 1 / units)).sum()
    return np.sqrt(variance) / units[inside].sum()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda: bethel([10], []), "at least one bar"),
        (lambda: bethel([0], [Bar(0.1, [1])]), "at least one unit"),
        (lambda: bethel([10], [Bar(0.1, [1])], cost=0), "costs something"),
        (lambda: bethel([10], [Bar(0, [1], name="east")]), "Bar east: the standard error must"),
        (lambda: bethel([10], [Bar(0.1, [1], [False], "east")]), "Bar east: the domain must mark"),
        (lambda: bethel([10], [Bar(0.1, [-1], name="east")]), "Bar east: standard deviations"),
    ],
)
def test_impossible_bars_are_refused(asked, said: str) -> None:
    with pytest.raises(DesignError, match=said):
        asked()
