"""Codes and slips."""

from __future__ import annotations

import io

import pytest

from surveys import waves
from surveys.keys import Keys
from surveys.office import Office
from surveys.problems import Refused
from surveys.sampling import draws, frames, invitations, reserves
from surveys.sampling.plans import Plan
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from tests.support import record


def imported(office: Office, text: str) -> frames.Imported:
    with office.database.write() as session:
        return frames.import_list(session, office.keys, io.BytesIO(text.encode()))


def draw(office: Office, per_community: int | dict[str, int] = 12) -> list[SampledUnit]:
    with office.database.write() as session:
        wave = waves.get(session, "2026-11")
        draws.draw(session, office.keys, wave, per_community, "test")
        return record.units(session, wave)


@pytest.fixture
def township(office: Office) -> Office:
    """An office with two villages and a wave to be drawn, on both engines."""
    return _prepared(office)


@pytest.fixture
def sqlite_township(sqlite_office: Office) -> Office:
    return _prepared(sqlite_office)


def _prepared(office: Office) -> Office:
    with office.database.write() as session:
        record.wave(session, record.township(session), record.publish(session))
    return office


UNEVEN = "community,housing,address\n" + "".join(f"east,rural,{number}号\n" for number in range(30))


def test_every_unit_has_a_code_that_finds_it(township: Office) -> None:
    imported(township, UNEVEN)
    units = draw(township, 4)
    with township.database.read_connection() as connection:
        for unit in units:
            code = invitations.code_of(township.keys, unit)
            typed = code.replace("-", "").lower().replace("0", "o")
            found = invitations.find_unit(connection, township.keys, typed)
            assert found is not None
            assert (found.unit_id, found.community_id) == (unit.id, unit.community_id)
            assert (found.wave_code, found.wave_state) == ("2026-11", "draft")


def test_a_slip_carries_the_address_and_its_code(sqlite_township: Office) -> None:
    imported(sqlite_township, "community,housing,address\neast,managed,河口路3号\n")
    (unit,) = draw(sqlite_township)
    with sqlite_township.database.read() as session:
        wave = session.get_one(Wave, unit.wave_id)
        (slip,) = invitations.slips(session, sqlite_township.keys, wave)
    assert (slip.community, slip.address) == ("east", "河口路3号")
    assert slip.code == invitations.code_of(sqlite_township.keys, unit)


def test_a_code_that_was_never_given_finds_nothing(sqlite_township: Office) -> None:
    with sqlite_township.database.read_connection() as connection:
        for typed in ("0000-0000-00", "0000-0000-01", "hello", ""):
            assert invitations.find_unit(connection, sqlite_township.keys, typed) is None


def test_a_new_issue_has_another_code(sqlite_office: Office) -> None:
    first = SampledUnit(wave_id=1, address_id=1, code_issue=1)
    second = SampledUnit(wave_id=1, address_id=1, code_issue=2)
    keys = sqlite_office.keys
    assert invitations.code_of(keys, first) != invitations.code_of(keys, second)


def test_another_office_derives_other_codes(sqlite_office: Office) -> None:
    unit = SampledUnit(wave_id=1, address_id=1, code_issue=1)
    other = Keys.load(sqlite_office.data / "other")
    assert invitations.code_of(sqlite_office.keys, unit) != invitations.code_of(other, unit)


def opens(office: Office, code: str) -> bool:
    with office.database.read_connection() as connection:
        return invitations.find_unit(connection, office.keys, code) is not None


def test_a_reissued_code_works_and_the_lost_one_does_not(township: Office) -> None:
    imported(township, UNEVEN)
    first = draw(township)[0]
    lost = invitations.code_of(township.keys, first)
    with township.database.write() as session:
        unit = session.get_one(SampledUnit, first.id)
        new = invitations.reissue(session, township.keys, unit, "test")
    assert (opens(township, lost), opens(township, new)) == (False, True)


def test_an_address_has_only_so_many_codes(sqlite_township: Office) -> None:
    imported(sqlite_township, UNEVEN)
    first = draw(sqlite_township)[0]
    with sqlite_township.database.write() as session:
        unit = session.get_one(SampledUnit, first.id)
        for _ in range(invitations.ISSUES - 1):
            invitations.reissue(session, sqlite_township.keys, unit, "test")
        with pytest.raises(Refused, match="had 5 codes already"):
            invitations.reissue(session, sqlite_township.keys, unit, "test")


def test_a_revoked_code_opens_nothing_and_is_not_printed(township: Office) -> None:
    imported(township, UNEVEN)
    units = draw(township)
    code = invitations.code_of(township.keys, units[0])
    with township.database.write() as session:
        unit = session.get_one(SampledUnit, units[0].id)
        invitations.revoke(session, unit, "test")
        with pytest.raises(Refused, match="revoked already"):
            invitations.revoke(session, unit, "test")
        wave = session.get_one(Wave, unit.wave_id)
        printed = [slip.code for slip in invitations.slips(session, township.keys, wave)]
    assert not opens(township, code)
    assert len(printed) == len(units) - 1
    assert code not in printed


def test_a_reserve_has_no_working_code_until_it_is_released(township: Office) -> None:
    imported(township, UNEVEN)
    with township.database.write() as session:
        wave = waves.get(session, "2026-11")
        draws.draw(session, township.keys, wave, Plan(12, batches=1), "test")
        waiting = next(unit for unit in record.units(session, wave) if unit.batch == 2)
        code = invitations.code_of(township.keys, waiting)
        with pytest.raises(Refused, match="in reserve"):
            invitations.reissue(session, township.keys, waiting, "test")
    assert not opens(township, code)
    with township.database.write() as session:
        reserves.release(session, waves.get(session, "2026-11"), 2, None, "test")
    assert opens(township, code)


def test_codes_of_a_wave_that_is_over_stay_as_they_are(sqlite_township: Office) -> None:
    imported(sqlite_township, UNEVEN)
    first = draw(sqlite_township)[0]
    with sqlite_township.database.write() as session:
        wave = waves.get(session, "2026-11")
        waves.open_(session, wave, "test")
        waves.close(session, wave, "test")
        with pytest.raises(Refused, match="2026-11 is closed: its codes open nothing"):
            invitations.revoke(session, session.get_one(SampledUnit, first.id), "test")
