"""What phones send is in the record exactly once, and nothing that can be kept is bounced."""

from __future__ import annotations

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from surveys.database import Database
from surveys.fieldwork.attempts import Attempt
from surveys.fieldwork.interviews import Interview, Note
from surveys.fieldwork.shifts import Shift
from surveys.fieldwork.uploads import Upload
from surveys.keys import Keys
from surveys.office import Office
from surveys.responses import HeldResponse, Response
from surveys.sampling.units import SampledUnit
from tests.support import volunteer
from tests.support.record import Small
from tests.support.volunteer import Phone


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """On both engines: what is stored is a promise of the record."""
    return Office(tmp_path, database, Keys.load(tmp_path / "keys"))


def every(office: Office, table: type[Any]) -> list[Any]:
    with office.database.read() as session:
        return list(session.scalars(sa.select(table).order_by(table.id)))


def one(office: Office, table: type[Any]) -> Any:
    (row,) = every(office, table)
    return row


# ---- interviews ----------------------------------------------------------------------------------


def test_an_interview_is_a_response_an_attempt_and_how_it_was_made(
    office: Office, phone: Phone, small: Small
) -> None:
    unit = small.units[0]
    how = {"rule": "next_birthday", "households": 2, "adults": 3, "chosen": None}
    inside = {"selection": how, "private": True, "notes": {"Z1": "想了很久\0", "K1": " "}}
    body = phone.interview(unit, inside)
    assert phone.send("interviews", body) == ("stored", None)

    response = one(office, Response)
    assert (response.unit_id, response.community_id, response.instance_id) == (
        *(unit, small.east),
        body["id"],
    )
    assert (response.stream, response.mode, response.answers) == (
        *("sample", "door"),
        volunteer.ANSWERS,
    )
    assert response.interviewer == office.keys.pair("li", "wang")
    assert "wang" not in response.interviewer
    attempt = one(office, Attempt)
    assert (attempt.unit_id, attempt.outcome, attempt.actor, attempt.partner) == (
        *(unit, "interview"),
        *("wang", "li"),
    )
    interview = one(office, Interview)
    assert (interview.response_id, interview.partner) == (response.id, "li")
    assert (interview.is_private, interview.households, interview.adults) == (True, 2, 3)
    note = one(office, Note)
    assert (note.response_id, note.question, note.text) == (response.id, "Z1", "想了很久")
    with office.database.read() as session:
        assert session.get_one(SampledUnit, unit).households == 2


def test_the_same_bytes_again_change_nothing(office: Office, phone: Phone, small: Small) -> None:
    for kind, body in (
        ("interviews", phone.interview(small.units[0])),
        ("attempts", phone.attempt(small.units[1])),
        ("shifts", phone.shift()),
    ):
        data = json.dumps(body).encode()
        said = [phone.send(kind, data) for _ in range(3)]
        assert said == [("stored", None), ("repeated", None), ("repeated", None)], kind
    assert len(every(office, Upload)) == 3
    assert len(every(office, Response)) == len(every(office, Shift)) == 1
    assert len(every(office, Attempt)) == 2


def test_other_bytes_under_a_known_name_are_kept_aside_once(
    office: Office, phone: Phone, small: Small
) -> None:
    first = phone.interview(small.units[0])
    second = phone.interview(small.units[0], {"seed": 6}, id=first["id"])
    assert phone.send("interviews", first) == ("stored", None)
    for _ in range(2):
        assert phone.send("interviews", second) == ("held", "conflict")
    assert phone.send("interviews", first) == ("repeated", None)
    stored, aside = every(office, Upload)
    assert (stored.body, stored.reason) == (None, None)
    assert json.loads(aside.body) == second
    assert one(office, Response).seed == 5
    assert len(every(office, Attempt)) == 1


def test_what_was_held_is_answered_as_held_again(
    office: Office, phone: Phone, small: Small
) -> None:
    body = phone.interview(small.units[0], {"answers": {"S1": "perhaps"}})
    for _ in range(2):
        assert phone.send("interviews", body) == ("held", "invalid")
    assert json.loads(one(office, Upload).body) == body


def test_of_two_volunteers_at_one_door_the_second_is_held_and_not_counted(
    office: Office, phone: Phone, other: Phone, small: Small
) -> None:
    unit = small.units[0]
    volunteer.give(office, "zhao", [unit])  # while wang is offline
    assert phone.send("interviews", phone.interview(unit)) == ("stored", None)
    assert other.send("interviews", other.interview(unit)) == ("held", "second")
    first, second = every(office, Upload)
    assert (first.remarks, second.remarks) == ("moved", "")
    assert second.body
    assert one(office, HeldResponse).reason == "second"
    assert one(office, Response).instance_id == first.client_id
    assert [attempt.actor for attempt in every(office, Attempt)] == ["wang", "zhao"]


