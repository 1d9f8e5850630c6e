"""Who may use the API, how it refuses, and what a phone is given for the day."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveys import people
from surveys.audit import AuditEntry
from surveys.fieldwork import sealing
from surveys.fieldwork.uploads import Upload
from surveys.office import Office
from surveys.people import User
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from tests.support import volunteer
from tests.support.record import Small
from tests.support.volunteer import HEADERS, Phone
from webapp.api.limit import Limit
from webapp.api.views import LARGEST

WRITES = ("attempts", "interviews", "shifts", "rechecks")
READS = ("bundle", "openapi.json")


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Method and path of everything under /api/."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    return [
        (method, rule.rule)
        for rule in rules
        for method in (rule.methods or set()) & {"GET", "POST"}
    ]


def is_problem(answer: TestResponse, status: int) -> bool:
    said = json.loads(answer.data)
    assert said.keys() == {"type", "title", "status", "detail"}
    is_json = answer.mimetype == "application/problem+json"
    return is_json and answer.status_code == said["status"] == status and bool(said["title"])


def client_of(app: Flask, office: Office, role: str) -> FlaskClient:
    with office.database.write() as session:
        _, password = people.add_user(session, f"{role}-1", role, actor="test")
    return volunteer.log_in(app, f"{role}-1", password)


def test_the_map_has_what_the_phones_need(app: Flask) -> None:
    wanted = {("GET", f"/api/v1/{name}") for name in READS}
    wanted |= {("POST", f"/api/v1/{name}") for name in WRITES}
    assert set(addresses(app)) == wanted


def test_whoever_is_not_logged_in_is_told_so_and_never_sent_to_a_page(app: Flask) -> None:
    client = app.test_client()
    for method, path in addresses(app):
        answer = client.open(path, method=method, data=b"{}", headers=HEADERS)
        assert is_problem(answer, 401), path
        assert "Location" not in answer.headers


@pytest.mark.parametrize("role", ["admin", "staff"])
def test_staff_may_not_use_it(app: Flask, office: Office, role: str) -> None:
    client = client_of(app, office, role)
    for method, path in addresses(app):
        answer = client.open(path, method=method, data=b"{}", headers=HEADERS)
        assert is_problem(answer, 403), path


@pytest.mark.parametrize("name", WRITES)
def test_a_write_that_a_foreign_page_could_send_is_refused(phone: Phone, name: str) -> None:
    path, body = f"/api/v1/{name}", json.dumps(phone.shift())
    kind = {"Content-Type": "application/json"}
    assert is_problem(phone.client.post(path, data=body, headers=kind), 403)
    for foreign in ("text/plain", "application/x-www-form-urlencoded"):
        headers = {**HEADERS, "Content-Type": foreign}
        assert is_problem(phone.client.post(path, data=body, headers=headers), 415)


def test_what_is_too_large_is_refused_as_that(phone: Phone) -> None:
    assert is_problem(phone.post("shifts", b"[" * (LARGEST + 1)), 413)


def test_unknown_addresses_and_methods_are_problems_too(phone: Phone) -> None:
    assert is_problem(phone.client.get("/api/v2/bundle"), 404)
    answer = phone.client.get("/api/v1/shifts")
    assert is_problem(answer, 405)
    assert "POST" in answer.headers["Allow"]


def test_a_fault_of_the_server_is_a_problem_that_the_phone_retries(
    app: Flask, phone: Phone, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config.update(PROPAGATE_EXCEPTIONS=False)
    body = phone.interview(small.units[0])
    with monkeypatch.context() as broken:
        broken.setattr("surveys.responses.accept_all", lambda *_: 1 / 0)
        assert is_problem(phone.post("interviews", body), 500)
    assert phone.send("interviews", body) == ("stored", None)


def test_a_closed_account_and_a_new_password_end_the_session_here_as_well(
    app: Flask, office: Office, phone: Phone
) -> None:
    assert phone.client.get("/api/v1/bundle").status_code == 200
    with office.database.write() as session:
        people.reset_password(session, people.get(session, "wang"), actor="test")
    assert is_problem(phone.client.get("/api/v1/bundle"), 401)
    assert is_problem(phone.post("shifts", phone.shift()), 401)


def test_guessing_passwords_shuts_the_door_for_a_while(app: Flask, office: Office) -> None:
    password = volunteer.enlist(office, "sun")
    client = app.test_client()
    for _ in range(5):
        client.submit(client.get("/login"), name="sun", password="a wrong password")
    answer = client.submit(client.get("/login"), name="sun", password=password)
    assert answer.status_code == 422
    assert is_problem(client.get("/api/v1/bundle"), 401)


def test_who_sends_without_end_is_asked_to_wait_and_nobody_else(
    app: Flask, phone: Phone, other: Phone
) -> None:
    moment = 0.0
    app.extensions["api.limit"] = Limit(at_once=3, each_second=0.25, clock=lambda: moment)
    body = phone.shift()
    assert [phone.send("shifts", body)[0] for _ in range(3)] == ["stored", "repeated", "repeated"]
    answer = phone.post("shifts", body)
    assert is_problem(answer, 429)
    assert answer.headers["Retry-After"] == "4"
    assert other.send("shifts", other.shift())[0] == "stored"
    assert phone.client.get("/api/v1/bundle").status_code == 200
    moment = 4.0
    assert phone.send("shifts", body)[0] == "repeated"
    assert is_problem(phone.post("shifts", body), 429)


def test_the_limit_is_far_beyond_a_phone_that_comes_home() -> None:
    limit = Limit()
    assert [limit.wait(1) for _ in range(500)] == [0] * 500
    assert limit.wait(2) == 0


def test_nothing_of_it_stays_in_a_cache(phone: Phone) -> None:
    for name in READS:
        assert phone.client.get(f"/api/v1/{name}").headers["Cache-Control"] == "no-store"
    assert phone.post("shifts", phone.shift()).headers["Cache-Control"] == "no-store"


# ---- the bundle ----------------------------------------------------------------------------------


def test_the_bundle_holds_a_days_work(office: Office, phone: Phone, small: Small) -> None:
    phone.send("attempts", phone.attempt(small.units[0], households=3))
    phone.send("interviews", phone.interview(small.units[1]))
    bundle = phone.client.get("/api/v1/bundle").get_json()
    assert bundle["volunteer"] == {"name": "wang"}
    assert bundle["partners"] == ["li"]
    (wave,) = bundle["waves"]
    assert wave["title"] == {"zh": "十一月测评", "en": "十一月测评"}
    assert wave["questionnaire"]["name"] == "small"
    assert wave["questionnaire"]["eligible"] == ["=", ["$", "S1"], "yes"]
    assert wave["consent"]["zh"].startswith("本次访问自愿参加")
    assert wave["consent"]["en"].startswith("Taking part is voluntary")
    refused = next(one for one in bundle["outcomes"] if one["code"] == "refused")
    assert refused == {"code": "refused", "words": {"zh": "拒访", "en": "refused"}, "settles": 2}
    tasks = {task["unit"]: task for task in bundle["assignments"]}
    assert set(tasks) == set(small.units[:4])
    assert sorted(task["order"] for task in tasks.values()) == [0, 1, 2, 3]
    first = tasks[small.units[0]]
    assert first["community"] == {"code": "east", "zh": "东村", "en": "East Village"}
    assert first["address"]["text"].startswith("east ")
    assert (first["attempts"][0]["outcome"], first["attempts_left"]) == ("no_answer", 2)
    assert first["chosen_household"] == first["household_choices"]["3"]
    assert len(first["untried"]) == 3
    assert (first["answered"], tasks[small.units[1]]["answered"]) == (False, True)


def test_the_choice_of_household_is_known_beforehand_and_lies_within(phone: Phone) -> None:
    for task in phone.client.get("/api/v1/bundle").get_json()["assignments"]:
        choices = task["household_choices"]
        assert set(map(str, range(2, 13))) <= choices.keys()
        assert all(1 <= choice <= int(number) for number, choice in choices.items())
        assert task["kish"] == {}


def test_a_kish_wave_says_which_adult_and_notices_another(
    office: Office, phone: Phone, small: Small
) -> None:
    with office.database.write() as session:
        session.execute(sa.update(Wave).values(selection="kish"))  # past the wave's own guard
    tasks = phone.client.get("/api/v1/bundle").get_json()["assignments"]
    kish = {task["unit"]: task["kish"] for task in tasks}
    for unit, off in ((small.units[0], 0), (small.units[1], 1)):
        chosen = (kish[unit]["3"] - 1 + off) % 3 + 1
        how = {"rule": "kish", "households": None, "adults": 3, "chosen": chosen}
        assert phone.send("interviews", phone.interview(unit, {"selection": how}))[0] == "stored"
    with office.database.read() as session:
        remarks = session.scalars(sa.select(Upload.remarks).order_by(Upload.id)).all()
    assert remarks == ["", "selection"]


def test_its_key_is_the_waves_as_browsers_import_it(office: Office, phone: Phone) -> None:
    (wave,) = phone.client.get("/api/v1/bundle").get_json()["waves"]
    jwk = wave["seal"]["public_jwk"]
    x, y = (int.from_bytes(base64.urlsafe_b64decode(jwk[part] + "=")) for part in "xy")
    theirs = ec.EllipticCurvePublicNumbers(x, y, sealing.CURVE).public_key()
    key = sealing.of_wave(office.sealing_keys, "2026-11")
    assert theirs == key.private.public_key()
    assert wave["seal"]["kid"] == key.kid


def test_what_is_closed_withdrawn_or_someone_elses_is_not_in_it(
    office: Office, phone: Phone, other: Phone, small: Small
) -> None:
    volunteer.give(office, "zhao", [small.units[0]])
    mine = phone.client.get("/api/v1/bundle").get_json()["assignments"]
    assert {task["unit"] for task in mine} == set(small.units[1:4])
    volunteer.close(office)
    for one in (phone, other):
        bundle = one.client.get("/api/v1/bundle").get_json()
        assert (bundle["assignments"], bundle["waves"]) == ([], [])


def test_reading_addresses_leaves_a_trace(office: Office, phone: Phone) -> None:
    phone.client.get("/api/v1/bundle")
    with office.database.read() as session:
        query = sa.select(AuditEntry).where(AuditEntry.action == "addresses.read")
        entry = session.scalars(query).one()
    assert (entry.actor, entry.subject, entry.detail) == ("wang", "2026-11", {"units": 4})


def test_partners_are_those_around(
    office: Office, phone: Phone, enlist: Callable[..., Phone]
) -> None:
    with office.database.write() as session:
        east = session.scalar(sa.select(SampledUnit.community_id))
        for name, area, active in (("near", east, True), ("gone", east, False)):
            user, _ = people.add_user(session, name, "volunteer", actor="test")
            user.area_id, user.active = area, active
        session.scalars(sa.select(User).where(User.name == "wang")).one().area_id = east
    assert phone.client.get("/api/v1/bundle").get_json()["partners"] == ["li", "near"]


def test_phones_are_told_no_full_names(office: Office, phone: Phone) -> None:
    with office.database.write() as session:
        for user in people.every(session):
            people.set_full_name(session, user, f"全名{user.id}", actor="test")
    bundle = phone.client.get("/api/v1/bundle").get_json()
    assert bundle["partners"] == ["li"]
    assert "全名" not in json.dumps(bundle, ensure_ascii=False)
