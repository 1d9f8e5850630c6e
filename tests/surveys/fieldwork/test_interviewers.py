"""The interviewer report: shares of a pair's own interviews, in the order of names."""

from __future__ import annotations

import pytest

from surveys.fieldwork import attempts, interviewers, pairs
from surveys.office import Office
from surveys.sampling.units import SampledUnit
from tests.support import record
from tests.support.doors import NOW, interview, wave_of

WANG, ZHAO = ("王芳", "李强"), ("赵敏", "周杰")


@pytest.fixture
def report(office: Office) -> interviewers.Report:
    """Six interviews each; 王芳 and 李强 hear the same every time and are turned away twice."""
    small = record.begin(office, drawn=16)
    with office.database.write() as session:
        for number in range(6):
            same = {"S1": "yes", "K1": "yes", "Z1": "no"}
            interview(session, small, number, WANG if number % 2 else WANG[::-1], same)
        for number in range(6, 12):
            mixed = {"S1": "yes", "K1": ("yes", "no")[number % 2], "Z1": ("-1", "yes")[number > 7]}
            interview(session, small, number, ZHAO, mixed, minutes=5)
        for number in (12, 13):
            unit = session.get_one(SampledUnit, small.units[number])
            attempts.record(session, unit, "refused", NOW, "王芳", partner="李强")
    with office.database.read() as session:
        return interviewers.report(session, wave_of(session))


def test_a_pair_is_one_whoever_of_them_writes(report: interviewers.Report) -> None:
    assert [one.pair for one in report.work] == sorted([pairs.pair(*WANG), pairs.pair(*ZHAO)])
    assert [one.interviews for one in report.work] == [6, 6]


def test_duration_item_nonresponse_and_refusals_are_a_pairs_own(
    report: interviewers.Report,
) -> None:
    zhao, wang = report.work
    assert (wang.median_minutes, zhao.median_minutes) == (3, 5)
    assert (wang.blank_share, zhao.blank_share) == (0, 2 / 18)
    assert wang.refusal_rate == 2 / 8
    assert zhao.refusal_rate == 0


def test_interviews_that_are_all_alike_stand_out(report: interviewers.Report) -> None:
    zhao, wang = report.work
    assert wang.agreement == 1
    assert wang.expected is not None
    assert wang.p_value is not None
    assert zhao.p_value is not None
    assert wang.expected < 0.8
    assert wang.p_value < 0.05 < zhao.p_value


def test_few_interviews_yield_no_shares(office: Office) -> None:
    small = record.begin(office)
    with office.database.write() as session:
        interview(session, small, 0, WANG)
        found = interviewers.report(session, wave_of(session))
    assert found.work[0].blank_share is None
    assert found.work[0].refusal_rate is None
    assert found.effects == []


def test_interviews_that_nobody_signed_are_counted(office: Office) -> None:
    small = record.begin(office)
    record.accept(office, small.submission(mode="door"))
    with office.database.read() as session:
        assert interviewers.report(session, wave_of(session)).unsigned == 1
