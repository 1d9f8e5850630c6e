"""Quarters and years from monthly waves: the figures of R's survey on the stacked records.

R's ``id`` is the school, asked in several waves, and its stratum the schools' own. Our waves hold
strata of their own, linked by the schools' names: the same variance where all are asked each time,
or nobody twice. Of a rotating panel R takes those left out of a wave for zeros in it, and centres
on all that were ever asked; both estimate the same.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

from analysis.changes import Level
from analysis.pooling import pool
from analysis.scores import Scores, forms
from analysis.wave_cells import WaveCells
from tests.analysis.conftest import GOLDEN, close, schools

ASKED = ("sch.wide", "comp.imp", "awards")  # the same question, three times


def wave(sample, place, answer, fpc):
    """The cells of some schools: one indicator, the areas of even and odd places."""
    column = {name: np.array(sample[name].to_pylist())[place] for name in ("stype", "pw", "fpc")}
    y = (np.array(sample[answer].to_pylist())[place] == "Yes").astype(float)
    area, weight = place % 2, column["pw"]
    part = np.char.add(column["stype"], area.astype(str))
    _, stratum, drawn = np.unique(part, return_inverse=True, return_counts=True)
    fraction = drawn[stratum] / (column["fpc"] / 2) if fpc else np.zeros(len(y))
    door = np.zeros_like(y)
    factors = weight[:, None] * np.stack([y, np.ones_like(y), door, door], axis=-1)
    shape = (stratum, fraction, drawn.astype(float), factors[:, None, :])
    unit = place.astype(str)
    own, whole = Scores(unit, area, *shape), Scores(unit, 0 * area, *shape)
    rows = [np.ones(len(y), bool), area == 0, area == 1]
    totals = np.array([factors[one].sum(axis=0) for one in rows])[:, None, :]
    squares = np.array([[(weight * y)[one].sum(), (weight**2)[one].sum()] for one in rows])
    blocks = np.concatenate([forms(whole, 1), forms(own, 2)])
    n = np.array([[float(one.sum())] for one in rows])
    rate = totals[..., 0] / totals[..., 1]
    slopes = np.stack([1 / totals[..., 1], -rate / totals[..., 1]], axis=-1)
    se = np.sqrt(np.einsum("aif,aifg,aig->ai", slopes, blocks[..., :2, :2], slopes))
    level = Level(rate, se, n - np.array([[6], [3], [3]]), n)
    return WaveCells(own, whole, totals, squares[:, None], blocks, n, level, np.array([True]))


def waves(who, fpc):
    sample = schools("apistrat")
    place = np.arange(sample.num_rows)
    chosen = {
        "panel": [place] * 3,
        "apart": [place[place // 2 % 3 == number] for number in range(3)],
        "rotating": [place[place // 2 % 3 != number] for number in range(3)],
    }[who]
    return [wave(sample, one, answer, fpc) for one, answer in zip(chosen, ASKED, strict=True)]


@pytest.mark.parametrize(
    ("who", "fpc", "rtol"),
    [("panel", True, 1e-9), ("apart", False, 1e-9), ("rotating", False, 0.03)],
)
def test_waves_are_pooled_as_r_pools_their_stacked_records(who, fpc, rtol):
    expected = json.loads((GOLDEN / "pooling.json").read_text())[who]
    found = pool(waves(who, fpc))
    close(found.estimate, expected["estimate"], 1e-9)
    close(found.se, expected["se"], rtol)


def test_ignoring_that_schools_are_asked_again_makes_the_error_too_small():
    linked = pool(waves("panel", True)).se
    unlinked = pool(
        waves("panel", True), {pair: np.zeros((3, 1, 4, 4)) for pair in ((0, 1), (0, 2), (1, 2))}
    ).se
    assert (unlinked < 0.9 * linked).all()


def test_a_school_asked_three_times_is_one_degree_of_freedom():
    panel, apart = pool(waves("panel", True)), pool(waves("apart", False))
    assert panel.df[0, 0] == 200 - 6
    assert apart.df[0, 0] == 200 - 18
    assert panel.n[0, 0] == 600
