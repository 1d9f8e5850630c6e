"""How large a wave must be: for a margin, for a decision, and for the next one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from analysis import DesignError
from analysis.feasibility import (
    UndecidableError,
    effective_n_to_decide,
    feasibility,
    judged,
    rate_to_decide,
)
from analysis.power import effective_n_for_power, power, probability
from analysis.sample_size import Fieldwork, for_decision, for_margin, next_wave

RATES = st.floats(0.02, 0.98)


# ---- feasibility ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "least"),
    [
        *[(1.0, 23), (0.95, 52), (0.92, 104), (0.90, 202), (0.88, 555)],  # met
        *[(0.70, 32), (0.75, 64), (0.80, 228)],  # not met
    ],
)
def test_what_decides_at_85_percent(rate: float, least: int) -> None:
    assert effective_n_to_decide(rate, 0.85, fewest=2) == least
    before, there = judged(rate, [max(least - 1, 50), max(least, 50)], 0.85)
    assert there == ("met" if rate > 0.85 else "not_met")
    assert before == ("undecided" if least > 50 else there)


@pytest.mark.parametrize("rate", [0.70, 0.80, 0.88, 0.90, 0.95, 1.0])
def test_a_rate_once_decided_stays_so_in_every_larger_sample(rate: float) -> None:
    verdicts = judged(rate, np.arange(effective_n_to_decide(rate), 3000), 0.85)
    assert set(verdicts.tolist()) == {"met" if rate > 0.85 else "not_met"}


def test_no_verdict_is_planned_on_too_few() -> None:
    assert effective_n_to_decide(1.0) == effective_n_to_decide(0.2) == 50
    assert power([49, 50], 1.0).tolist() == [0, 1]


def test_with_a_hundred_interviews_it_takes_93_percent() -> None:
    assert judged(np.array([92, 93]) / 100, 100, 0.85).tolist() == ["undecided", "met"]
    assert 0.92 < rate_to_decide(100) < 0.93


def test_the_table_passes_over_the_target_itself() -> None:
    assert [row.rate for row in feasibility(0.85, (0.8, 0.85, 0.9))] == [0.8, 0.9]


@settings(max_examples=30, deadline=None)
@given(st.integers(50, 5000), st.sampled_from([0.5, 0.7, 0.85, 0.9]))
def test_the_rate_that_decides_is_where_the_verdict_changes(n: int, target: float) -> None:
    met, unmet = rate_to_decide(n, target), rate_to_decide(n, target, "not_met")
    if not np.isnan(met):
        assert judged([met - 1e-6, met + 1e-6], n, target).tolist() == ["undecided", "met"]
    if not np.isnan(unmet):
        assert judged([unmet - 1e-6, unmet + 1e-6], n, target).tolist() == ["not_met", "undecided"]


# ---- power ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.75, 0.9, 0.95])
@pytest.mark.parametrize("n", [50, 117, 400])
def test_power_adds_up_the_samples_that_decide(rate: float, n: int) -> None:
    counts = np.arange(n + 1)
    decides = judged(counts / n, n, 0.85) == ("met" if rate > 0.85 else "not_met")
    assert power(n, rate) == pytest.approx(binom.pmf(counts, n, rate)[decides].sum(), rel=1e-12)


@pytest.mark.parametrize(
    ("rate", "wanted"), [(0.90, 0.8), (0.95, 0.9), (0.75, 0.8), (0.88, 0.5), (0.80, 0.95)]
)
def test_the_size_found_is_the_last_tooth_of_the_saw(rate: float, wanted: float) -> None:
    sizes = np.arange(2, 2500)
    enough = power(sizes, rate) >= wanted
    found = effective_n_for_power(rate, power=wanted)
    assert enough[sizes >= found].all()
    assert not enough[sizes == found - 1].any()
    assert sizes[enough][0] < found  # the first that reaches the power may lose it again


def test_at_the_target_itself_a_false_met_is_rarer_than_one_in_forty() -> None:
    chances = probability(np.arange(50, 1000), 0.85, "met")
    assert 0.004 < chances.min() < chances.max() <= 0.025


@settings(max_examples=15, deadline=None)
@given(RATES, st.floats(0.1, 0.95))
def test_power_planned_is_power_kept(rate: float, wanted: float) -> None:
    if abs(rate - 0.85) > 0.03:
        n = effective_n_for_power(rate, power=wanted)
        assert (power(np.arange(n, n + 200), rate) >= wanted).all()


def test_a_rate_next_to_the_target_is_too_close() -> None:
    with pytest.raises(UndecidableError, match="too close"):
        effective_n_for_power(0.85001)
    with pytest.raises(UndecidableError, match="exactly the target"):
        effective_n_to_decide(0.85)


# ---- interviews and addresses --------------------------------------------------------------------


def test_the_sizes_of_the_field_manuals() -> None:
    assert for_margin(0.05, 0.5).interviews == 385  # Cochran's 384.16
    assert for_margin(0.05, 0.85, Fieldwork(3000)).interviews == 184
    assert for_margin(0.10, 0.5, Fieldwork(3000)).interviews == 94
    assert for_margin(0.10, 0.5, Fieldwork(3000, deff=1.5)).interviews == 141


def test_interviews_are_multiplied_by_the_design_and_divided_by_the_response() -> None:
    size = for_margin(0.05, 0.85, Fieldwork(deff=2, response_rate=0.5))
    assert (size.simple, size.interviews, size.addresses) == (196, 392, 784)


@settings(deadline=None)
@given(RATES, st.floats(0.01, 0.3), st.integers(50, 10**6), st.floats(0.5, 4))
def test_the_margin_is_kept_and_one_fewer_would_not_do(
    rate: float, margin: float, population: int, deff: float
) -> None:
    def half_width(n: float) -> float:
        variance = rate * (1 - rate) / n * (population - n) / (population - 1)
        return 1.959964 * np.sqrt(variance)

    size = for_margin(margin, rate, Fieldwork(population, deff))
    assert half_width(size.simple) <= margin * (1 + 1e-6)
    assert size.simple == 1 or half_width(size.simple - 1) > margin * (1 - 1e-6)
    assert size.simple * deff <= size.interviews + 1e-6 or size.interviews == population


def test_a_census_meets_any_margin() -> None:
    assert for_margin(0.001, 0.5, Fieldwork(200, deff=3)).interviews == 200


def test_a_small_population_offsets_the_design_effect_and_no_more() -> None:
    plain, small = (for_decision(0.9, fieldwork=Fieldwork(n, deff=1.2)) for n in (None, 1000))
    assert small.simple == plain.simple == small.interviews < plain.interviews


def test_showing_the_rate_again_takes_fewer_than_being_likely_to() -> None:
    assert for_decision(0.9, power=None).interviews == 202
    assert power(202, 0.9) < 0.55


# ---- the next wave -------------------------------------------------------------------------------


def test_an_undecided_community_is_told_its_next_wave() -> None:
    size = next_wave(0.92, fieldwork=Fieldwork(3000, deff=1.4, response_rate=0.55))
    assert size is not None
    assert size.interviews == int(np.ceil(size.simple / (1 + (size.simple - 1) / 3000) * 1.4))
    assert size.addresses == int(np.ceil(size.interviews / 0.55))


@pytest.mark.parametrize("rate", [0.87, 0.85, 0.85001])
def test_what_would_take_more_adults_than_there_are_cannot_be_decided(rate: float) -> None:
    assert next_wave(rate, fieldwork=Fieldwork(800)) is None


def test_people_who_do_not_respond_count_as_well() -> None:
    assert next_wave(0.9, fieldwork=Fieldwork(500)) is not None
    assert next_wave(0.9, fieldwork=Fieldwork(500, response_rate=0.5)) is None


# ---- what cannot be ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda: for_margin(0), "margin must lie between 0 and 1, and not be 0"),
        (lambda: for_margin(5), "margin must lie between 0 and 1, and not be 5"),
        (lambda: for_margin(0.05, 1.0), "rate must lie between"),
        (lambda: for_margin(0.05, level=95), "level must lie between"),
        (lambda: for_decision(1.2), "rate must lie between 0 and 1, and not be 1.2"),
        (lambda: for_decision(0.9, 85), "target must lie between 0 and 1, and not be 85"),
        (lambda: for_decision(0.9, power=1), "power must lie between"),
        (lambda: Fieldwork(0), "population of 0"),
        (lambda: Fieldwork(deff=0), "design effect lies above 0; 0 does not"),
        (lambda: Fieldwork(deff=float("nan")), "design effect"),
        (lambda: Fieldwork(response_rate=60), "response rate lies above 0 and is at most 1; 60"),
    ],
)
def test_impossible_plans_are_refused(asked, said: str) -> None:
    with pytest.raises(DesignError, match=said):
        asked()
