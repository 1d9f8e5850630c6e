"""A volunteer with a phone: what the app does, in Python, against the application itself."""

from __future__ import annotations

import base64
import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveys import people, waves
from surveys.fieldwork import assignments, sealing
from surveys.office import Office
from surveys.sampling.units import SampledUnit

HEADERS = {"X-Minyi": "1", "Content-Type": "application/json"}
ANSWERS = {"S1": "yes", "K1": "yes", "Z1": "no"}  # to the questionnaire of tests.support.record
QUESTIONNAIRE = "small/1"


def enlist(office: Office, name: str, units: Sequence[int] = (), partner: str = "") -> str:
    """Make a volunteer who has some units; returns the password."""
    with office.database.write() as session:
        _user, password = people.add_user(session, name, "volunteer", actor="test")
    give(office, name, units, partner)
    return password


def give(office: Office, name: str, units: Sequence[int], partner: str = "") -> None:
    """Assign units, or move them."""
    with office.database.write() as session:
        rows = [session.get_one(SampledUnit, unit) for unit in units]
        assignments.move(session, people.get(session, name), rows, "staff", partner=partner)


def log_in(app: Flask, name: str, password: str) -> FlaskClient:
    """A browser whose session is this person's."""
    client = app.test_client()
    answer = client.submit(client.get("/login"), name=name, password=password)
    assert answer.status_code == 302, answer.text
    return client


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass
class Phone:
    """The app on a phone: it makes bodies, and posts them."""

    office: Office
    client: FlaskClient
    wave: str = "2026-11"
    partner: str = "li"
    made: list[bytes] = field(default_factory=list)

    def post(self, kind: str, body: Mapping[str, Any] | bytes) -> TestResponse:
        """Send a body as it is, or an object."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(f"/api/v1/{kind}", data=data, headers=HEADERS)

    def send(self, kind: str, body: Mapping[str, Any] | bytes) -> tuple[str, str | None]:
        """Send it and return what became of it."""
        answer = self.post(kind, body)
        assert answer.status_code == 200, answer.text
        said = answer.get_json()
        return said["status"], said["reason"]

    def attempt(self, unit: int, outcome: str = "no_answer", **different: Any) -> dict[str, Any]:
        """An attempt as the app writes it down."""
        moment = now().isoformat()
        body = {"id": str(uuid.uuid4()), "unit": unit, "outcome": outcome, "at": moment}
        body |= {"return_at": None, "households": None, "partner": self.partner}
        return {**body, "phone_time": moment, **different}

    def interview(
        self, unit: int, inside: Mapping[str, Any] = {}, **different: Any
    ) -> dict[str, Any]:
        """A sealed interview; ``inside`` and ``different`` replace what is in and around it."""
        id_ = different.get("id", f"uuid:{uuid.uuid4()}")
        moment = now()
        told = {
            "instance_id": id_,
            "wave": self.wave,
            "unit": unit,
            "language": "zh",
            "seed": 5,
            "answers": ANSWERS,
            "notes": {},
            "started_at": (moment - dt.timedelta(minutes=4)).isoformat(),
            "finished_at": moment.isoformat(),
            "private": False,
            "partner": self.partner,
            "selection": {
                "rule": "next_birthday", "households": None, "adults": None, "chosen": None
            },
            "questionnaire": QUESTIONNAIRE,
            **inside,
        }  # fmt: skip
        body = {"id": id_, "unit": unit, "mode": "door", **self._sealed(told, unit, id_)}
        return {**body, **different}

    def recheck(
        self, number: int, inside: Mapping[str, Any] = {}, **different: Any
    ) -> dict[str, Any]:
        """A sealed re-check; ``inside`` and ``different`` replace what is in and around it."""
        id_ = different.get("id", str(uuid.uuid4()))
        told = {
            "id": id_,
            "recheck": number,
            "wave": self.wave,
            "at": now().isoformat(),
            "result": "reached",
            "took_place": "yes",
            "right_person": "yes",
            "answers": {"K1": "yes"},
            "partner": self.partner,
            **inside,
        }
        body = {"id": id_, "recheck": number, **self._sealed(told, "recheck", id_)}
        return {**body, **different}

    def _sealed(self, told: Mapping[str, Any], place: int | str, id_: str) -> dict[str, str]:
        key = sealing.of_wave(self.office.sealing_keys, self.wave)
        text = json.dumps(told, ensure_ascii=False).encode()
        sealed = sealing.seal(key.point, text, sealing.context(self.wave, place, id_))
        found = {"wave": self.wave, "kid": key.kid, "phone_time": now().isoformat()}
        return {**found, "sealed": base64.b64encode(sealed).decode()}

    def shift(self, **different: Any) -> dict[str, Any]:
        """A shift of two hours that ends now."""
        end = now()
        start = end - dt.timedelta(hours=2)
        body = {"id": str(uuid.uuid4()), "started_at": start.isoformat()}
        return {**body, "ended_at": end.isoformat(), "partner": self.partner, **different}


def close(office: Office, wave: str = "2026-11") -> None:
    """Close a wave."""
    with office.database.write() as session:
        waves.close(session, waves.get(session, wave), "staff")
