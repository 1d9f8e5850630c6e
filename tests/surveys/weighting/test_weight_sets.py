"""Weights: a small wave worked by hand, and what must hold of any."""

import collections
import functools

import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa

from surveys import files
from surveys.problems import Refused
from surveys.results import locking, snapshots
from surveys.results.snapshots import Material, Snapshot
from surveys.weighting import weight_sets
from surveys.weighting.weight_sets import WeightSet
from tests.support import fieldwork, harvest

FACTORS = ("base", "households", "adults", "eligibility", "nonresponse", "calibration")
NO_MARGINS = {
    "area": "t",
    "communities": ["c1"],
    "margins": {"cells": []},
    "weighting": {"least_in_class": 2},
}


def answer(number, housing, s2, *, d1=None, d2=None, eligible=True, households=None, **other):
    return {
        "instance_id": f"i{number}",
        "community": "c1",
        "housing": housing,
        "household": f"h{number}",
        "stream": "sample",
        "eligible": eligible,
        "households": households,
        "excluded": None,
        "S2": s2,
        "D1": d1,
        "D2": d2,
        **other,
    }


def unit(number, housing, disposition, probability):
    return {
        "household": f"h{number}",
        "community": "c1",
        "housing": housing,
        "batch": 1,
        "probability": probability,
        "disposition": disposition,
        "campaign": False,
    }


def table(rows):
    texts = ("instance_id", "household", "excluded", "S2", "D1", "D2")
    kinds = dict.fromkeys(texts, pa.string()) | {"households": pa.int64()}
    names = rows[0]
    return pa.table({n: pa.array([row[n] for row in rows], kinds.get(n)) for n in names})


ANSWERS = [
    # managed: 6 of 12 addresses drawn, 4 known, one of them without an eligible adult
    answer(1, "managed", "1", d1="male", d2="18-24"),
    answer(2, "managed", "2", d1="female", d2="18-24"),
    answer(3, "managed", "5", d1="male", d2="25-34"),
    answer(4, "managed", None, eligible=False),
    # rural: all 4 drawn, one refused, one unknown; an address of two households
    answer(5, "rural", "3", d1="female", d2="25-34", households=2),
    answer(6, "rural", "-2", d1="male", d2="-1"),
    # the open link is nobody's sample
    answer(7, None, "4", stream="open", household=None),
]
UNITS = [
    *(unit(number, "managed", "complete", 0.5) for number in (1, 2, 3)),
    unit(4, "managed", "ineligible", 0.5),
    *(unit(number, "managed", "unknown_household", 0.5) for number in (11, 12)),
    *(unit(number, "rural", "complete", 1.0) for number in (5, 6)),
    unit(13, "rural", "refusal", 1.0),
    unit(14, "rural", "unknown_person", 1.0),
]


def material(answers=ANSWERS, units=UNITS, **manifest):
    return Material(table(answers), table(units), {"seed": 1, **NO_MARGINS, **manifest})


def test_a_small_wave_weighs_what_a_hand_makes_it():
    weights, settings = weight_sets.make(material())
    managed = {"base": 2, "households": 1, "eligibility": 1.5, "nonresponse": 1, "calibration": 1}
    # 12 addresses / 4 known · base 2 = 1.5; nobody refused
    rural = {"base": 1, "eligibility": 4 / 3, "nonresponse": 1.5, "calibration": 1}
    # 4 addresses / 3 known; 3 eligible / 2 interviewed
    assert weights.select(["instance_id", "stratum", *FACTORS, "weight"]).to_pylist() == [
        made("i1", "c1/managed", adults=1, weight=3, **managed),
        made("i2", "c1/managed", adults=2, weight=6, **managed),
        made("i3", "c1/managed", adults=4, weight=12, **managed),
        made("i5", "c1/rural", adults=3, weight=12, **rural, households=2),
        made("i6", "c1/rural", adults=3, weight=6, **rural, households=1),
    ]
    assert weights["fpc"].to_pylist() == [3 / 21, 3 / 21, 3 / 21, 2 / 18, 2 / 18]
    assert weights["adults_imputed"].to_pylist() == [False, False, False, False, True]
    steps = {step["step"]: step for step in settings["steps"]}
    assert steps["adults"]["imputed"] == {"stratum": 1, "community": 0, "wave": 0, "none": 0}
    assert steps["households"]["uncounted"] == 4
    assert steps["eligibility"]["strata"]["c1/managed"]["eligible_share"] == 0.75
    assert steps["calibration"]["skipped"].startswith("the record has no margins")
    assert steps["adults"]["before"]["sum"] == 9
    assert steps["adults"]["after"]["sum"] == 23


