"""A lost sealing key is said aloud and never replaced; what is held opens when it is back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from surveys import waves
from surveys.audit import AuditEntry
from surveys.fieldwork import interviews, receiving, rechecks, remarks, sealing
from surveys.fieldwork.attempts import Attempt
from surveys.fieldwork.rechecks import Recheck
from surveys.fieldwork.uploads import Outcome, Upload
from surveys.office import Office
from surveys.people import User
from surveys.responses import Response
from tests.support import volunteer
from tests.support.record import Small
from tests.support.volunteer import Phone


@pytest.fixture
def told(phone: Phone) -> str:
    """The name of the key that phones were told."""
    (wave,) = phone.client.get("/api/v1/bundle").get_json()["waves"]
    kid: str = wave["seal"]["kid"]
    return kid


def key_file(office: Office) -> Path:
    return office.sealing_keys / "2026-11"


def reopened(office: Office) -> list[Outcome]:
    with office.database.read() as session:
        wave = waves.get(session, "2026-11")
    return receiving.reopen(office, wave, "chen")


def responses(office: Office) -> list[Response]:
    with office.database.read() as session:
        return list(session.scalars(sa.select(Response)))


def test_no_other_key_takes_the_place_of_a_lost_one(
    office: Office, phone: Phone, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    key_file(office).unlink()
    (wave,) = phone.client.get("/api/v1/bundle").get_json()["waves"]
    assert wave["seal"] is None
    assert not key_file(office).exists()
    assert "keys/waves/2026-11" in caplog.text
    with office.database.read() as session:
        fault = sealing.fault(office.sealing_keys, waves.get(session, "2026-11"))
    assert fault is not None
    with pytest.raises(sealing.Lost, match="back from the backup"):
        reopened(office)


def test_another_key_in_its_place_is_noticed(office: Office, phone: Phone, told: str) -> None:
    other = sealing.of_wave(office.sealing_keys, "elsewhere")
    assert other.kid != told
    key_file(office).write_text((office.sealing_keys / "elsewhere").read_text())
    (wave,) = phone.client.get("/api/v1/bundle").get_json()["waves"]
    assert wave["seal"] is None


def test_what_came_meanwhile_is_held_and_opened_once_the_key_is_back(
    office: Office, phone: Phone, small: Small, told: str
) -> None:
    body = phone.interview(small.units[0], {"notes": {"K1": "犹豫"}, "partner": "li"})
    kept = key_file(office).read_text()
    key_file(office).unlink()
    assert phone.send("interviews", body) == ("held", "sealed")
    volunteer.close(office)  # what came in time counts, though it is opened later
    key_file(office).write_text(kept)
    assert reopened(office) == [Outcome("stored")]
    assert reopened(office) == []
    (response,) = responses(office)
    assert response.instance_id == body["id"]
    assert phone.send("interviews", body) == ("repeated", None)
    with office.database.read() as session:
        assert len(session.scalars(sa.select(Attempt)).all()) == 1
        assert interviews.notes_of(session, response) == {"K1": "犹豫"}
        wave = waves.get(session, "2026-11")
        (one,) = remarks.of_wave(session, wave, {response.community_id})
        assert one.remarks == ["reopened"]
        acts = session.scalars(sa.select(AuditEntry.action)).all()
    assert acts.count("held.reopen") == 2
    assert acts.count("wave.key") == 1


def test_what_is_damaged_stays_held(office: Office, phone: Phone, small: Small, told: str) -> None:
    body = phone.interview(small.units[0])
    body["sealed"] = body["sealed"][:-8] + "AAAAAAA="
    assert phone.send("interviews", body) == ("held", "sealed")
    assert reopened(office) == [Outcome("held", "sealed")]
    assert responses(office) == []


@pytest.mark.parametrize("closes", [False, True], ids=["open", "closed meanwhile"])
def test_of_two_interviews_at_one_address_the_reopened_one_is_the_second(
    office: Office, phone: Phone, small: Small, told: str, closes: bool
) -> None:
    body = phone.interview(small.units[0])
    kept = key_file(office).read_text()
    key_file(office).unlink()
    assert phone.send("interviews", body) == ("held", "sealed")
    key_file(office).write_text(kept)
    assert phone.send("interviews", phone.interview(small.units[0])) == ("stored", None)
    if closes:
        volunteer.close(office)
    assert reopened(office) == [Outcome("held", "second")]
    with office.database.read() as session:
        held = session.scalars(sa.select(Upload).where(Upload.reason == "second")).one()
    assert json.loads(held.body or b"") == body


@pytest.mark.parametrize("is_answered", [False, True], ids=["first", "second"])
def test_what_came_after_the_close_is_late_when_it_is_opened(
    office: Office, phone: Phone, small: Small, told: str, is_answered: bool
) -> None:
    if is_answered:
        assert phone.send("interviews", phone.interview(small.units[0])) == ("stored", None)
    body = phone.interview(small.units[0])
    kept = key_file(office).read_text()
    key_file(office).unlink()
    volunteer.close(office)
    assert phone.send("interviews", body) == ("held", "sealed")
    key_file(office).write_text(kept)
    assert reopened(office) == [Outcome("held", "late")]


def test_a_re_check_is_opened_as_well(
    office: Office, phone: Phone, other: Phone, small: Small, told: str
) -> None:
    assert phone.send("interviews", phone.interview(small.units[0])) == ("stored", None)
    with office.database.write() as session:
        (one,) = rechecks.draw(session, waves.get(session, "2026-11"), "staff")
        zhao = session.scalars(sa.select(User).where(User.name == "zhao")).one()
        rechecks.assign(session, one, zhao, "staff")
        number = one.id
    other.partner = ""
    body = other.recheck(number)
    kept = key_file(office).read_text()
    key_file(office).unlink()
    assert other.send("rechecks", body) == ("held", "sealed")
    key_file(office).write_text(kept)
    assert reopened(office) == [Outcome("stored")]
    with office.database.read() as session:
        assert session.get_one(Recheck, number).done_by == "zhao"


def test_a_second_count_of_the_adults_reaches_the_office_with_its_reason(
    office: Office, phone: Phone, small: Small
) -> None:
    correction = {"adults": 2, "chosen": 1, "reason": "漏数了奶奶", "at": "2026-11-20T08:00:00Z"}
    selection = {"rule": "next_birthday", "households": 1, "adults": 3, "chosen": 2}
    selection |= {"corrections": [correction]}
    body = phone.interview(small.units[0], {"selection": selection})
    assert phone.send("interviews", body) == ("stored", None)
    with office.database.read() as session:
        found = interviews.of_response(session, responses(office)[0])
        assert found is not None
        assert found.corrections[0]["reason"] == "漏数了奶奶"
        wave = waves.get(session, "2026-11")
        (one,) = remarks.of_wave(session, wave, {responses(office)[0].community_id})
    assert one.remarks == ["recount"]
    assert one.corrections[0]["adults"] == 2
