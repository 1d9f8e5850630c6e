"""The pure draw: probabilities that hold, whatever the list."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.sampling import picks
from surveys.sampling.picks import Cell, Drawn, Earlier

SEEDS = 3000


def cell(name: str, size: int, grid: str = "") -> Cell:
    households = [f"{name}{number:05d}" for number in range(size)]
    return Cell("east", name, np.arange(1, size + 1), households, [name] * size, [grid] * size)


def addresses(drawn: Drawn) -> list[int]:
    """Every address drawn from a cell, as often as it was."""
    return [int(place) for batch in drawn.batches for place in batch]


sizes = st.lists(st.integers(1, 60), min_size=1, max_size=5)


@given(sizes, st.integers(1, 80), st.integers(0, 3), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_probabilities_sum_to_the_sample_whatever_is_released(
    units: list[int], wanted: int, batches: int, seed: int
) -> None:
    cells = [cell(f"h{place}", size) for place, size in enumerate(units)]
    for drawn in picks.stratified(cells, wanted, (0.3,) * batches, seed):
        picked = addresses(drawn)
        assert len(set(picked)) == len(picked)
        for batch in range(1, batches + 2):
            out = sum(len(one) for one in drawn.batches[:batch])
            assert len(drawn.cell.ids) * drawn.probability(batch) == pytest.approx(out)


@given(
    st.lists(st.integers(1, 60), min_size=9, max_size=15), st.integers(9, 60), st.integers(0, 99)
)
@settings(max_examples=60, deadline=None)
def test_a_draw_in_two_stages_takes_no_address_twice_and_no_probability_is_above_one(
    units: list[int], wanted: int, seed: int
) -> None:
    cells = [cell(f"g{place}", size, f"g{place}") for place, size in enumerate(units)]
    found = picks.two_stage(cells, wanted, 9, (0.25, 0.25), seed)
    assert len(found) == 9
    for drawn in found:
        picked = addresses(drawn)
        assert len(set(picked)) == len(picked)
        assert all(0 < drawn.probability(batch) <= 1 for batch in (1, 2, 3))
        for size, batch in zip(drawn.sizes, drawn.batches, strict=True):
            assert abs(len(batch) - size) < 1 + 1e-9


def test_every_address_is_drawn_as_often_as_its_probability_says() -> None:
    strata, often = [cell("rural", 23)], Counter[int]()
    for seed in range(SEEDS):
        (drawn,) = picks.stratified(strata, 6, (0.5,), seed)
        often.update(addresses(drawn))
    assert _far(often, 23, drawn.probability(2)) < 4.5


def test_grids_and_addresses_are_drawn_as_often_as_their_probability_says() -> None:
    units = [30, 4, 9, 12, 3, 17, 8, 8, 5, 6, 11]
    cells = [cell(f"g{place}", size) for place, size in enumerate(units)]
    often: Counter[tuple[str, int]] = Counter()
    for seed in range(SEEDS):
        for drawn in picks.two_stage(cells, 25, 9, (), seed):
            often.update((drawn.cell.name, place) for place in addresses(drawn))
            assert drawn.probability(1) == pytest.approx(
                25 / 113 if len(drawn.cell.ids) > 3 else drawn.probability(1)
            )
    expected, spread = SEEDS * 25 / 113, np.sqrt(SEEDS * 25 / 113 * (1 - 25 / 113))
    for one in cells:
        assert all(
            abs(often[one.name, place] - expected) < 4.5 * spread for place in range(len(one.ids))
        )


def test_a_rotation_keeps_its_share_and_the_probability_of_everyone() -> None:
    """Also of those who are new on the list, and of those asked before."""
    old, now = cell("rural", 40), cell("rural", 46)
    often, stayed = Counter[int](), 0
    for seed in range(SEEDS):
        asked = picks.even(40, 10, picks.seed_of(seed, "before"))
        earlier = Earlier(frozenset(old.households[place] for place in asked), 0.25, 40, 0.6)
        drawn = picks.rotated(now, 12, seed, earlier)
        assert len(drawn) == len(set(drawn.tolist())) == 12
        often.update(drawn.tolist())
        stayed += len(set(drawn.tolist()) & set(asked.tolist()))
    assert stayed / SEEDS == pytest.approx(6, abs=0.05)
    assert _far(often, 46, 12 / 46) < 4.5


@given(st.integers(1, 40), st.integers(0, 20), st.data())
@settings(max_examples=80, deadline=None)
def test_a_rotation_has_the_size_it_should_whatever_the_share(
    before: int, more: int, data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, before + more))
    asked = data.draw(st.integers(1, before))
    keep = data.draw(st.floats(0, 1))
    now = cell("rural", before + more)
    known = frozenset(now.households[place] for place in picks.even(before, asked, 1))
    drawn = picks.rotated(now, size, 3, Earlier(known, asked / before, before, keep))
    assert len(set(drawn.tolist())) == len(drawn) == size


def _far(often: Counter[int], population: int, chance: float) -> float:
    """How many standard deviations the count of any address is off."""
    spread = np.sqrt(SEEDS * chance * (1 - chance))
    return max(abs(often[place] - SEEDS * chance) for place in range(population)) / spread
