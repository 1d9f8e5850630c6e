"""How many units each stratum gets, and which a systematic draw picks."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.selection import allocate, systematic

STRATA = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 400), min_size=1)


@given(st.integers(1, 60).flatmap(lambda N: st.tuples(st.just(N), st.integers(0, N))))
def test_every_place_has_exactly_the_same_chance(sizes: tuple[int, int]) -> None:
    population, size = sizes
    draws = [systematic(population, size, start) for start in range(population)]
    assert all(len(set(draw)) == size for draw in draws)
    drawn = Counter(place for draw in draws for place in draw)
    assert drawn == (dict.fromkeys(range(population), size) if size else {})


def test_places_lie_at_even_distances() -> None:
    assert systematic(100, 4, 10) == [2, 27, 52, 77]


@given(STRATA, st.integers(1, 500))
def test_every_stratum_gets_its_least_and_none_more_than_it_has(
    strata: dict[str, int], wanted: int
) -> None:
    sizes = allocate(strata, wanted, least=4)
    least = {stratum: min(4, size) for stratum, size in strata.items()}
    assert all(least[stratum] <= sizes[stratum] <= strata[stratum] for stratum in strata)
    assert sum(sizes.values()) == min(max(wanted, sum(least.values())), sum(strata.values()))


def test_a_sample_is_shared_out_in_proportion() -> None:
    strata = {"managed": 500, "rural": 300, "selfbuilt": 200}
    assert allocate(strata, 100, least=4) == {"managed": 50, "rural": 30, "selfbuilt": 20}


@pytest.mark.parametrize("order", [["a", "b", "c"], ["c", "b", "a"]])
def test_the_order_of_the_strata_makes_no_difference(order: list[str]) -> None:
    assert allocate(dict.fromkeys(order, 50), 16, least=4) == {"a": 6, "b": 5, "c": 5}


def test_nothing_is_drawn_where_nothing_is_wanted() -> None:
    assert allocate({"managed": 500}, 0, least=4) == {"managed": 0}
