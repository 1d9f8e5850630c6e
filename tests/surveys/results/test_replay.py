"""Replaying a wave, and weighing it again."""

import hashlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from surveys import waves
from surveys.areas import Area
from surveys.problems import Refused
from surveys.results import estimates, locking, replay, snapshots
from surveys.results.breakdowns import StoredGroup, StoredTable
from surveys.results.estimates import StoredEstimate
from surveys.sampling.units import SampledUnit
from surveys.weighting.margins import Margin
from surveys.weighting.weight_sets import WeightSet
from tests.support import fieldwork, harvest


@pytest.fixture
def field(sqlite_office):
    field = fieldwork.begin(sqlite_office)
    harvest.gather(field)
    harvest.close(field)
    locking.lock(field.office, field.wave, "test")
    return field


def replayed(field):
    with field.office.database.read() as session:
        return [
            str(problem)
            for problem in replay.replay(field.office, session, waves.get(session, field.wave))
        ]


def test_draw_weights_and_figures_come_out_again(field):
    assert replayed(field) == []


def test_a_changed_figure_a_changed_draw_and_a_changed_file_are_each_named(field):
    with field.office.database.write() as session:
        session.execute(sa.update(StoredEstimate).values(unweighted=0.5))
        unit = session.scalars(sa.select(SampledUnit).limit(1)).one()
        unit.probability /= 2
    problems = replayed(field)
    assert any("unweighted is stored as 0.5" in problem for problem in problems)
    assert len(problems) > sum("unweighted" in problem for problem in problems)
    path = field.office.snapshots / field.wave / "units.parquet"
    path.write_bytes(path.read_bytes() + b" ")
    assert "has been changed" in replayed(field)[-1]


def test_a_changed_group_and_a_changed_table_are_each_named(field):
    with field.office.database.write() as session:
        for stored in (StoredGroup, StoredTable):
            first = session.scalars(sa.select(sa.func.min(stored.id))).one()
            one = session.get_one(stored, first)
            if stored is StoredGroup:
                one.estimate, place = 0.25, f"{one.indicator} {one.area_id}"
            else:
                one.content, table = {"groups": []}, one.question
    problems = replayed(field)
    assert len(problems) == 2
    assert any(f"table of {table}" in problem for problem in problems)
    assert any("estimate is stored as 0.25" in problem for problem in problems), place


def test_a_weight_that_was_made_up_is_named_by_its_column(field):
    with field.office.database.write() as session:
        kept = session.scalars(sa.select(WeightSet)).one()
        path = field.office.data / kept.path
        table = pq.read_table(path)
        at = table.column_names.index("adults")
        other = pa.array([9.0, *table["adults"].to_pylist()[1:]])
        path.write_bytes(snapshots.to_parquet(table.set_column(at, "adults", other)))
        kept.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert replayed(field) == ["The weights of set 1 come out otherwise: adults."]


def test_the_figures_of_earlier_weights_are_made_again_too(field):
    locking.weigh_again(field.office, field.wave, {"adults_cap": 2}, "test")
    with field.office.database.write() as session:
        oldest = session.scalars(sa.select(sa.func.min(StoredEstimate.id))).one()
        session.execute(
            sa.update(StoredEstimate).where(StoredEstimate.id == oldest).values(estimate=0.5)
        )
    (problem,) = replayed(field)
    assert "estimate is stored as 0.5" in problem


def test_weighing_again_makes_a_new_set_and_leaves_the_old_one(field):
    with field.office.database.write() as session:
        for code, adults in (("east", 300), ("west", 500)):
            area = session.scalars(sa.select(Area.id).where(Area.code == code)).one()
            session.add(Margin(area_id=area, adults=adults, source="公安"))
    before = (field.office.snapshots / field.wave / "weights-1.parquet").read_bytes()
    made = locking.weigh_again(
        field.office, field.wave, {"adults_cap": 2}, "test", with_present_margins=True
    )
    assert (made.number, made.settings["recipe"]["adults_cap"]) == (2, 2)
    assert made.settings["steps"][-1]["passed_over"] == {"sex*age": "not asked"}
    assert made.settings["steps"][-1]["after"]["sum"] == pytest.approx(800, abs=1e-6)
    assert (field.office.snapshots / field.wave / "weights-1.parquet").read_bytes() == before
    with field.office.database.read() as session:
        assert len(session.scalars(sa.select(WeightSet)).all()) == 2
        figures = estimates.of_wave(session, waves.get(session, field.wave))
        newest = {f.area: f for f in figures if (f.stream, f.indicator) == ("sample", "awareness")}
    assert newest["township"].n_weighted == pytest.approx(800)
    assert newest["east"].n_weighted == pytest.approx(300)
    assert replayed(field) == []


def test_only_what_was_locked_is_weighed_again(sqlite_office):
    field = fieldwork.begin(sqlite_office)
    with pytest.raises(Refused, match="no locked measurement"):
        locking.weigh_again(field.office, field.wave, None, "test")
