"""Errors and verdicts of figures: interviewers, the floor of response rates, the open link."""

import pytest
import sqlalchemy as sa

from surveys import waves
from surveys.areas import Area
from surveys.fieldwork import exclusions
from surveys.responses import Response
from surveys.results import estimates, locking
from surveys.weighting.margins import Margin
from tests.support import fieldwork, harvest, record


@pytest.fixture
def field(sqlite_office):
    field = fieldwork.begin(sqlite_office)
    harvest.gather(field)
    harvest.close(field)
    return field


def lock(field):
    locking.lock(field.office, field.wave, "test")
    with field.office.database.read() as session:
        made = estimates.of_wave(session, waves.get(session, field.wave))
    return {(figure.stream, figure.indicator, figure.area): figure for figure in made}


def change(field, **columns):
    with field.office.database.write() as session:
        record.settle(session, waves.get(session, field.wave), **columns)


def answer_more(field):
    """Let every interview answer more than half of what it was asked: it counts as one."""
    with field.office.database.write() as session:
        for response in session.scalars(sa.select(Response).where(Response.eligible)):
            environments = {f"M{number}": "fairly" for number in range(1, 10)}
            response.answers = {**response.answers, **environments}


def test_pairs_of_whom_all_hear_the_same_have_the_larger_error(field):
    with field.office.database.write() as session:
        for response in session.scalars(sa.select(Response).where(Response.mode == "door")):
            is_aware = response.answers.get("K1") in ("know", "heard")
            response.interviewer = f"pair-{int(is_aware)}{response.community_id}"
    figure = lock(field)["sample", "awareness", "township"]
    assert figure.basis == "pairs"
    assert figure.se > 0.1


def test_without_pairs_the_household_is_the_basis(field):
    figures = lock(field)
    assert figures["sample", "awareness", "township"].basis == "household"


def test_below_the_floor_of_response_rates_nothing_is_met(field):
    answer_more(field)
    change(field, response_floor=0.9, targets={"awareness": 0.3})
    figure = lock(field)["sample", "awareness", "township"]
    assert (figure.verdict, figure.reason) == ("undecided", "response_rate")
    assert figure.response_rate == pytest.approx(73 / (160 - 7))
    assert figure.lower > 0.3


def test_above_the_floor_it_is_met(field):
    answer_more(field)
    change(field, response_floor=0.4, targets={"awareness": 0.3})
    figure = lock(field)["sample", "awareness", "township"]
    assert (figure.verdict, figure.reason) == ("met", None)


def test_what_was_excluded_does_not_count_and_the_rate_with_it_stands_beside(field):
    with field.office.database.write() as session:
        aware = sa.select(Response).where(
            Response.stream == "sample", Response.answers["K1"].as_string() == "know"
        )
        for response in session.scalars(aware.limit(10)).all():
            exclusions.exclude(session, response, "same device", "test")
    figure = lock(field)["sample", "awareness", "township"]
    assert figure.n == 63
    assert figure.estimate < figure.with_excluded


def test_an_excluded_interview_helps_over_no_response_rate(field):
    answer_more(field)
    change(field, response_floor=0.45, targets={"awareness": 0.3})
    with field.office.database.write() as session:
        counted = sa.select(Response).where(Response.stream == "sample", Response.eligible)
        for response in session.scalars(counted.order_by(Response.id).limit(10)).all():
            exclusions.exclude(session, response, "same device", "test")
    figures = lock(field)
    figure = figures["sample", "awareness", "township"]
    assert figure.response_rate == pytest.approx((73 - 10) / (160 - 7))  # RR2
    assert figure.lower > 0.3
    assert (figure.verdict, figure.reason) == ("undecided", "response_rate")
    parts = [figures["sample", "awareness", code] for code in ("east", "west")]
    assert sum(part.n for part in parts) == figure.n == 63


def test_the_open_link_meets_the_same_margins_and_is_never_judged(field):
    with field.office.database.write() as session:
        for code, adults in (("east", 300), ("west", 500)):
            area = session.scalars(sa.select(Area.id).where(Area.code == code)).one()
            session.add(Margin(area_id=area, adults=adults, source="公安"))
    figures = lock(field)
    opened = figures["open", "awareness", "township"]
    sample = figures["sample", "awareness", "township"]
    assert opened.n_weighted == pytest.approx(800)
    assert opened.verdict is None
    assert opened.difference == pytest.approx(opened.estimate - sample.estimate)
    assert opened.difference_lower < opened.difference < opened.difference_upper
    assert opened.disagrees is False
