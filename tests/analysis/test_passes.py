"""The pass over the rows: every row in its cell, checked as it goes by, in bounded memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis import DesignError, SurveyDesign
from analysis.blocks import BLOCK, grouped
from analysis.cells import Pass, combine
from analysis.engines import engine_for
from analysis.variables import Variable

ROWS = 3 * BLOCK + 5  # several blocks and a piece of one


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def sums_by_hand(keys, values):
    """Sum values by key, one row after the other."""
    found = {}
    for key, value in zip(zip(*keys, strict=True), values.tolist(), strict=True):
        found[key] = found.get(key, 0.0) + value
    return found


KEYS = {
    "whole numbers": lambda rng: rng.integers(-7, 300, ROWS).tolist(),
    "numbers beyond 32 bits": lambda rng: (rng.integers(0, 50, ROWS) * 10**12).tolist(),
    "text": lambda rng: [f"area {at}" for at in rng.integers(0, 40, ROWS).tolist()],
    "some missing": lambda rng: [None if at == 3 else at for at in rng.integers(0, 9, ROWS)],
    "missing late": lambda rng: [*rng.integers(0, 9, ROWS - 1).tolist(), None],
    "fractions": lambda rng: (rng.integers(0, 40, ROWS) / 4).tolist(),
    "one": lambda rng: [5] * ROWS,
}


@pytest.mark.parametrize("engine", ["numpy", "duckdb"])
@pytest.mark.parametrize("kind", KEYS)
def test_every_row_is_summed_in_its_cell(kind, engine, rng):
    area, unit = KEYS[kind](rng), rng.integers(0, 30_000, ROWS)
    y, w = rng.integers(0, 2, ROWS), rng.integers(1, 9, ROWS) / 4  # which add up without rounding
    data = pa.table({"area": pa.array(area), "unit": unit, "y": y, "w": w})
    moments = ((0, ()), (1, ("y0",)))
    asked = Pass(("unit",), ("area",), (), "w", (Variable("rate", "y"),), moments)
    cells = engine_for(data, engine).collapse(asked)
    at = zip(
        cells.units.values("unit")[cells.unit], cells.domains.values("area")[cells.domain],
        strict=True,
    )  # fmt: skip
    keys = list(at)
    plain = unit.tolist(), area
    assert dict(zip(keys, cells.sum(0), strict=True)) == sums_by_hand(plain, np.ones(ROWS))
    assert dict(zip(keys, cells.sum(1, "y0"), strict=True)) == sums_by_hand(plain, w * y)
    assert [*zip(cells.unit, cells.domain)] == sorted(zip(cells.unit, cells.domain))  # noqa: B905


def test_units_within_larger_ones_are_numbered_in_their_order(rng):
    small = rng.permutation(np.repeat(np.arange(1000), 3))
    large = (small * 7) % 13  # not in the order of the small ones
    for coded in ([large, small], [small, large]):
        codes, index = combine(coded, [int(one.max()) + 1 for one in coded], len(small))
        np.testing.assert_array_equal(index[codes], np.column_stack(coded))
        assert index.tolist() == sorted(index.tolist())
        assert len(index) == 1000


def test_narrow_codes_make_wide_combinations(rng):
    """A hundred by a hundred codes of eight bits, and of those again a hundred."""
    coded = [rng.integers(0, 100, ROWS).astype(np.int8) for _ in range(3)]
    codes, index = combine(coded, [100] * 3, ROWS)
    np.testing.assert_array_equal(index[codes], np.column_stack(coded))


@pytest.mark.parametrize("places", [3, 10 * BLOCK])
def test_sums_do_not_depend_on_blocks(places, rng):
    place, values = rng.integers(0, places, ROWS), rng.normal(size=ROWS)
    np.testing.assert_allclose(
        grouped(place, places, values, values), np.bincount(place, values**2, places), rtol=1e-12
    )


@pytest.mark.parametrize("engine", ["numpy", "duckdb"])
@pytest.mark.parametrize("row", [0, ROWS - 1])
@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("w", -1.0, "Weight w is negative in row"),
        ("w", float("inf"), "Weight w is infinite in row"),
        ("y", 2, "y is no 0/1 column: row"),
    ],
)
def test_what_is_odd_is_refused_in_whatever_block(engine, row, column, value, said, tmp_path):
    data = {"psu": np.arange(ROWS) % 50, "y": np.arange(ROWS) % 2, "w": np.ones(ROWS)}
    data[column][row] = value
    pq.write_table(pa.table(data), tmp_path / "odd.parquet")
    with pytest.raises(DesignError, match=f"{said} {row + 1}"):
        SurveyDesign(tmp_path / "odd.parquet", psu="psu", weights="w", engine=engine).rate("y")


@pytest.mark.parametrize("row", [0, ROWS - 1])
def test_a_missing_answer_in_whatever_block_leaves_the_base(row, tmp_path):
    y = (np.arange(ROWS) % 2).tolist()
    y[row] = None
    file = tmp_path / "missing.parquet"
    pq.write_table(pa.table({"psu": np.arange(ROWS) % 50, "y": y}), file)
    found, expected = (
        SurveyDesign(file, psu="psu", engine=e).rate("y") for e in ("duckdb", "numpy")
    )
    assert found.n.item() == ROWS - 1
    assert found.se == pytest.approx(expected.se, rel=1e-10)


def test_text_that_is_no_number_is_refused_outside_the_base_as_well(tmp_path):
    file = tmp_path / "text.csv"
    file.write_text("y,sex\n1,f\n0,f\nlots,m\n")
    for engine in ("numpy", "duckdb"):
        with pytest.raises(DesignError, match="Column y must hold numbers; row 3"):
            SurveyDesign(file, engine=engine).rate("y", where={"sex": ["f"]})


def test_an_estimate_weighs_little_more_than_its_cells(rng):
    """Nearly every row a cell of its own: six sums of 8 bytes, its places, and no second copy."""
    rows = 400_000
    psu = rng.integers(0, 4000, rows)
    data = pa.table({
        "stratum": psu // 20, "psu": psu, "area": rng.integers(0, 500, rows),
        "w": rng.uniform(0.5, 2, rows), **{f"y{at}": rng.integers(0, 2, rows) for at in range(3)},
    })  # fmt: skip
    tracemalloc.start()
    try:
        design = SurveyDesign(data, strata="stratum", psu="psu", weights="w")
        design.rate(["y0", "y1", "y2"], by="area")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 110 * rows
