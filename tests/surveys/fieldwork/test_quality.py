"""Quality flags: what is worth a second look, and what is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest

import surveys
from surveys import waves
from surveys.fieldwork import exclusions, quality
from surveys.fieldwork.quality import FLAGS, Seen
from surveys.office import Office
from surveys.questionnaires import xlsform
from surveys.questionnaires.definition import Questionnaire
from surveys.responses import Response
from tests.support import record
from tests.support.record import MOMENT

WORKBOOK = Path(surveys.__file__).parent / "library" / "standard.xlsx"
MIXED = {
    **{"S1": "yes", "S2": "2", "K1": "know", "Z1": "support", "P1": "no", "M9": "very"},
    **{"M0": "fairly", "M1": "very", "M2": "fairly", "M3": "very", "M4": "neutral"},
    **{"M5": "fairly", "M6": "very", "M7": "very", "M8": "fairly", "C1": "better"},
    **{"F1": "none", "I1": "no", "D1": "male", "D2": "35-44", "D3": "rural", "D4": "no"},
}


@pytest.fixture(scope="module")
def standard() -> Questionnaire:
    return xlsform.read(WORKBOOK.read_bytes(), WORKBOOK.name)


def seen(
    number: int,
    answers: Mapping[str, str] = MIXED,
    interviewer: str | None = None,
    community: int = 1,
    **changed: str,
) -> Seen:
    return Seen(
        number,
        community,
        "door" if interviewer else "web",
        interviewer,
        MOMENT,
        MOMENT + dt.timedelta(minutes=3),
        {**answers, **changed},
    )


def test_alike_on_the_web_within_half_an_hour_looks_like_one_device(
    standard: Questionnaire,
) -> None:
    def at(number: int, minutes: int, interviewer: str | None = None) -> Seen:
        moment = MOMENT + dt.timedelta(minutes=minutes)
        return seen(number, interviewer=interviewer)._replace(submitted_at=moment)

    soon = [at(1, 0), at(2, 14), at(3, 29), at(4, 300), at(5, 340)]
    assert quality.alike(standard, soon)["burst"] == {1, 2, 3}
    slow = [at(number, 16 * number) for number in range(6)]
    assert quality.alike(standard, slow)["burst"] == set()
    door = [at(number, number, "pair") for number in range(6)]
    assert quality.alike(standard, door)["burst"] == set()


def test_one_account_is_one_interviewer_whoever_it_names_as_partner(
    standard: Questionnaire,
) -> None:
    pairs = [seen(number, interviewer=f"pair {number}") for number in range(3)]
    assert quality.alike(standard, pairs)["repeated"] == set()
    one = [each._replace(account=7) for each in pairs]
    assert quality.alike(standard, one)["repeated"] == {0, 1, 2}


def test_the_eight_environments_are_one_block(standard: Questionnaire) -> None:
    assert quality.blocks(standard) == [[f"M{number}" for number in range(1, 9)]]


def test_the_same_answer_to_a_whole_block_is_a_straight_line(standard: Questionnaire) -> None:
    line = {f"M{number}": "very" for number in range(1, 9)}
    responses = [
        seen(1, **line),
        seen(2, **{**line, "M8": "fairly"}),
        seen(3, **dict.fromkeys(line, "-2")),
    ]
    assert quality.straight(standard, responses) == {1}


def test_the_same_answers_are_duplicates_and_all_but_one_similar(standard: Questionnaire) -> None:
    found = quality.alike(
        standard,
        [
            seen(1),
            seen(2, O1="路灯坏了"),  # words apart
            seen(3, C1="worse"),
            seen(4, C1="worse", F1="solved"),
            seen(5, M1="neutral", M2="neutral"),
            seen(6, community=2),
        ],
    )
    assert found["duplicate"] == {1, 2}
    assert found["similar"] == {3, 4}
    assert found["repeated"] == set()


def test_short_answers_are_alike_by_chance(standard: Questionnaire) -> None:
    short = {"S1": "yes", "K1": "know", **{f"M{number}": "-2" for number in range(1, 9)}}
    found = quality.alike(standard, [seen(number, short) for number in range(5)])
    assert found["duplicate"] == set()


def test_like_answers_again_and_again_from_one_interviewer_are_flagged(
    standard: Questionnaire,
) -> None:
    found = quality.alike(
        standard,
        [
            *(seen(number, interviewer="wang-li") for number in range(3)),
            *(seen(number, interviewer="chen-zhao", C1="worse") for number in (3, 4)),
        ],
    )
    assert found["repeated"] == {0, 1, 2}


def test_haste_is_measured_against_the_same_mode_of_the_same_wave() -> None:
    web = [(number, "web", 180.0) for number in range(30)]
    door = [(100 + number, "door", 600.0) for number in range(30)]
    assert quality.speeders([*web, *door, (1, "web", 61.0), (2, "door", 61.0)]) == {2}


def test_a_mode_with_few_responses_has_no_usual_time() -> None:
    assert (
        quality.speeders([*((number, "web", 180.0) for number in range(18)), (99, "web", 1.0)])
        == set()
    )


def test_the_flags_of_a_wave_are_kept_beside_the_responses_and_decide_nothing(
    office: Office,
) -> None:
    small = record.begin(office)
    told, insider, plain, out = (
        record.accept(office, small.submission(unit_id=unit)).response_id
        for unit in small.units[:4]
    )
    with office.database.write() as session:
        # The small questionnaire does not ask these: they stand for those of the standard one.
        for response, more in ((told, {"I1": "yes"}), (insider, {"D4": "yes", "I1": "no"})):
            one = session.get_one(Response, response)
            one.answers = {**one.answers, **more}
    with office.database.read() as session:
        wave = waves.get(session, "2026-11")
        assert quality.flags(session, wave) == {told: {"told"}, insider: {"insider"}}
    record.close(office, small.wave_id)
    with office.database.write() as session:
        exclusions.exclude(session, session.get_one(Response, told), "经核实", "chen")
    with office.database.read() as session:
        found = quality.findings(session, waves.get(session, "2026-11"))
    shown = {one.response.id: (one.flags, one.exclusion is not None) for one in found}
    assert shown == {told: (("told",), True), insider: (("insider",), False)}
    assert plain not in shown
    assert out not in shown


def test_every_flag_has_its_words() -> None:
    assert all(FLAGS.values())
    assert set(quality.TELLING) < set(FLAGS)
