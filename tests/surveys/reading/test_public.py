"""Suppression: no published figure, and no difference of them, tells of fewer than ten people."""

from __future__ import annotations

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from surveys.reading.public import FEWEST, suppressed
from surveys.results.figures import Figure

WHOLE = SimpleNamespace(code="whole")
INDICATOR = SimpleNamespace(name="rate")


def figure(area: str, yes: int, n: int) -> Figure:
    return Figure(
        area=area, stream="sample", indicator="rate", definition_version="1", kind="rate",
        unweighted=yes / n if n else None, n=n, missing=0, modes={},
    )  # fmt: skip


def shown(counts: list[tuple[int, int]]) -> dict[str, Figure | None]:
    places = [SimpleNamespace(code=f"c{at}") for at in range(len(counts))]
    stored = {
        (place.code, "rate"): figure(place.code, yes, n)
        for place, (yes, n) in zip(places, counts, strict=True)
    }
    total = figure("whole", sum(yes for yes, _n in counts), sum(n for _yes, n in counts))
    found = suppressed(WHOLE, places, INDICATOR, {**stored, ("whole", "rate"): total})
    return {code: one for (code, _name), one in found.items()}


def test_a_small_cell_and_its_complement_are_left_out() -> None:
    found = shown([(3, 9), (5, 100), (95, 100), (50, 100), (60, 100)])
    assert [found[f"c{at}"] is None for at in range(5)] == [True, True, True, False, False]


def test_one_left_out_alone_takes_the_smallest_of_the_rest_with_it() -> None:
    found = shown([(5, 100), (50, 100), (40, 80), (60, 120)])
    assert [found[f"c{at}"] is None for at in range(4)] == [True, False, True, False]


@given(
    st.lists(
        st.integers(0, 150).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=1,
        max_size=12,
    )
)
def test_what_is_left_out_holds_ten_people_or_everything_is(counts: list[tuple[int, int]]) -> None:
    found = shown(counts)
    hidden = [at for at in range(len(counts)) if found[f"c{at}"] is None]
    for at, (yes, n) in enumerate(counts):
        if at not in hidden:
            assert n >= FEWEST
            assert not 0 < yes < FEWEST
            assert not 0 < n - yes < FEWEST
    if hidden and len(hidden) < len(counts):
        assert len(hidden) > 1
        assert sum(counts[at][0] for at in hidden) >= FEWEST
        assert sum(counts[at][1] - counts[at][0] for at in hidden) >= FEWEST