def made(instance, stratum, **numbers):
    return {"instance_id": instance, "stratum": stratum} | {
        name: float(numbers[name]) for name in (*FACTORS, "weight")
    }


def test_known_addresses_stand_for_all_on_the_list():
    weights, _ = weight_sets.make(material())
    addresses = functools.reduce(
        np.multiply, (np.array(weights[n]) for n in ("base", "eligibility", "nonresponse"))
    )
    managed = np.array(weights["stratum"].to_pylist()) == "c1/managed"
    assert addresses[managed].sum() + 2 * 1.5 == 12  # with the one that has no eligible adult
    assert addresses[~managed].sum() == pytest.approx(4)


def test_an_excluded_interview_is_a_household_that_did_not_respond():
    excluded = [{**row, "excluded": "told how to answer"} for row in ANSWERS[:1]] + ANSWERS[1:]
    weights, settings = weight_sets.make(material(excluded))
    assert weights["instance_id"].to_pylist() == ["i2", "i3", "i5", "i6"]
    assert weights["nonresponse"].to_pylist()[:2] == [1.5, 1.5]  # 3 eligible / 2 that count
    assert settings["excluded"] == 1
    everyone, _ = weight_sets.make(material(excluded), everyone=True)
    assert everyone.equals(weight_sets.make(material())[0])


def test_a_stratum_where_nobody_answered_is_stood_for_by_its_neighbour():
    silent = [*UNITS, *(unit(20 + n, "resettled", "unknown_household", 0.4) for n in range(4))]
    weights, settings = weight_sets.make(material(units=silent))
    assert settings["strata"]["members"]["c1/managed+resettled"] == [
        ("c1", "managed"),
        ("c1", "resettled"),
    ]
    assert weights["eligibility"].to_pylist()[0] == (12 + 10) / 8


def test_a_wave_that_nobody_answered_has_no_weights_and_no_crash():
    weights, settings = weight_sets.make(material(ANSWERS[-1:]))
    assert weights.num_rows == 0
    assert settings["steps"][-1]["after"] == {"n": 0, "sum": 0.0}


MARGINS = {
    "cells": [
        ["t", "male", "18-24", "", 8],
        ["t", "male", "25-34", "", 12],
        ["t", "female", "18-24", "", 7],
        ["t", "female", "25-34", "", 13],
        ["c1", "", "", "", 40],
    ]
}
FINE = {"least_in_cell": 1, "trim": 0}


def test_weights_sum_to_the_margins():
    weights, settings = weight_sets.make(material(margins=MARGINS, weighting=FINE))
    (sex_age, community) = settings["steps"][-1]["margins"]
    assert (sex_age["name"], community["name"]) == ("sex*age", "community")
    sums = collections.Counter()
    rows = zip(weights["margin:sex*age"].to_pylist(), weights["weight"].to_pylist(), strict=True)
    for category, weight in rows:
        sums[category] += weight
    assert sums == pytest.approx(sex_age["totals"], abs=1e-6)
    assert sum(weights["weight"].to_pylist()) == pytest.approx(40, abs=1e-6)
    assert weights["age_imputed"].to_pylist() == [False, False, False, False, True]
    assert settings["steps"][-1]["imputed"]["age"]["stratum"] == 1


def test_a_thin_category_joins_its_neighbour_and_says_so():
    _, settings = weight_sets.make(material(margins=MARGINS, weighting={"least_in_cell": 2}))
    (sex_age, _) = settings["steps"][-1]["margins"]
    assert sex_age["joined"]["female/18-24"] == "female/18-24+25-34"
    assert sex_age["totals"]["female/18-24+25-34"] == 20


