"""The seeded hot deck."""

from surveys.weighting.imputation import hot_deck

NAMES = [f"r{i}" for i in range(6)]


def test_a_gap_is_filled_from_its_own_class():
    filled = hot_deck([3, None, 1, 1], [["a", "a", "b", "b"]], NAMES[:4], seed=1)
    assert filled.values == [3, 3, 1, 1]
    assert filled.lent_by == [None, 0, None, None]


def test_a_class_without_donors_borrows_from_the_next_wider_one():
    filled = hot_deck([None, 2], [["a", "b"], ["all", "all"]], NAMES[:2], seed=1)
    assert filled.values == [2, 2]
    assert filled.lent_by == [1, None]


def test_where_nobody_can_lend_the_gap_stays_and_says_so():
    filled = hot_deck([None, None], [["a", "a"]], NAMES[:2], seed=1)
    assert filled.values == [None, None]
    assert filled.lent_by == [-1, -1]


def test_the_seed_repeats_the_picks_and_another_seed_makes_others():
    values = [1, 2, 3, 4, *[None] * 40]
    rows = [f"r{i}" for i in range(44)]
    classes = [["a"] * 44]
    first = hot_deck(values, classes, rows, seed=7).values
    assert hot_deck(values, classes, rows, seed=7).values == first
    assert hot_deck(values, classes, rows, seed=8).values != first
    assert set(first[4:]) == {1, 2, 3, 4}


def test_one_more_gap_leaves_every_other_pick_as_it_was():
    values = [1, 2, 3, *[None] * 20]
    rows = [f"r{i}" for i in range(23)]
    before = hot_deck(values, [["a"] * 23], rows, seed=7).values
    after = hot_deck([*values, None], [["a"] * 24], [*rows, "new"], seed=7).values
    assert after[:23] == before
