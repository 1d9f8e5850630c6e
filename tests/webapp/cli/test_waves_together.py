"""``minyi compare``, ``minyi rank`` and ``minyi trend``, of two small waves."""

from __future__ import annotations

import csv
import io
import json

import pytest
import sqlalchemy as sa

from surveys.results.trends import StoredTrend
from tests.support import quarters
from tests.support.quarters import FIRST, SECOND
from tests.webapp.cli.conftest import Minyi


@pytest.fixture(autouse=True)
def two_waves(sqlite_office):
    return quarters.two_locked(sqlite_office)


def test_compare_says_the_townships_changes_and_on_request_the_communities(minyi: Minyi) -> None:
    told = json.loads(minyi("compare", FIRST, SECOND, "--format", "json").stdout)
    assert {one["area"] for one in told["changes"]} == {"township"}
    every = minyi(
        "compare", FIRST, SECOND, "--by", "community", "--indicator", "awareness", "--format", "csv"
    )
    rows = list(csv.DictReader(io.StringIO(every.stdout)))
    assert [row["area"] for row in rows] == ["township", "east", "west"]
    header, first, *_ = minyi("compare", FIRST, SECOND).stdout.splitlines()
    assert header.split()[:4] == ["indicator", "area", "change", "se"]
    assert first.split()[:2] == ["awareness", "township"]


def test_a_change_backwards_is_the_same_with_its_sign_turned(minyi: Minyi) -> None:
    forth, back = (
        json.loads(minyi("compare", *pair, "--format", "json").stdout)["changes"][0]
        for pair in ((FIRST, SECOND), (SECOND, FIRST))
    )
    assert forth["change"] == -back["change"]
    assert forth["se"] == pytest.approx(back["se"], rel=1e-12)


def test_rank_lists_the_communities_first_rank_first(minyi: Minyi) -> None:
    told = json.loads(minyi("rank", SECOND, "--indicator", "awareness", "--format", "json").stdout)
    assert [one["area"] for one in told["ranks"]] == ["east", "west"]
    assert {one["rank"] for one in told["ranks"]} == {None}  # under effective n 50
    assert "awareness" in minyi("rank", SECOND, "--period", "2027").stdout


def test_a_trend_of_an_earlier_release_says_how_to_make_it_anew(two_waves, minyi: Minyi) -> None:
    with two_waves.office.database.write() as session:
        for stored in session.scalars(sa.select(StoredTrend)):
            stored.points = {name: of for name, of in stored.points.items() if name != "alone"}
    said = minyi("trend", "awareness", status=1).stderr
    assert f"without alone: weigh its first wave again (minyi weigh {FIRST})" in said


def test_trend_shows_waves_and_pooled_spans(minyi: Minyi) -> None:
    told = json.loads(minyi("trend", "awareness", "--format", "json").stdout)
    assert [one["wave"] for one in told["points"]] == [FIRST, SECOND]
    pooled = json.loads(
        minyi(
            "trend", "awareness", "--area", "east", "--span", "quarter", "--format", "json"
        ).stdout
    )
    assert [one["waves"] for one in pooled["points"]] == [[FIRST], [SECOND]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("compare", FIRST, FIRST), f"Both are wave {FIRST}; a change takes two waves."),
        (("tables", FIRST, "M99"), "no table of M99; there are: "),
        (("tables", FIRST, "--by", "fame"), "no table of fame; there are: "),
        (("compare", FIRST, SECOND, "--indicator", "fame"), "no indicator fame; there are: awar"),
        (("rank", SECOND, "--period", "2020Q1"), "no period 2020Q1; there are: 2027, 2027Q1"),
        (("rank", SECOND, "--indicator", "fame"), "no indicator fame"),
        (("trend", "fame"), "no trend of fame in township"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(minyi: Minyi, words, said) -> None:
    assert said in minyi(*words, status=1).stderr
