"""Many phones with many sealed interviews, as bodies in a file, and wrk to send them."""

from __future__ import annotations

import base64
import datetime as dt
import json
import subprocess
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

import webapp
from surveys import waves
from surveys.areas import Area
from surveys.fieldwork import sealing
from surveys.fieldwork.assignments import Assignment
from surveys.office import Office
from surveys.people import User
from surveys.responses import Response
from surveys.sampling.frames import Address
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from tests.support.fieldwork import begin
from tests.support.server import Server
from webapp.config import Settings

PHONES = 500
SCRIPT = Path(__file__).with_name("bodies.lua")
ANSWERS = {
    **{"S1": "yes", "S2": "2", "K1": "know", "K2": "board wechat", "Z1": "support"},
    **{"P1": "yes", "P2": "cleaning", "M9": "fairly", "M0": "very"},
    **{f"M{n}": "fairly" for n in range(1, 9)},
    **{"C1": "better", "F1": "none", "O1": "楼道堆放杂物，希望尽快清理。", "I1": "no"},
    **{"D1": "female", "D2": "45-54", "D3": "managed", "D4": "no"},
}
START = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Run:
    """What wrk saw: requests per second, milliseconds, and what it did not like."""

    rate: float
    p50: float
    p99: float
    failed: int
    done: int

    def __str__(self) -> str:
        return f"{self.rate:.0f}, {self.p50:.1f} ms, {self.p99:.1f} ms"


def prepare(office: Office, number: int, file: Path) -> None:
    """A wave with so many assigned units, and a file with an interview of each.

    Every line has the session's cookie of one of ``PHONES`` volunteers in turn, and the body.
    """
    begin(office)
    with office.database.write() as session:
        users = [User(name=f"wang {n}", role="volunteer", password_hash="") for n in range(PHONES)]
        session.add_all(users)
        session.flush()
        people = [(user.id, f"{user.id}.{user.epoch}") for user in users]
        units = _units(session.connection(), number, [id_ for id_, _ in people])
        key = sealing.to_tell(session, office.sealing_keys, waves.get(session, "2026-11"))
    cookies = _cookies(office, [person for _, person in people])
    with file.open("w", encoding="ascii") as lines:
        for unit, cookie in zip(units, cycle(cookies)):
            lines.write(f"{cookie}\t{json.dumps(_interview(key, unit))}\n")


def _units(connection: sa.Connection, number: int, users: Sequence[int]) -> Sequence[int]:
    """Units that are assigned to the users in turn."""
    wave = connection.scalar(sa.select(Wave.id))
    community = connection.scalar(sa.select(Area.id).where(Area.code == "east"))
    first = (connection.scalar(sa.select(sa.func.max(Address.id))) or 0) + 1
    many = range(first, first + number)
    at = {"community_id": community, "housing": "managed"}
    connection.execute(
        sa.insert(Address.__table__),
        [
            {**at, "id": n, "grid": "", "position": n, "lookup": f"bench {n}", "sealed": b"",
             "household": f"bench {n}"}
            for n in many
        ],
    )  # fmt: skip
    drawn = {**at, "wave_id": wave, "probability": 0.1, "batch": 1, "released_at": START}
    connection.execute(
        sa.insert(SampledUnit.__table__),
        [
            {**drawn, "id": n, "address_id": n, "position": n, "code_hash": f"bench {n}"}
            for n in many
        ],
    )
    given = [
        {"user_id": user, "assigned_by": "bench", "unit_id": n}
        for user, n in zip(cycle(users), many)
    ]
    connection.execute(sa.insert(Assignment.__table__), given)
    return many


def _interview(key: sealing.SealingKey, unit: int) -> dict[str, object]:
    name = f"uuid:{uuid.uuid4()}"
    told = {
        "instance_id": name,
        "wave": "2026-11",
        "unit": unit,
        "language": "zh",
        "seed": 5,
        "answers": ANSWERS,
        "notes": {},
        "started_at": START.isoformat(),
        "finished_at": (START + dt.timedelta(minutes=6)).isoformat(),
        "private": False,
        "partner": "li",
        "selection": {"rule": "next_birthday", "households": None, "adults": None, "chosen": None},
        "questionnaire": "neighbourhood-life/1.0",
    }
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    sealed = sealing.seal(key.point, text, sealing.context("2026-11", unit, name))
    return {
        "id": name,
        "unit": unit,
        "wave": "2026-11",
        "kid": key.kid,
        "mode": "door",
        "sealed": base64.b64encode(sealed).decode(),
        "phone_time": START.isoformat(),
    }


def _cookies(office: Office, people: Sequence[str]) -> list[str]:
    """The cookies of some people's sessions, as the server signs them."""
    app: Flask = webapp.create_app(Settings(data=office.data), office)
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    kept = {"_fresh": False, "_permanent": True}
    return [f"minyi={signer.dumps({**kept, '_user_id': person})}" for person in people]


@dataclass
class Target:
    """A server, what is posted there in turn, and how far that has gone."""

    server: Server
    path: str
    content_type: str
    file: Path  # lines of a cookie, a tab and a body
    used: int = 0
    done: int = 0

    def post(self, *, clients: int, seconds: int) -> Run:
        """Let so many clients post for so long."""
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s"]
        arguments = [self.path, self.content_type, self.file, self.used]
        output = subprocess.run(
            [*command, "-s", SCRIPT, self.server.url, "--", *map(str, arguments)],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        seen = json.loads(output.splitlines()[-1])
        self.done += seen["requests"]
        self.used += seen["requests"] + clients  # those still under way at the end
        rate = seen["requests"] / seen["seconds"]
        return Run(rate, seen["p50"], seen["p99"], seen["failed"], seen["requests"])


def stored(office: Office) -> int:
    """How many interviews the record has."""
    with office.database.read_connection() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(Response)) or 0