def test_of_many_that_arrive_at_one_moment_each_is_entered_as_if_it_came_alone(
    app: Flask, office: Office, phone: Phone, small: Small
) -> None:
    app.test_client_class = None  # a client for each thread: they are no browsers
    cookie = phone.client.get_cookie("minyi")
    assert cookie is not None
    first, second = (phone.interview(small.units[0]) for _ in range(2))
    bodies = [
        *[first] * 3,
        *[second] * 3,
        *[phone.interview(unit) for unit in small.units[1:4]],
        *[phone.attempt(unit, households=2) for unit in small.units[:4]],
        *[phone.shift(), phone.shift(started_at="2026-01-01T00:00:00Z")],
    ]

    def post(body: dict[str, Any]) -> tuple[str, str | None]:
        client = app.test_client()
        client.set_cookie("minyi", cookie.value)
        kind = "interviews" if "sealed" in body else "attempts" if "unit" in body else "shifts"
        return Phone(office, client).send(kind, body)

    with ThreadPoolExecutor(len(bodies)) as pool:
        said = list(pool.map(post, bodies))
    at_one_door = sorted({said[place] for place in range(6)}, key=str)
    assert at_one_door == [("held", "second"), ("repeated", None), ("stored", None)]
    assert said[6:13] == [("stored", None)] * 7
    assert said[13:] == [("stored", None), ("held", "invalid")]
    assert len(every(office, Upload)) == 11
    assert len(every(office, Response)) == len(every(office, Interview)) == 4
    assert len(every(office, Attempt)) == 9  # also whoever came second was at the door
    with office.database.read() as session:
        counted = session.scalars(sa.select(SampledUnit.households).order_by(SampledUnit.id))
        assert list(counted)[:4] == [2] * 4


def test_an_interview_that_comes_after_the_close_is_held_as_late(
    office: Office, phone: Phone, small: Small
) -> None:
    body = phone.interview(small.units[0])
    volunteer.close(office)
    assert phone.send("interviews", body) == ("held", "late")
    assert every(office, Response) == []
    assert one(office, HeldResponse).reason == "late"
    assert one(office, Attempt).outcome == "interview"  # they were there while it was open


@pytest.mark.parametrize(
    ("different", "reason"),
    [
        ({"kid": "0" * 16}, "sealed"),
        ({"sealed": "AAAA"}, "sealed"),
        ({"sealed": "封"}, "sealed"),
        ({"sealed": ""}, "sealed"),
    ],
)
def test_what_does_not_open_is_held_whole_and_the_visit_counts(
    office: Office, phone: Phone, small: Small, different: dict[str, Any], reason: str
) -> None:
    body = phone.interview(small.units[0], **different)
    assert phone.send("interviews", body) == ("held", reason)
    upload = one(office, Upload)
    assert (json.loads(upload.body), upload.unit_id) == (body, small.units[0])
    assert one(office, Attempt).outcome == "interview"
    assert every(office, Response) == []


@pytest.mark.parametrize(
    "inside",
    [
        {"answers": {}},
        {"answers": {"S1": "yes", "K1": "purple"}},
        {"answers": "S1=yes"},
        {"unit": 2},
        {"wave": "2026-12"},
        {"instance_id": "uuid:00000000-0000-4000-8000-000000000000"},
        {"questionnaire": "small/2"},
        {"finished_at": "2020-01-01T00:00:00Z"},
        {"started_at": "yesterday"},
        {"selection": {"rule": "the one who opens"}},
        {"private": None},
    ],
)
def test_an_interview_that_is_not_what_it_should_be_is_held_whole(
    office: Office, phone: Phone, small: Small, inside: dict[str, Any]
) -> None:
    body = phone.interview(small.units[0], inside)
    assert phone.send("interviews", body) == ("held", "invalid")
    assert json.loads(one(office, Upload).body) == body
    assert every(office, Response) == []


def test_what_was_sealed_for_one_address_is_not_taken_at_another(
    office: Office, phone: Phone, small: Small
) -> None:
    body = phone.interview(small.units[0])
    assert phone.send("interviews", {**body, "unit": small.units[1]}) == ("held", "sealed")
    assert every(office, Response) == []


def test_a_refusal_of_one_question_is_an_answer(office: Office, phone: Phone, small: Small) -> None:
    body = phone.interview(small.units[0], {"answers": {"S1": "yes", "K1": "-1"}})
    assert phone.send("interviews", body) == ("stored", None)
    assert one(office, Response).answers == {"S1": "yes", "K1": "-1", "Z1": "-2"}


def test_whoever_is_screened_out_leaves_the_household_open(
    office: Office, phone: Phone, small: Small
) -> None:
    unit = small.units[0]
    assert phone.send("interviews", phone.interview(unit, {"answers": {"S1": "no"}}))[0] == "stored"
    assert phone.send("interviews", phone.interview(unit))[0] == "stored"
    assert [response.eligible for response in every(office, Response)] == [False, True]


