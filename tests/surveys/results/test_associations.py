"""Tests of tables and models of low satisfaction, as kept, against other ways to the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from analysis.associations import rao_scott, regress
from surveys import waves
from surveys.office import Office
from surveys.problems import Refused
from surveys.questionnaires import published
from surveys.reading import editions
from surveys.reading.editions import Edition
from surveys.results import associations, snapshots
from surveys.results.associations import TEST, WHAT, WHO, Asked, StoredAssociation
from surveys.results.snapshots import Snapshot
from surveys.weighting import designs, weight_sets
from surveys.weighting.weight_sets import WeightSet

WAVE = "2026-09"


def edition_of(office: Office) -> Edition:
    with office.database.read() as session:
        found = editions.of(session, waves.get(session, WAVE))
    assert found is not None
    return found


def declared(office: Office, names: tuple[str, ...]) -> designs.Designs:
    """The designs of the wave with some answers as they were given."""
    with office.database.read() as session:
        wave = waves.get(session, WAVE)
        snapshot = session.scalars(sa.select(Snapshot).where(Snapshot.wave_id == wave.id)).one()
        weight_set = session.scalars(sa.select(WeightSet).where(WeightSet.wave_id == wave.id)).one()
        assert published.load(session, wave.questionnaire_id).questions
    rows = weight_sets.counting(snapshots.read(office, snapshot), "sample")
    said = {name: np.array(weight_sets.given(rows, name), object) for name in names}
    said["by_mode"] = np.array(rows["mode"].to_pylist(), object)
    said["whole"] = np.array(rows["community"].to_pylist(), object)
    weights = weight_sets.read(office, weight_set)
    found = designs.declare(rows, weights, weight_set.settings, None)
    assert found is not None
    return found.holding(said)


def test_a_table_is_tested_under_the_design_that_leaves_more_to_chance(township: Office) -> None:
    made = associations.again(township, edition_of(township).weight_set_id, Asked(TEST, "M0", "D2"))
    both = declared(township, ("M0", "D2"))
    tests = [rao_scott(one, "M0", "D2") for one in (both.drawn, both.pairs) if one]
    assert len(tests) == 2
    (one,) = made["tests"]
    f, df1, df2, p = max((test.f for test in tests), key=lambda f: f[3])
    assert (one["f"], one["df1"], one["df2"], one["p"]) == pytest.approx((f, df1, df2, p))
    assert one["n"] == tests[0].n


def test_of_several_answers_each_is_tested_and_adjusted_for_the_others(township: Office) -> None:
    edition = edition_of(township)
    made = associations.again(township, edition.weight_set_id, Asked(TEST, "K2", "D1"))
    asked = edition.questionnaire.question("K2")
    assert {one["answer"] for one in made["tests"]} <= {*asked.codes}
    assert len(made["tests"]) > 3
    assert all(one["p_holm"] >= one["p"] for one in made["tests"])


def test_the_model_has_the_slopes_of_a_formula_and_effects_in_points(township: Office) -> None:
    edition = edition_of(township)
    made = associations.again(township, edition.weight_set_id, Asked(WHO, "satisfaction"))
    both = declared(township, ("M0", "D1", "D2", "D3"))
    codes = set(edition.questionnaire.question("M0").codes)
    low = f"M0={','.join(sorted(codes - {'very', 'fairly', '-1', '-2', '-3'}))}"
    plain = regress(both.drawn, f"{low} ~ D1 + D2 + D3 + by_mode")
    odds = {(one["variable"], one["code"]): one["odds_ratio"] for one in made["terms"]}
    assert made["n"] == plain.n
    slopes = dict(zip(plain.terms, np.exp(plain.estimate).tolist(), strict=True))
    # A formula compares with the first code by the alphabet, the model with the questionnaire's.
    first = made["references"]["D3"]
    for code in ("rural", "unmanaged"):
        against = slopes.get(f"D3={first}", 1.0)
        assert odds["D3", code] == pytest.approx(slopes[f"D3={code}"] / against, rel=1e-6)
    for one in made["terms"]:
        assert one["lower"] < one["effect"] < one["upper"]
        assert np.sign(one["effect"]) == np.sign(np.log(one["odds_ratio"]))
        assert (one["p"] <= 0.05) == (one["lower"] > 0 or one["upper"] < 0)
        assert one["p"] <= one["p_holm"]


def test_what_goes_with_it_has_the_environments_beside_the_groups(township: Office) -> None:
    edition = edition_of(township)
    made = associations.again(township, edition.weight_set_id, Asked(WHAT, "satisfaction"))
    variables = {one["variable"] for one in made["terms"]}
    assert {one.name for one in edition.environments} <= variables
    assert "satisfaction" not in variables
    assert made["n"] + made["left_out"] > made["n"] > 1000


def test_what_is_asked_once_is_kept_and_comes_out_again(township: Office, tmp_path: Path) -> None:
    office = Office.open(Path(shutil.copytree(township.data, tmp_path / "data")))
    edition, asked = edition_of(office), Asked(TEST, "C1", "mode")
    first = associations.read(office, edition.weight_set_id, asked)
    with office.database.read() as session:
        (row,) = session.scalars(
            sa.select(StoredAssociation).where(
                StoredAssociation.subject == "C1", StoredAssociation.crossed_by == "mode"
            )
        )
        snapshot = session.scalars(
            sa.select(Snapshot).where(Snapshot.wave_id == edition.wave.id)
        ).one()
        assert row.sha256 == snapshot.sha256
        path = office.data / snapshot.path
    assert associations.alike(first, associations.again(office, edition.weight_set_id, asked))
    path.write_bytes(b"otherwise")
    assert associations.read(office, edition.weight_set_id, asked) == first
    with pytest.raises(Refused):
        associations.again(office, edition.weight_set_id, asked)
    office.database.engine.dispose()
