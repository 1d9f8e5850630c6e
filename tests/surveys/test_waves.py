"""Waves go one way: draft, open, closed, locked."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from surveys import areas, waves
from surveys.audit import AuditEntry
from surveys.office import Office
from surveys.problems import Refused
from surveys.rules import Rules
from surveys.waves import FIXED, STATES, Wave
from tests.support import record


@pytest.fixture
def draft(office: Office) -> int:
    """A wave that is not yet open."""
    with office.database.write() as session:
        return record.wave(session, record.township(session), record.publish(session)).id


def bring_to(office: Office, wave_id: int, state: str) -> None:
    with office.database.write() as session:
        wave = session.get_one(Wave, wave_id)
        for step in STATES[1 : STATES.index(state) + 1]:
            waves.advance(session, wave, step, "test")


def test_a_wave_opens_closes_and_locks_and_the_trail_says_so(office: Office, draft: int) -> None:
    bring_to(office, draft, "locked")
    with office.database.read() as session:
        wave = session.get_one(Wave, draft)
        acts = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert wave.state == "locked"
    assert wave.opened_at <= wave.closed_at <= wave.locked_at
    assert acts == ["wave.create", "wave.open", "wave.close", "wave.lock"]


@pytest.mark.parametrize(
    ("state", "step"),
    [(state, step) for state in STATES for step in STATES[1:]
     if STATES.index(step) != STATES.index(state) + 1],
)  # fmt: skip
def test_no_other_step_is_possible(office: Office, draft: int, state: str, step: str) -> None:
    bring_to(office, draft, state)
    with (
        pytest.raises(Refused, match=f"2026-11 cannot be .*: it is (a )?{state}"),
        office.database.write() as session,
    ):
        waves.advance(session, session.get_one(Wave, draft), step, "test")
    with office.database.read() as session:
        assert session.get_one(Wave, draft).state == state


def test_of_two_people_who_close_a_wave_at_once_one_is_refused(office: Office, draft: int) -> None:
    bring_to(office, draft, "open")

    def close(_: int) -> str:
        try:
            record.close(office, draft)
        except Refused as refused:
            return str(refused)
        return "closed"

    with ThreadPoolExecutor(4) as pool:
        said = sorted(pool.map(close, range(4)))
    assert said.count("closed") == 1
    with office.database.read() as session:
        closings = sa.select(AuditEntry).where(AuditEntry.action == "wave.close")
        assert len(session.scalars(closings).all()) == 1


def test_opening_says_what_a_printed_form_should_name(sqlite_office: Office) -> None:
    with sqlite_office.database.write() as session:
        wave = record.wave(session, record.township(session), record.publish(session))
        assert list(map(str, waves.open_(session, wave, "test"))) == [
            "The approval or filing number is blank.",
            "The date until which the approval is valid is blank.",
        ]


def test_what_is_left_blank_comes_from_the_questionnaire(sqlite_office: Office) -> None:
    with sqlite_office.database.write() as session:
        wave = record.wave(session, record.township(session), record.publish(session))
    assert wave.sponsor == record.QUESTIONNAIRE.sponsor
    assert wave.targets == {"support": 0.85}


def test_a_wave_with_faults_names_them_all(sqlite_office: Office) -> None:
    with sqlite_office.database.write() as session:
        township, questionnaire = record.township(session), record.publish(session)
        record.wave(session, township, questionnaire)
        with pytest.raises(Refused) as refused:
            waves.create(
                session,
                code="2026-11",
                title_zh=" ",
                month="2026-13",
                area=township,
                questionnaire=questionnaire,
                kind="party",
                rules=Rules(targets={"support": 85}),
                actor="test",
            )
    assert list(map(str, refused.value.problems)) == [
        "There is already a wave 2026-11.",
        "The wave needs a title.",
        "“2026-13” is no month; write 2026-11.",
        "“party” is no kind of wave; there are: measurement, campaign.",
        "The target of support must be a share between 0 and 1.",
    ]


def test_a_code_that_cannot_stand_in_an_address_is_refused(sqlite_office: Office) -> None:
    with sqlite_office.database.write() as session:
        township, questionnaire = record.township(session), record.publish(session)
        with pytest.raises(Refused, match="is no code of a wave"):
            record.wave(session, township, questionnaire, "2026-11/1")


def test_the_newest_wave_comes_first(sqlite_office: Office) -> None:
    with sqlite_office.database.write() as session:
        township, questionnaire = record.township(session), record.publish(session)
        for month in ("2026-02", "2026-11", "2025-12"):
            record.wave(session, township, questionnaire, month)
        assert [wave.code for wave in waves.every(session)] == ["2026-11", "2026-02", "2025-12"]


def test_the_rules_of_a_draft_are_set_and_the_trail_says_which(office: Office, draft: int) -> None:
    settled = Rules(
        targets={"support": 0.9},
        selection="kish",
        response_floor=0.5,
        fieldwork_from=dt.date(2026, 11, 3),
        fieldwork_until=dt.date(2026, 11, 26),
        embargo_days=21,
        weighting={"trim": 4},
    )
    with office.database.write() as session:
        waves.settle(session, session.get_one(Wave, draft), settled, "test")
    with office.database.read() as session:
        wave = session.get_one(Wave, draft)
        detail = session.scalars(
            sa.select(AuditEntry.detail).where(AuditEntry.action == "wave.settle")
        ).one()
    assert waves.rules_of(wave).columns() == settled.columns()
    assert wave.weighting["trim"] == 4
    assert wave.weighting["adults_cap"] == 4  # what nobody said is written down, too
    assert (detail["selection"], detail["fieldwork_from"]) == ("kish", "2026-11-03")


@pytest.mark.parametrize("state", STATES[1:])
def test_once_a_wave_is_open_nobody_sets_its_rules(office: Office, draft: int, state: str) -> None:
    bring_to(office, draft, state)
    with (
        pytest.raises(Refused, match="The rules of wave 2026-11 are fixed: it is"),
        office.database.write() as session,
    ):
        waves.settle(session, session.get_one(Wave, draft), Rules(response_floor=0.1), "test")
    with office.database.read() as session:
        assert session.get_one(Wave, draft).response_floor is None


@pytest.mark.parametrize("name", FIXED)
def test_not_even_by_accident_does_a_rule_change_while_the_wave_is_open(
    sqlite_office: Office, name: str
) -> None:
    small = record.begin(sqlite_office)
    different = {
        "targets": {"support": 0.5},
        "selection": "kish",
        "response_floor": 0.1,
        "fieldwork_from": dt.date(2026, 1, 1),
        "fieldwork_until": dt.date(2026, 1, 1),
        "embargo_days": 0,
        "weighting": {},
        "seed": 8,
        "kind": "campaign",
        "month": "2026-12",
        "area_id": small.east,
        "questionnaire_id": 99,
    }
    with pytest.raises(Refused, match="fixed"), sqlite_office.database.write() as session:
        setattr(session.get_one(Wave, small.wave_id), name, different[name])


def test_rules_with_faults_name_them_all() -> None:
    faulty = Rules(
        targets={"support": 85},
        selection="oldest",
        response_floor=1.0,
        fieldwork_from=dt.date(2026, 11, 26),
        fieldwork_until=dt.date(2026, 11, 3),
        embargo_days=-1,
        weighting={"trim": 1},
    )
    assert list(map(str, faulty.faults())) == [
        "The target of support must be a share between 0 and 1.",
        "“oldest” is no rule of selection; there are: next_birthday, kish.",
        "The response-rate floor must be a share between 0 and 1.",
        "Fieldwork ends on 2026-11-03, before it begins on 2026-11-26.",
        "The embargo is between 0 and 366 days.",
        "The weighting cannot have “1” as its trim.",
    ]


def test_two_waves_are_drawn_by_different_seeds(sqlite_office: Office) -> None:
    with sqlite_office.database.write() as session:
        township, questionnaire = record.township(session), record.publish(session)
        seeds = {
            record.wave(session, township, questionnaire, month, seed=None).seed
            for month in ("2026-01", "2026-02", "2026-03")
        }
    assert len(seeds) == 3


def test_an_unknown_wave_is_refused_by_name(sqlite_office: Office) -> None:
    with (
        sqlite_office.database.read() as session,
        pytest.raises(Refused, match="There is no wave 2030-01"),
    ):
        waves.get(session, "2030-01")


def test_a_wave_belongs_to_its_township(sqlite_office: Office) -> None:
    small = record.begin(sqlite_office)
    with sqlite_office.database.read() as session:
        wave = session.get_one(Wave, small.wave_id)
        assert wave.area_id == areas.get(session, "hekou").id
