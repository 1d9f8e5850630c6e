"""What is stored of every question and group, against counting by hand and against the figures."""

from __future__ import annotations

from collections import Counter

import pytest
import sqlalchemy as sa

from surveys import areas, waves
from surveys.office import Office
from surveys.results import breakdowns, estimates, locking, snapshots, weighed
from surveys.results.snapshots import Snapshot
from surveys.weighting import weight_sets
from surveys.weighting.weight_sets import WeightSet
from tests.support import harvest
from tests.support.fieldwork import Fieldwork, begin


@pytest.fixture
def field(sqlite_office: Office) -> Fieldwork:
    fieldwork = begin(sqlite_office)
    harvest.gather(fieldwork)
    harvest.close(fieldwork)
    locking.lock(sqlite_office, fieldwork.wave, "test")
    return fieldwork


def test_shares_and_groups_are_those_counted_by_hand_and_estimated_elsewhere(
    field: Fieldwork,
) -> None:
    with field.office.database.read() as session:
        wave = waves.get(session, field.wave)
        snapshot = session.scalars(sa.select(Snapshot)).one()
        weight_set = session.scalars(sa.select(WeightSet)).one()
        rows = weight_sets.counting(snapshots.read(field.office, snapshot), "sample")
        said = Counter(one for one in rows["K1"].to_pylist() if one not in (None, "-1", "-2"))
        table = breakdowns.table(session, weight_set.id, "K1")
        figures = {
            (f.indicator, f.area): f
            for f in estimates.of_wave(session, wave)
            if f.stream == "sample"
        }
        by_place = breakdowns.table(session, weight_set.id, "K1", "community")
        east = breakdowns.group_figures(session, weight_set.id, areas.get(session, "east"))
        seen = breakdowns.table(session, weight_set.id, "K1", "community", ["east"])
    (everyone,) = table.groups
    assert {share.answer: share.n for share in everyone.shares} == {
        "know": said["know"], "heard": said["heard"], "unaware": said["unaware"]
    }  # fmt: skip
    strict = figures["awareness_strict", "township"]
    know = everyone.shares[0]
    assert know.share == pytest.approx(strict.estimate, rel=1e-12)
    assert (know.lower, know.upper) == pytest.approx((strict.lower, strict.upper))
    assert know.unweighted == pytest.approx(strict.unweighted)
    assert sum(group.n for group in by_place.groups) == everyone.n
    assert [group.code for group in seen.groups] == ["east"]
    of_housing = [f for f in east if (f.indicator, f.variable) == ("awareness", "housing")]
    assert sum(f.n for f in of_housing) == figures["awareness", "east"].n
    for one in of_housing:
        assert one.lower <= one.estimate <= one.upper


def test_what_is_stored_comes_out_again_bit_for_bit(field: Fieldwork) -> None:
    with field.office.database.read() as session:
        snapshot = session.scalars(sa.select(Snapshot)).one()
        weight_set = session.scalars(sa.select(WeightSet)).one()
        made = breakdowns.compute(weighed.read(field.office, session, snapshot, weight_set))
        assert breakdowns.of(session, weight_set.id) == made
        east = breakdowns.group_figures(session, weight_set.id, areas.get(session, "east"))
    assert east == [one for one in made.groups if one.area == "east"]
    assert east
