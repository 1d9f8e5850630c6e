"""A draw of grids, then addresses: its figures against sums made by hand."""

from __future__ import annotations

import math
from collections import defaultdict

import pytest
import sqlalchemy as sa

from surveys import waves
from surveys.office import Office
from surveys.results import estimates, locking, readings, snapshots
from surveys.results.estimates import StoredEstimate
from surveys.results.snapshots import Snapshot
from surveys.sampling import draws
from surveys.sampling.frames import Address
from surveys.sampling.plans import Plan
from surveys.sampling.units import SampledUnit
from surveys.weighting import weight_sets
from tests.support import fieldwork, harvest, record
from tests.support.fieldwork import Fieldwork

GRIDS = 12  # of each community, of which nine are drawn


@pytest.fixture
def field(sqlite_office: Office) -> Fieldwork:
    """The wave of the fieldwork, drawn anew by grids of unequal size."""
    field = fieldwork.begin(sqlite_office)
    with field.office.database.write() as session:
        for address in session.scalars(sa.select(Address)):
            address.grid = f"G{min(address.position % 17, GRIDS - 1):02}"
        session.execute(sa.delete(SampledUnit))
        session.execute(sa.delete(draws.Draw))
        plan = Plan(54, method="two_stage", grids=9)
        draws.draw(session, field.office.keys, waves.get(session, field.wave), plan, "test")
    return field


def lock(field: Fieldwork) -> dict[str, StoredEstimate]:
    """The awareness of the sample, by area."""
    harvest.gather(field, every=1)
    harvest.close(field)
    locking.lock(field.office, field.wave, "test")
    with field.office.database.read() as session:
        made = estimates.of_wave(session, waves.get(session, field.wave))
    return {one.area: one for one in made if (one.stream, one.indicator) == ("sample", "awareness")}


def rows(field: Fieldwork) -> list[tuple[str, str, float, bool]]:
    """Of every respondent who answered: community, grid, weight, whether aware."""
    with field.office.database.read() as session:
        wave = waves.get(session, field.wave)
        snapshot = session.scalars(sa.select(Snapshot)).one()
        weighed = readings.weights(session, wave)
    assert weighed is not None
    weights = weight_sets.read(field.office, weighed)
    weight_of = dict(
        zip(weights["instance_id"].to_pylist(), weights["weight"].to_pylist(), strict=True)
    )
    table = snapshots.read(field.office, snapshot)
    names = ("instance_id", "community", "grid", snapshots.answer_column("K1"))
    return [
        (community, grid, weight_of[instance], said in ("know", "heard"))
        for instance, community, grid, said in zip(
            *(table[name].to_pylist() for name in names), strict=True
        )
        if instance in weight_of and said in ("know", "heard", "unaware")
    ]


def by_hand(field: Fieldwork, only: str | None = None) -> tuple[float, float]:
    """A rate and its standard error from grids drawn with replacement: Σ_h n/(n−1) Σ (z − z̄)²."""
    every = rows(field)
    mine = [row for row in every if only in (None, row[0])]
    base = math.fsum(weight for _c, _g, weight, _y in mine)
    rate = math.fsum(weight for _c, _g, weight, aware in mine if aware) / base
    totals: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for community, grid, weight, aware in mine:
        totals[community][grid] += weight * (aware - rate) / base
    variance = 0.0
    for of_grid in totals.values():
        n, mean = len(of_grid), math.fsum(of_grid.values()) / len(of_grid)
        variance += n / (n - 1) * math.fsum((z - mean) ** 2 for z in of_grid.values())
    return rate, math.sqrt(variance)


def test_figures_are_those_of_grids_as_primary_units(field: Fieldwork) -> None:
    made = lock(field)
    for area, only in (("township", None), ("east", "east"), ("west", "west")):
        rate, se = by_hand(field, only)
        assert made[area].estimate == pytest.approx(rate, rel=1e-12)
        assert made[area].se == pytest.approx(se, rel=1e-9)
        assert made[area].basis == "grid"
    assert made["east"].df == 9 - 1
    assert made["township"].df == 18 - 2


def test_every_address_has_the_same_chance_of_both_stages_together(field: Fieldwork) -> None:
    with field.office.database.read() as session:
        query = sa.select(SampledUnit.community_id, SampledUnit.probability, SampledUnit.grid)
        drawn = session.execute(query).all()
        listed = dict(
            session.execute(
                sa.select(Address.community_id, sa.func.count()).group_by(Address.community_id)
            ).all()
        )
    assert len({(community, grid) for community, _p, grid in drawn}) == 18
    for community, probability, _grid in drawn:
        assert probability == pytest.approx(54 / listed[community], rel=1e-9)


def test_a_community_with_fewer_than_nine_grids_is_never_met(field: Fieldwork) -> None:
    with field.office.database.write() as session:
        east = session.scalars(sa.select(SampledUnit).order_by(SampledUnit.id)).first()
        assert east is not None
        session.execute(
            sa.update(SampledUnit)
            .where(SampledUnit.community_id == east.community_id, SampledUnit.grid < "G06")
            .values(grid="G05")
        )
        record.settle(session, waves.get(session, field.wave), targets={"awareness": 0.05})
    made = lock(field)
    assert made["east"].verdict == "too_few"  # seven grids leave fewer than eight df
    assert made["township"].verdict == "met"
