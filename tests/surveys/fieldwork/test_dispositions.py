"""Outcome rates, against figures worked out by hand from the Standard Definitions."""

from __future__ import annotations

from dataclasses import asdict
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.fieldwork.dispositions import DISPOSITIONS, rates

# I 60, P 5, R 20, NC 15, O 10: 110 known to be eligible. UH 30, UO 10, NE 22: e = 110/132 = 5/6.
COUNTS = {
    "complete": 60,
    "partial": 5,
    "refusal": 20,
    "noncontact": 15,
    "other": 10,
    "unknown_household": 30,
    "unknown_person": 10,
    "ineligible": 22,
}
BY_HAND = {
    "rr1": Fraction(60, 150),
    "rr2": Fraction(65, 150),
    "rr3": Fraction(60 * 3, 430),  # 110 + 40 · 5/6 = 430/3
    "rr4": Fraction(65 * 3, 430),
    "rr5": Fraction(60, 110),
    "rr6": Fraction(65, 110),
    "coop1": Fraction(60, 95),
    "coop2": Fraction(65, 95),
    "coop3": Fraction(60, 85),
    "coop4": Fraction(65, 85),
    "ref1": Fraction(20, 150),
    "ref2": Fraction(20 * 3, 430),
    "ref3": Fraction(20, 110),
    "con1": Fraction(95, 150),
    "con2": Fraction(95 * 3, 430),
    "con3": Fraction(95, 110),
}
counted = st.fixed_dictionaries({name: st.integers(0, 10_000) for name in DISPOSITIONS})


@pytest.mark.parametrize("name", BY_HAND)
def test_a_rate_is_the_one_worked_out_by_hand(name: str) -> None:
    assert getattr(rates(COUNTS), name) == pytest.approx(float(BY_HAND[name]), rel=1e-14)


def test_the_eligible_share_is_that_of_the_units_one_knows_of() -> None:
    assert rates(COUNTS).e == pytest.approx(5 / 6, rel=1e-14)


def test_the_eligible_share_may_be_given() -> None:
    assert rates(COUNTS, e=0.5).rr3 == pytest.approx(60 / 130, rel=1e-14)


def test_where_nothing_is_known_every_unit_is_taken_to_be_eligible() -> None:
    found = rates({"unknown_household": 9})
    assert (found.e, found.rr3, found.rr5) == (1.0, 0.0, None)


def test_without_units_there_is_no_rate() -> None:
    found = asdict(rates({}))
    assert {name: rate for name, rate in found.items() if name != "e"} == dict.fromkeys(BY_HAND)


def test_units_that_are_not_eligible_lower_no_response_rate() -> None:
    more = rates({**COUNTS, "ineligible": 500}, e=0.5)
    assert more == rates(COUNTS, e=0.5)


@given(counted, st.none() | st.floats(0, 1))
def test_every_rate_lies_between_nothing_and_all(counts: dict[str, int], e: float | None) -> None:
    for rate in asdict(rates(counts, e)).values():
        assert rate is None or 0 <= rate <= 1


@given(counted, st.none() | st.floats(0, 1))
def test_the_fewer_unknown_units_count_the_higher_the_rate(
    counts: dict[str, int], e: float | None
) -> None:
    found = rates(counts, e)
    slack = 1 + 1e-12
    for names in (("rr1", "rr3", "rr5"), ("rr2", "rr4", "rr6"), ("con1", "con2", "con3")):
        known = [rate for name in names if (rate := getattr(found, name)) is not None]
        assert all(low <= high * slack for low, high in pairwise(known))


@given(counted, st.none() | st.floats(0, 1))
def test_counting_partial_interviews_lowers_no_rate(
    counts: dict[str, int], e: float | None
) -> None:
    found = rates(counts, e)
    pairs = (("rr1", "rr2"), ("rr3", "rr4"), ("rr5", "rr6"), ("coop1", "coop2"))
    for whole, partly in (*pairs, ("coop3", "coop4")):
        low, high = getattr(found, whole), getattr(found, partly)
        assert (low is None) == (high is None)
        assert low is None or low <= high