def test_an_empty_category_that_respondents_hold_is_refused_by_name():
    cells = [cell for cell in MARGINS["cells"] if cell[1:3] != ["female", "18-24"]]
    with pytest.raises(Refused, match=r"sex\*age: 1 respondents are female/18-24"):
        weight_sets.make(material(margins={"cells": cells}, weighting=FINE))


def test_margins_that_contradict_each_other_are_refused_by_name():
    cells = [*MARGINS["cells"][:-1], ["c1", "", "", "", 50]]
    with pytest.raises(Refused, match=r"sex\*age and margin:community contradict each other"):
        weight_sets.make(material(margins={"cells": cells}, weighting=FINE))


def test_no_weight_is_larger_than_the_recipe_allows_and_the_margins_still_hold():
    weights, settings = weight_sets.make(
        material(margins=MARGINS, weighting={"margins": ["community"], "trim": 1.55})
    )
    assert settings["steps"][-1]["trimmed"] > 0
    assert max(weights["weight"].to_pylist()) <= 1.55 * 40 / 5 * (1 + 1e-8)
    assert sum(weights["weight"].to_pylist()) == pytest.approx(40, abs=1e-6)


def test_propensity_classes_weigh_what_the_model_holds_alike():
    weights, settings = weight_sets.make(material(weighting={"nonresponse": "propensity"}))
    step = settings["steps"][4]
    assert step["coefficients"]["housing=rural"] < 0
    assert sum(one["interviews"] for one in step["classes"].values()) == 5
    assert (np.array(weights["nonresponse"]) >= 1).all()


def test_an_impossible_recipe_is_refused():
    with pytest.raises(Refused, match="no setting trimming"):
        weight_sets.make(material(weighting={"trimming": 4}))


@pytest.fixture
def locked(sqlite_office):
    field = fieldwork.begin(sqlite_office)
    harvest.gather(field)
    harvest.close(field)
    locking.lock(sqlite_office, field.wave, "test")
    with sqlite_office.database.read() as session:
        return sqlite_office, session.scalars(sa.select(WeightSet)).one()


def test_every_weight_is_the_product_of_its_stored_factors(locked):
    office, weight_set = locked
    weights = weight_sets.read(office, weight_set)
    factors = [np.array(weights[step["step"]]) for step in weight_set.settings["steps"]]
    assert np.array_equal(functools.reduce(np.multiply, factors), np.array(weights["weight"]))
    assert weights.num_rows > 50


def test_the_weights_come_out_of_the_snapshot_again(locked):
    office, weight_set = locked
    with office.database.read() as session:
        snapshot = session.scalars(sa.select(Snapshot)).one()
    material = snapshots.material(office, snapshot)
    weights, settings = weight_sets.make(material, weight_set.settings["asked"])
    data = snapshots.to_parquet(weights)
    assert data == (office.data / weight_set.path).read_bytes()
    assert settings["steps"] == weight_set.settings["steps"]


def test_every_stratum_stands_for_its_households_on_the_list(locked):
    _, weight_set = locked
    strata = weight_set.settings["steps"][3]["strata"]
    for counts in strata.values():
        assert counts["known"] * counts["factor"] == pytest.approx(counts["units"])
    assert sum(c["units"] for c in strata.values()) == pytest.approx(
        len(fieldwork.COMMUNITIES) * 5 * fieldwork.DWELLINGS
    )


def test_a_tampered_weight_file_is_noticed(locked):
    office, weight_set = locked
    path = office.data / weight_set.path
    files.write_whole(path, path.read_bytes()[:-1] + b"!")
    with pytest.raises(Refused, match="has been changed"):
        weight_sets.read(office, weight_set)


def test_where_margins_and_the_largest_weight_cannot_both_be_held_the_margins_are():
    recipe = FINE | {"trim": 1.5}  # one respondent alone stands for 13 of 40
    weights, settings = weight_sets.make(material(margins=MARGINS, weighting=recipe))
    step = settings["steps"][-1]
    assert step["trim_wanted"] == pytest.approx(12)
    assert step["trim"] == pytest.approx(12 * 1.25)
    assert sum(weights["weight"].to_pylist()) == pytest.approx(40, abs=1e-6)
