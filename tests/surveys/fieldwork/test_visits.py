"""Attempts, and what they come to."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from surveys import drafts, waves
from surveys.fieldwork import exclusions, visits
from surveys.fieldwork.attempts import Attempt, chosen_household, of_unit
from surveys.fieldwork.dispositions import DISPOSITIONS
from surveys.fieldwork.visits import OUTCOMES, Case
from surveys.office import Office
from surveys.problems import Refused
from surveys.responses import Response
from surveys.sampling.units import SampledUnit
from tests.support import record
from tests.support.record import Small

MONDAY = dt.datetime(2026, 11, 2, 2, tzinfo=dt.UTC)  # ten in the morning in China


@pytest.fixture
def small(office: Office) -> Small:
    return record.begin(office)


def at_door(office: Office, unit: int, outcome: str, at: dt.datetime, **more: object) -> Attempt:
    with office.database.write() as session:
        one = session.get_one(SampledUnit, unit)
        return visits.record(session, one, outcome, at, "wang", **more)  # type: ignore[arg-type]


def cases(office: Office) -> dict[int, Case]:
    with office.database.read() as session:
        return {case.unit_id: case for case in visits.cases(session, waves.get(session, "2026-11"))}


def final(office: Office, unit: int) -> str:
    with office.database.read() as session:
        return visits.final(session, waves.get(session, "2026-11"), [unit])[0]


def hours(number: float) -> dt.datetime:
    return MONDAY + dt.timedelta(hours=number)


def test_every_outcome_leads_to_a_disposition() -> None:
    assert {outcome.disposition for outcome in OUTCOMES.values()} <= set(DISPOSITIONS)


def test_an_attempt_stands_as_it_was_written_down(office: Office, small: Small) -> None:
    at_door(office, small.units[0], "come_back", MONDAY, partner="li", return_at=hours(8))
    at_door(office, small.units[0], "refused", hours(8))
    with office.database.read() as session:
        attempts = of_unit(session, session.get_one(SampledUnit, small.units[0]))
        assert [(one.outcome, one.at, one.actor, one.partner) for one in attempts] == [
            ("come_back", MONDAY, "wang", "li"),
            ("refused", hours(8), "wang", ""),
        ]


@pytest.mark.parametrize(
    ("outcome", "more", "said"),
    [
        ("unlucky", {}, "“unlucky” is no outcome"),
        ("no_answer", {"at": dt.datetime(2999, 1, 1, tzinfo=dt.UTC)}, "lies in the future"),
        ("come_back", {"return_at": MONDAY}, "must be after the attempt"),
        ("refused", {"partner": "wang"}, "must be someone else"),
        ("refused", {"households": 0}, "between 1 and 99"),
    ],
)
def test_an_attempt_that_cannot_be_is_refused(
    sqlite_office: Office, outcome: str, more: dict[str, object], said: str
) -> None:
    small = record.begin(sqlite_office)
    with pytest.raises(Refused, match=said):
        at_door(sqlite_office, small.units[0], outcome, **{"at": MONDAY, **more})  # type: ignore[arg-type]


def test_a_closed_wave_takes_no_attempts(office: Office, small: Small) -> None:
    record.close(office, small.wave_id)
    with pytest.raises(Refused, match="is closed: no attempts"):
        at_door(office, small.units[0], "refused", MONDAY)


def test_a_reserve_is_not_visited_before_it_is_released(office: Office, small: Small) -> None:
    with office.database.write() as session:
        unit = session.get_one(SampledUnit, small.units[0])
        unit.batch, unit.released_at = 2, None
    with pytest.raises(Refused, match="reserve batch 2"):
        at_door(office, small.units[0], "refused", MONDAY)
    assert small.units[0] not in cases(office)


def test_households_are_counted_once_and_chance_chooses_among_them(
    office: Office, small: Small
) -> None:
    at_door(office, small.units[0], "no_answer", MONDAY, households=4)
    at_door(office, small.units[0], "no_answer", MONDAY, households=4)
    with pytest.raises(Refused, match="counted already: 4"):
        at_door(office, small.units[0], "no_answer", MONDAY, households=2)
    with office.database.read() as session:
        wave = waves.get(session, "2026-11")
        unit = session.get_one(SampledUnit, small.units[0])
        assert chosen_household(wave, unit) in {1, 2, 3, 4}
        assert chosen_household(wave, unit) == chosen_household(wave, unit)
        assert chosen_household(wave, session.get_one(SampledUnit, small.units[1])) is None


def test_every_household_of_an_address_has_the_same_chance() -> None:
    wave = waves.Wave(seed=7)
    chosen = [
        chosen_household(wave, SampledUnit(address_id=number, households=3))
        for number in range(3000)
    ]
    assert all(900 < chosen.count(household) < 1100 for household in (1, 2, 3))


def test_a_unit_nobody_went_to_is_of_unknown_eligibility(office: Office, small: Small) -> None:
    assert final(office, small.units[0]) == "unknown_household"


@pytest.mark.parametrize(
    ("outcomes", "disposition"),
    [
        (("no_answer", "not_found"), "noncontact"),
        (("refused", "no_answer"), "refusal"),
        (("come_back", "refused"), "refusal"),
        (("vacant", "refused"), "refusal"),
        (("refused", "vacant"), "ineligible"),
        (("unscreened",), "unknown_person"),
        (("interview",), "other"),
    ],
)
def test_the_latest_of_the_attempts_that_tell_most_decides(
    sqlite_office: Office, outcomes: tuple[str, ...], disposition: str
) -> None:
    small = record.begin(sqlite_office)
    for hour, outcome in enumerate(outcomes):
        at_door(sqlite_office, small.units[0], outcome, hours(hour))
    assert final(sqlite_office, small.units[0]) == disposition


def test_an_answer_outweighs_every_attempt(office: Office, small: Small) -> None:
    at_door(office, small.units[0], "vacant", MONDAY)
    record.accept(office, small.submission())
    assert final(office, small.units[0]) == "complete"


def test_an_interview_with_too_few_answers_is_partial(office: Office, small: Small) -> None:
    record.accept(office, small.submission(answers={"S1": "yes", "K1": "-2", "Z1": "no"}))
    assert final(office, small.units[0]) == "partial"


@pytest.mark.parametrize(
    ("answered", "disposition"),
    [(0, "refusal"), (4, "refusal"), (5, "partial"), (7, "partial"), (8, "complete")],
)
def test_the_share_answered_tells_an_interview_from_a_break_off(
    office: Office, small: Small, answered: int, disposition: str
) -> None:
    record.accept(office, small.submission())
    given = {f"Q{number}": "yes" if number < answered else "-2" for number in range(10)}
    with office.database.write() as session:
        session.execute(sa.update(Response).values(answers=given))
    assert final(office, small.units[0]) == disposition


def test_an_interview_that_staff_excluded_is_none_and_helps_over_no_floor(
    office: Office, small: Small
) -> None:
    record.accept(office, small.submission())
    record.close(office, small.wave_id)
    with office.database.write() as session:
        response = session.scalars(sa.select(Response)).one()
        exclusions.exclude(session, response, "经核实为代答", "chen")
    assert final(office, small.units[0]) == "other"
    with office.database.write() as session:
        exclusions.revoke(session, session.scalars(sa.select(Response)).one(), "chen")
    assert final(office, small.units[0]) == "complete"


def test_a_unit_that_was_screened_out_is_ineligible_until_someone_eligible_answers(
    office: Office, small: Small
) -> None:
    record.accept(office, small.submission(answers={"S1": "no"}))
    assert final(office, small.units[0]) == "ineligible"
    record.accept(office, small.submission())
    assert final(office, small.units[0]) == "complete"


@pytest.mark.parametrize(
    ("answers", "disposition"),
    [({"S1": "yes", "K1": "no"}, "refusal"), ({"K1": "no"}, "unknown_household")],
)
def test_an_unfinished_questionnaire_of_someone_eligible_is_a_break_off(
    office: Office, small: Small, answers: dict[str, str], disposition: str
) -> None:
    with office.database.write_connection() as connection:
        token = drafts.start(
            connection,
            wave_id=small.wave_id,
            community_id=small.east,
            unit_id=small.units[0],
            stream="sample",
            mode="web",
            language="zh",
        )
        draft = drafts.load(connection, token)
        assert draft
        drafts.save(connection, draft, answers, 0)
    assert final(office, small.units[0]) == disposition


def test_a_household_is_tried_three_times_at_different_times_of_day(
    office: Office, small: Small
) -> None:
    unit = small.units[0]
    assert cases(office)[unit].attempts_left == 3
    for hour in (0, 5, 9, 24 * 5):
        assert cases(office)[unit].attempts_left == max(0, 3 - len(cases(office)[unit].visits))
        at_door(office, unit, "no_answer", hours(hour))
    assert cases(office)[unit].untried == []
    assert cases(office)[small.units[1]].untried == ["morning", "afternoon", "evening", "weekend"]


def test_whoever_refused_is_left_alone(office: Office, small: Small) -> None:
    at_door(office, small.units[0], "refused", MONDAY)
    assert cases(office)[small.units[0]].attempts_left == 0


def test_an_appointment_stands_until_the_next_visit(office: Office, small: Small) -> None:
    at_door(office, small.units[0], "come_back", MONDAY, return_at=hours(8))
    assert cases(office)[small.units[0]].return_at == hours(8)
    at_door(office, small.units[0], "no_answer", hours(8))
    assert cases(office)[small.units[0]].return_at is None


def test_the_cases_of_one_community_are_had_alone(office: Office, small: Small) -> None:
    with office.database.read() as session:
        wave = waves.get(session, "2026-11")
        east = visits.cases(session, wave, [small.east])
        everywhere = session.scalar(sa.select(sa.func.count()).select_from(SampledUnit))
        assert [case.unit_id for case in east] == list(small.units)
        assert len(visits.cases(session, wave)) == everywhere