def test_a_clock_that_runs_ahead_is_set_back_and_remembered(
    office: Office, phone: Phone, small: Small
) -> None:
    ahead = volunteer.now() + dt.timedelta(days=400)
    inside = {
        "started_at": (ahead - dt.timedelta(minutes=5)).isoformat(),
        "finished_at": ahead.isoformat(),
    }
    body = phone.interview(small.units[0], inside, phone_time=ahead.isoformat())
    assert phone.send("interviews", body) == ("stored", None)
    response, upload, interview = (one(office, t) for t in (Response, Upload, Interview))
    assert response.submitted_at == upload.received_at
    assert response.submitted_at - response.started_at == dt.timedelta(minutes=5)
    assert (upload.phone_time, upload.remarks) == (ahead, "clock")
    assert interview.finished_at == ahead
    assert one(office, Attempt).at <= volunteer.now()


# ---- attempts ------------------------------------------------------------------------------------


def test_an_attempt_is_recorded_with_the_first_count_of_households(
    office: Office, phone: Phone, small: Small
) -> None:
    unit = small.units[0]
    soon = (volunteer.now() + dt.timedelta(hours=3)).isoformat()
    sent = phone.attempt(unit, "come_back", return_at=soon, households=3)
    assert phone.send("attempts", sent) == ("stored", None)
    assert phone.send("attempts", phone.attempt(unit, households=3)) == ("stored", None)
    assert phone.send("attempts", phone.attempt(unit, households=4)) == ("stored", None)
    first, *_ = every(office, Attempt)
    assert (first.unit_id, first.outcome, first.actor, first.partner) == (
        *(unit, "come_back"),
        *("wang", "li"),
    )
    assert first.return_at is not None
    assert [upload.remarks for upload in every(office, Upload)] == ["", "", "households"]
    with office.database.read() as session:
        assert session.get_one(SampledUnit, unit).households == 3


def test_an_attempt_at_an_address_that_was_moved_meanwhile_is_kept(
    office: Office, phone: Phone, other: Phone, small: Small
) -> None:
    volunteer.give(office, "zhao", [small.units[0]])
    assert phone.send("attempts", phone.attempt(small.units[0])) == ("stored", None)
    assert one(office, Upload).remarks == "moved"
    assert one(office, Attempt).actor == "wang"


def test_an_attempt_made_before_the_close_counts_though_it_comes_later(
    office: Office, phone: Phone, small: Small
) -> None:
    before = phone.attempt(small.units[0])
    volunteer.close(office)
    assert phone.send("attempts", before) == ("stored", None)
    assert phone.send("attempts", phone.attempt(small.units[0])) == ("held", "late")
    assert len(every(office, Attempt)) == 1
    assert phone.send("attempts", before) == ("repeated", None)


def test_addresses_that_were_never_given_to_them_are_held(
    office: Office, phone: Phone, small: Small
) -> None:
    strange = small.units[-1]
    for kind, body in (
        ("attempts", phone.attempt(strange)),
        ("interviews", phone.interview(strange)),
    ):
        assert phone.send(kind, body) == ("held", "unassigned")
    for kind, body in (
        ("attempts", phone.attempt(2_000_000)),
        ("interviews", phone.interview(small.units[0], wave="2026-12")),
    ):
        assert phone.send(kind, body) == ("held", "unknown")
    assert every(office, Attempt) == every(office, Response) == []
    assert all(upload.body for upload in every(office, Upload))


# ---- whatever else comes -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["attempts", "interviews", "shifts"])
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id": 7},
        {"id": "x" * 80, "unit": True},
        {"id": "a name of its own", "unit": 2**40, "partner": "\0", "at": "2026-02-30T00:00:00Z"},
        {"id": "half", "partner": "\ud800"},
        {"id": "0001", "started_at": "0001-01-01T00:00:00+14:00", "ended_at": "9999-12-31"},
    ],
)
def test_json_is_never_refused_for_what_it_says(
    office: Office, phone: Phone, kind: str, body: dict[str, Any]
) -> None:
    data = json.dumps(body).encode()
    for _ in range(2):
        assert phone.send(kind, data) == ("held", "invalid")
    assert one(office, Upload).body == data


@pytest.mark.parametrize("data", [b"", b"{", b'{"id": "1"', b"[1]", b"7", b'{"a": NaN}', b"\xff{}"])
def test_what_is_no_json_object_can_only_be_sent_again(
    office: Office, phone: Phone, data: bytes
) -> None:
    answer = phone.post("attempts", data)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert every(office, Upload) == []


def test_a_shift_without_end_is_held(office: Office, phone: Phone) -> None:
    long_ago = phone.shift(started_at="2026-01-01T00:00:00Z")
    assert phone.send("shifts", long_ago) == ("held", "invalid")
    assert phone.send("shifts", phone.shift()) == ("stored", None)
    assert one(office, Shift).hours == 2
