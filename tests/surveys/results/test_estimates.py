"""Figures of locked waves: pooled from the sample alone, and the same whenever they are made."""

from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa

from surveys import files, waves
from surveys.problems import Refused
from surveys.results import estimates, locking, snapshots
from surveys.results.estimates import StoredEstimate
from surveys.results.snapshots import Snapshot
from surveys.weighting import weight_sets
from surveys.weighting.weight_sets import WeightSet
from tests.support import fieldwork, harvest


@pytest.fixture
def field(sqlite_office):
    field = fieldwork.begin(sqlite_office)
    harvest.gather(field)
    harvest.close(field)
    return field


@pytest.fixture
def locked(field):
    locking.lock(field.office, field.wave, "test")
    return field


def figures_of(field):
    with field.office.database.read() as session:
        made = estimates.of_wave(session, waves.get(session, field.wave))
    return {(figure.stream, figure.indicator, figure.area): figure for figure in made}


@pytest.mark.parametrize(
    ("state", "words"), [("draft", "a draft"), ("open", "open"), ("closed", "closed")]
)
def test_nobody_sees_a_rate_before_the_lock(field, state, words):
    with field.office.database.write() as session:
        wave = waves.get(session, field.wave)
        wave.state = state
        session.flush()
        assert estimates.of_wave(session, wave) == []
        with pytest.raises(Refused, match=f"is {words}: only locked waves have rates"):
            estimates.estimate(field.office, session, wave)


def test_a_rate_is_the_weighted_share_of_the_sample(locked):
    figure = figures_of(locked)["sample", "awareness", "township"]
    with locked.office.database.read() as session:
        snapshot = session.scalars(sa.select(Snapshot)).one()
        weight_set = session.scalars(sa.select(WeightSet)).one()
    rows = snapshots.read(locked.office, snapshot).to_pylist()
    known = {row["instance_id"]: row["K1"] in ("know", "heard") for row in rows}
    weights = weight_sets.read(locked.office, weight_set)
    weight = weights["weight"].to_numpy()
    aware = np.array([known[instance] for instance in weights["instance_id"].to_pylist()])
    assert figure.estimate == pytest.approx(weight[aware].sum() / weight.sum(), rel=1e-12)
    assert figure.unweighted == aware.mean()
    assert figure.n == len(aware) == 73
    assert figure.n_weighted == pytest.approx(weight.sum())
    assert figure.lower < figure.estimate < figure.upper
    assert figure.modes == {"door": 48, "web": 25}


def test_a_township_is_pooled_and_not_the_mean_of_its_communities(locked):
    figures = figures_of(locked)
    whole, east, west = (
        figures["sample", "satisfaction", area] for area in ("township", "east", "west")
    )
    total = east.estimate * east.n_weighted + west.estimate * west.n_weighted
    assert whole.n == east.n + west.n
    assert whole.estimate == pytest.approx(total / (east.n_weighted + west.n_weighted))


def test_the_open_link_is_counted_and_neither_weighted_nor_judged_nor_pooled(locked):
    figures = figures_of(locked)
    opened = figures["open", "awareness", "township"]
    assert (opened.n, opened.unweighted, opened.modes) == (6, 5 / 6, {"web": 6})
    for name in ("estimate", "se", "lower", "upper", "n_weighted", "n_effective", "verdict"):
        assert getattr(opened, name) is None
    assert figures["sample", "awareness", "township"].n == 73


def test_answers_through_the_open_link_change_no_rate(sqlite_office):
    field = fieldwork.begin(sqlite_office)
    harvest.gather(field, open_link=0)
    harvest.close(field)
    locking.lock(sqlite_office, field.wave, "test")
    with sqlite_office.database.read() as session:
        snapshot = session.scalars(sa.select(Snapshot)).one()
    without = {key: f for key, f in figures_of(field).items() if key[0] == "sample"}
    assert snapshot.manifest["rows"] == 80
    assert without["sample", "awareness", "township"].n == 73


def test_item_nonresponse_stands_beside_the_rate(sqlite_office):
    field = fieldwork.begin(sqlite_office)
    for number, unit in enumerate(harvest.units(field)[::4]):
        said = harvest.answers(number, **({"M0": "-2"} if number % 4 == 0 else {}))
        harvest.hand_in(field, str(number), said, unit=unit)
    harvest.close(field)
    locking.lock(sqlite_office, field.wave, "test")
    figures = figures_of(field)
    satisfaction = figures["sample", "satisfaction", "township"]
    assert (satisfaction.n, satisfaction.missing) == (30, 10)
    # 说不清 and "no business there" were answered: they leave a base, and nobody refused.
    assert figures["sample", "awareness", "township"].missing == 0


def test_only_indicators_with_a_target_are_judged(locked):
    for figure in figures_of(locked).values():
        is_judged = figure.stream == "sample" and figure.target is not None
        assert (figure.verdict is not None) == is_judged


def test_a_base_under_fifty_effective_respondents_gets_no_verdict(locked):
    figures = figures_of(locked)
    east = figures["sample", "participation", "east"]
    assert east.n_effective < 50
    assert east.verdict == "too_few"
    assert figures["sample", "participation", "township"].verdict == "not_met"


def test_an_index_is_in_points_with_its_interval(locked):
    figure = figures_of(locked)["sample", "satisfaction_index", "township"]
    assert figure.kind == "index"
    assert 0 < figure.lower < figure.estimate < figure.upper < 100
    assert figure.verdict is None


def test_figures_come_out_again_bit_for_bit(locked):
    with locked.office.database.read() as session:
        wave = waves.get(session, locked.wave)
        stored = estimates.of_wave(session, wave)
        for _ in range(2):
            assert estimates.compare(stored, estimates.estimate(locked.office, session, wave)) == []


def test_a_figure_changed_by_one_bit_is_named(locked):
    with locked.office.database.write() as session:
        wave = waves.get(session, locked.wave)
        one = session.scalars(sa.select(StoredEstimate).limit(1)).one()
        one.estimate = float(np.nextafter(one.estimate, 1))
        session.flush()
        made = estimates.estimate(locked.office, session, wave)
        (difference,) = estimates.compare(estimates.of_wave(session, wave), made)
    assert (difference.indicator, difference.field) == (one.indicator, "estimate")
    assert difference.stored != difference.recomputed


def test_a_figure_that_is_missing_is_named(locked):
    figures = list(figures_of(locked).values())
    (difference,) = estimates.compare(figures[1:], figures)
    assert (difference.field, difference.stored) == ("figure", None)


def test_another_definition_is_another_figure(locked):
    figures = list(figures_of(locked).values())
    other = [replace(figures[0], definition_version="2"), *figures[1:]]
    (difference,) = estimates.compare(figures, other)
    assert difference.field == "definition_version"


def test_a_tampered_snapshot_yields_no_figures(locked):
    path = locked.office.snapshots / locked.wave / "responses.parquet"
    files.write_whole(path, path.read_bytes() + b" ")
    with locked.office.database.read() as session:
        wave = waves.get(session, locked.wave)
        with pytest.raises(Refused, match="has been changed"):
            estimates.estimate(locked.office, session, wave)
