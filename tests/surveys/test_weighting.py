"""Weights: a small wave worked by hand, and what must hold of any."""

import functools

import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa

from surveys import files, locking, snapshots, weighting
from surveys.problems import Refused
from surveys.snapshots import Snapshot
from surveys.weighting import WeightSet
from tests.support import fieldwork, harvest

FACTORS = ("base", "adults", "nonresponse")


def responses(*rows):
    names = ("instance_id", "community", "housing", "household", "stream", "eligible")
    names += ("probability", "S2")
    columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    return pa.table(columns | {"S2": pa.array(columns["S2"], pa.string())})


def listed(community, housing, drawn, households):
    return {
        "community": community,
        "housing": housing,
        "drawn": drawn,
        "households": float(households),
    }


HAND = responses(
    # managed: 6 of 12 households drawn, 4 answered, one of them without an eligible adult
    ("i1", "c1", "managed", "h1", "sample", True, 0.5, "1"),
    ("i2", "c1", "managed", "h2", "sample", True, 0.5, "2"),
    ("i3", "c1", "managed", "h3", "sample", True, 0.5, "5"),
    ("i4", "c1", "managed", "h4", "sample", False, 0.5, None),
    # rural: all 4 drawn, 2 answered, one of them silent about the adults
    ("i5", "c1", "rural", "h5", "sample", True, 1.0, "3"),
    ("i6", "c1", "rural", "h6", "sample", True, 1.0, "-2"),
    # the open link is nobody's sample
    ("i7", "c1", None, None, "open", True, None, "4"),
)
MANIFEST = {"seed": 1, "sample": [listed("c1", "managed", 6, 12), listed("c1", "rural", 4, 4)]}


def test_a_small_wave_weighs_what_a_hand_makes_it():
    weights, settings = weighting.make(HAND, MANIFEST)
    assert weights.select(["instance_id", "stratum", *FACTORS, "weight"]).to_pylist() == [
        # 12 households / (4 that answered · base 2) = 1.5; 4 households / 2 that answered = 2
        made("i1", "c1/managed", base=2, adults=1, nonresponse=1.5, weight=3),
        made("i2", "c1/managed", base=2, adults=2, nonresponse=1.5, weight=6),
        made("i3", "c1/managed", base=2, adults=4, nonresponse=1.5, weight=12),
        made("i5", "c1/rural", base=1, adults=3, nonresponse=2, weight=6),
        made("i6", "c1/rural", base=1, adults=3, nonresponse=2, weight=6),
    ]
    assert weights["fpc"].to_pylist() == [3 / 21, 3 / 21, 3 / 21, 2 / 12, 2 / 12]
    assert weights["adults_imputed"].to_pylist() == [False, False, False, False, True]
    adults = settings["steps"][1]
    assert adults["imputed"] == {"stratum": 1, "community": 0, "wave": 0}
    assert adults["before"]["sum"] == 8
    assert adults["after"]["sum"] == 20


def made(instance, stratum, **numbers):
    return {"instance_id": instance, "stratum": stratum} | {
        name: float(number) for name, number in numbers.items()
    }


def test_households_that_answered_stand_for_all_on_the_list():
    weights, _ = weighting.make(HAND, MANIFEST)
    households = np.array(weights["base"]) * np.array(weights["nonresponse"])
    managed = np.array(weights["stratum"].to_pylist()) == "c1/managed"
    assert households[managed].sum() + 2 * 1.5 == 12  # with the one that has no eligible adult
    assert households[~managed].sum() == 4


def test_a_household_that_answered_twice_counts_once():
    twice = pa.concat_tables(
        [HAND, responses(("i8", "c1", "managed", "h1", "sample", False, 0.5, None))],
        promote_options="none",
    )
    assert weighting.make(twice, MANIFEST)[0]["weight"].equals(
        weighting.make(HAND, MANIFEST)[0]["weight"]
    )


def test_a_stratum_where_nobody_answered_is_stood_for_by_its_neighbour():
    silent = MANIFEST | {"sample": [*MANIFEST["sample"], listed("c1", "resettled", 4, 10)]}
    weights, settings = weighting.make(HAND, silent)
    assert settings["strata"]["members"]["c1/managed+resettled"] == [
        ("c1", "managed"),
        ("c1", "resettled"),
    ]
    assert weights["nonresponse"].to_pylist()[0] == (12 + 10) / 8


def test_a_wave_that_nobody_answered_has_no_weights_and_no_crash():
    weights, settings = weighting.make(HAND.slice(0, 0), MANIFEST)
    assert weights.num_rows == 0
    assert settings["steps"][-1]["after"] == {"n": 0, "sum": 0.0}


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
    weights = weighting.read(office, weight_set)
    factors = [np.array(weights[step["step"]]) for step in weight_set.settings["steps"]]
    assert np.array_equal(functools.reduce(np.multiply, factors), np.array(weights["weight"]))
    assert weights.num_rows > 50


def test_the_weights_come_out_of_the_snapshot_again(locked):
    office, weight_set = locked
    with office.database.read() as session:
        snapshot = session.scalars(sa.select(Snapshot)).one()
    weights, settings = weighting.make(snapshots.read(office, snapshot), snapshot.manifest)
    data = snapshots.to_parquet(weights)
    assert data == (office.data / weight_set.path).read_bytes()
    assert settings["steps"] == weight_set.settings["steps"]


def test_every_stratum_stands_for_its_households_on_the_list(locked):
    _, weight_set = locked
    nonresponse = weight_set.settings["steps"][2]["strata"]
    for counts in nonresponse.values():
        assert counts["answered_base"] * counts["factor"] == pytest.approx(counts["households"])
    assert sum(c["households"] for c in nonresponse.values()) == pytest.approx(
        len(fieldwork.COMMUNITIES) * 5 * fieldwork.DWELLINGS
    )


def test_a_tampered_weight_file_is_noticed(locked):
    office, weight_set = locked
    path = office.data / weight_set.path
    files.write_whole(path, path.read_bytes()[:-1] + b"!")
    with pytest.raises(Refused, match="has been changed"):
        weighting.read(office, weight_set)
