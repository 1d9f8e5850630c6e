"""Replaying a wave, and weighing it again."""

import pytest
import sqlalchemy as sa

from surveys import waves
from surveys.areas import Area
from surveys.problems import Refused
from surveys.results import estimates, locking, replay
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
