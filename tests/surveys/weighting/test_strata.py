"""The collapse of thin strata, by counts alone."""

from surveys.weighting.strata import ENOUGH, SIMILAR, collapse


def test_a_stratum_with_enough_respondents_stands_alone():
    assert collapse({("c1", "managed"): 2, ("c1", "rural"): 2}) == {
        ("c1", "managed"): "c1/managed",
        ("c1", "rural"): "c1/rural",
    }


def test_a_thin_stratum_joins_the_housing_most_like_its_own():
    strata = collapse({("c1", "managed"): 9, ("c1", "selfbuilt"): 1, ("c1", "rural"): 4})
    assert strata["c1", "selfbuilt"] == strata["c1", "rural"] == "c1/selfbuilt+rural"
    assert strata["c1", "managed"] == "c1/managed"


def test_a_stratum_where_nobody_answered_keeps_someone_to_stand_for_it():
    strata = collapse({("c1", "resettled"): 0, ("c1", "unmanaged"): 5, ("c1", "managed"): 5})
    assert strata["c1", "resettled"] == "c1/unmanaged+resettled"


def test_thin_strata_join_each_other_before_they_trouble_a_third():
    strata = collapse({("c1", "selfbuilt"): 1, ("c1", "rural"): 1, ("c1", "managed"): 7})
    assert sorted(set(strata.values())) == ["c1/managed", "c1/selfbuilt+rural"]


def test_a_thin_community_joins_the_next_one_by_code():
    strata = collapse({("c1", "rural"): 1, ("c2", "managed"): 5, ("c2", "selfbuilt"): 5})
    assert strata["c1", "rural"] == strata["c2", "selfbuilt"] == "c1/rural & c2/selfbuilt"
    assert strata["c2", "managed"] == "c2/managed"


def test_the_last_community_joins_the_one_before_it():
    strata = collapse({("c1", "managed"): 5, ("c2", "managed"): 5, ("c3", "managed"): 0})
    assert strata["c3", "managed"] == strata["c2", "managed"] == "c2/managed & c3/managed"


def test_a_township_with_one_respondent_is_one_stratum():
    assert set(collapse({("c1", "rural"): 0, ("c2", "rural"): 1}).values()) == {
        "c1/rural & c2/rural"
    }


def test_the_order_in_which_strata_are_named_does_not_matter():
    counts = {
        (f"c{i}", housing): (i * 7 + len(housing)) % 4 for i in range(5) for housing in SIMILAR
    }
    assert collapse(counts) == collapse(dict(reversed(counts.items())))


def test_no_collapsed_stratum_is_thin():
    counts = {
        (f"c{i}", housing): (i * 5 + len(housing)) % 3 for i in range(9) for housing in SIMILAR
    }
    strata = collapse(counts)
    for name in set(strata.values()):
        assert sum(n for stratum, n in counts.items() if strata[stratum] == name) >= ENOUGH


def test_every_housing_type_ranks_all_the_others():
    for housing, others in SIMILAR.items():
        assert sorted((housing, *others)) == sorted(SIMILAR)
