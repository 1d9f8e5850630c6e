"""What locks make of several waves: changes, ranks, quarters and years, trends."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from surveys import waves
from surveys.areas import Area
from surveys.problems import Refused
from surveys.results import (
    between,
    comparisons,
    deriving,
    estimates,
    locked,
    locking,
    periods,
    rankings,
    replay,
    snapshots,
    trends,
)
from surveys.results.cells import StoredCells
from surveys.results.comparisons import StoredComparison
from surveys.results.locked import Order
from surveys.results.periods import StoredPeriod
from tests.support import quarters
from tests.support.quarters import FIRST, SECOND


@pytest.fixture
def field(sqlite_office):
    return quarters.two_locked(sqlite_office)


def test_a_change_is_the_difference_of_the_published_figures(field):
    with field.office.database.read() as session:
        first, second = (waves.get(session, code) for code in (FIRST, SECOND))
        assert comparisons.of(session, first) == []
        found = comparisons.by_place(comparisons.of(session, second))
        before, after = (
            {
                (f.area, f.indicator): f
                for f in estimates.of_wave(session, wave)
                if f.stream == "sample"
            }
            for wave in (first, second)
        )
    assert len(found) > 20
    for key, one in found.items():
        assert one.change == after[key].estimate - before[key].estimate
        together = before[key].se ** 2 + after[key].se ** 2
        shared = 2 * one.correlation * before[key].se * after[key].se
        if before[key].se and after[key].se:
            assert one.se**2 == pytest.approx(together - shared, rel=1e-9)
    assert 0 < found["township", "awareness"].common < 80


def test_residuals_of_the_cells_have_the_published_standard_errors(field):
    with field.office.database.read() as session:
        one = locked.read(field.office, session, waves.get(session, FIRST))
    order = Order.of(one)
    inflation = locked.aligned(one, order).inflation
    # Interviewers are not named here: what is published rests on households alone.
    np.testing.assert_allclose(inflation, 1, rtol=1e-5)


def test_a_community_under_effective_n_50_has_no_rank(field):
    with field.office.database.read() as session:
        second = waves.get(session, SECOND)
        found = rankings.of(session, second, "awareness")
        assert [one.area for one in found] == ["east", "west"]
        assert {(one.rank, one.band) for one in found} == {(None, None)}


def test_a_year_is_pooled_from_records_and_not_from_rates(field):
    quarters.another(field, "2027-05", every=4)
    with field.office.database.read() as session:
        area = session.scalars(sa.select(Area).where(Area.code == "township")).one()
        (_, year) = periods.of(session, area, "awareness", "year")
        figures = [
            next(
                f for f in estimates.of_wave(session, waves.get(session, code))
                if (f.area, f.indicator, f.stream) == ("township", "awareness", "sample")
            )
            for code in (SECOND, "2027-05")
        ]  # fmt: skip
        assert [one.period for one in periods.of(session, area, "awareness")] == [
            "2026Q4", "2027Q1", "2027Q2",
        ]  # fmt: skip
    assert year.waves == [SECOND, "2027-05"]
    assert year.n == sum(f.n for f in figures)
    weighted = sum(f.estimate * f.n_weighted for f in figures) / sum(f.n_weighted for f in figures)
    assert year.estimate == pytest.approx(weighted, rel=1e-12)
    assert year.se < min(f.se for f in figures)
    assert year.lower < year.estimate < year.upper


def test_a_quarter_of_one_wave_is_that_wave(field):
    with field.office.database.read() as session:
        wave = waves.get(session, SECOND)
        pooled = periods.as_of(session, wave, "2027Q1")
        known = {
            (f.area, f.indicator): f
            for f in estimates.of_wave(session, wave)
            if f.stream == "sample"
        }
    for one in pooled:
        figure = known[one.area, one.indicator]
        assert (one.estimate, one.se, one.n, one.verdict) == (
            figure.estimate, figure.se, figure.n, figure.verdict,
        )  # fmt: skip
        np.testing.assert_allclose([one.lower, one.upper], [figure.lower, figure.upper], rtol=1e-9)


def test_a_trend_has_every_wave_and_stays_near_each(field):
    with field.office.database.read() as session:
        area = session.scalars(sa.select(Area).where(Area.code == "east")).one()
        trend = trends.of(session, area, "satisfaction")
        assert trends.of(session, area, "fame") is None
    assert trend.points["waves"] == [FIRST, SECOND]
    assert trend.points["levels"] == trend.points["estimates"]  # two waves make no trend


def test_what_is_derived_comes_out_again_and_a_changed_bit_is_named(field):
    with field.office.database.read() as session:
        for code in (FIRST, SECOND):
            assert replay.replay(field.office, session, waves.get(session, code)) == []
    with field.office.database.write() as session:
        one = session.scalars(sa.select(StoredComparison).limit(1)).one()
        one.p = float(np.nextafter(one.p, 1))
        session.execute(sa.update(StoredPeriod).values(verdict="met"))
    with field.office.database.read() as session:
        problems = replay.replay(field.office, session, waves.get(session, SECOND))
    said = [str(problem) for problem in problems]
    assert any("change awareness township p is stored as" in text for text in said)
    assert any("period 2027Q1 awareness east verdict is stored as met" in text for text in said)


def test_changed_cells_are_named(field):
    path = field.office.snapshots / SECOND / "cells-1.parquet"
    path.write_bytes(path.read_bytes() + b" ")
    with field.office.database.read() as session:
        problems = replay.replay(field.office, session, waves.get(session, SECOND))
    assert "has been changed" in str(problems[-1])


def test_weighing_an_earlier_wave_again_renews_the_later_ones(field):
    with field.office.database.read() as session:
        before = comparisons.of(session, waves.get(session, SECOND))
    locking.weigh_again(field.office, FIRST, {"adults_cap": 1}, "test")
    with field.office.database.read() as session:
        second = waves.get(session, SECOND)
        after = comparisons.of(session, second)
        assert after != before
        made = deriving.make(field.office, session, second)
        assert deriving.compare(deriving.of(session, second), made) == []


def test_waves_without_kept_cells_are_compared_from_their_snapshots(field):
    with field.office.database.write() as session:
        stored = comparisons.of(session, waves.get(session, SECOND))
        session.execute(sa.delete(StoredCells))
    with field.office.database.read() as session:
        first, second = (waves.get(session, code) for code in (FIRST, SECOND))
        assert between.compare(field.office, session, first, second) == stored


def test_waves_whose_cells_an_earlier_release_kept_are_read_from_their_snapshots(field):
    """Totals had no column of correlations then."""
    with field.office.database.write() as session:
        before = deriving.of(session, waves.get(session, SECOND))
        for stored in session.scalars(sa.select(StoredCells)):
            path = field.office.data / stored.totals_path
            older = pq.read_table(path).drop_columns(["with"])
            path.write_bytes(snapshots.to_parquet(older))
            stored.totals_sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with field.office.database.read() as session:
        made = deriving.make(field.office, session, waves.get(session, SECOND))
    assert deriving.compare(before, made) == []


def test_only_locked_measurements_are_compared(field):
    with field.office.database.write() as session:
        first, second = (waves.get(session, code) for code in (FIRST, SECOND))
        first.state = "closed"
        with pytest.raises(Refused, match="not a locked measurement"):
            between.compare(field.office, session, first, second)
