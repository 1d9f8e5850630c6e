"""The office's side of a history of uploads: the real application, its faults, and its checks."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import webapp
from surveys import people, responses, shapes, waves
from surveys.audit import AuditEntry
from surveys.fieldwork import receiving
from surveys.fieldwork.assignments import Assignment
from surveys.fieldwork.attempts import Attempt
from surveys.fieldwork.entering import enter
from surveys.fieldwork.intake import Entry, Sender, door_of, entry_of
from surveys.fieldwork.interviews import Interview, Note
from surveys.fieldwork.shifts import Shift
from surveys.fieldwork.uploads import Outcome, Upload, digest
from surveys.office import Office
from surveys.responses import HeldResponse, Response
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from tests.support import record, volunteer
from tests.support.pages import CheckedClient
from tests.support.volunteer import HEADERS, Phone
from webapp.api.limit import Limit
from webapp.config import Settings

TABLES = (Note, Interview, Attempt, Shift, Upload, HeldResponse, Response, Assignment, AuditEntry)
NAMES = ("wang", "zhao")


class Broken(RuntimeError):  # noqa: N818
    """A fault that was put there."""


@dataclass(frozen=True)
class Record:
    """Something a volunteer wrote down: what is sent, and by what it is found in the record."""

    kind: str  # attempts | interviews | shifts
    id: str
    body: bytes
    unit: int | None
    mark: dt.datetime  # a moment that no other record has


@dataclass
class World:
    """One application with its office, emptied before every history."""

    app: Flask
    office: Office
    small: record.Small
    phones: dict[str, Phone]
    armed: int | None = None  # statements until the next fault; -1: the commit fails
    moment: dt.datetime = field(default_factory=volunteer.now)

    @classmethod
    def make(cls, folder: Path, office: Office) -> World:
        small = record.begin(office)
        app = webapp.create_app(Settings(data=folder), office)
        app.config.update(PROPAGATE_EXCEPTIONS=False)
        app.extensions["api.limit"] = Limit(at_once=10**9)  # many days pass in a minute
        app.logger.disabled = True
        phones = {}
        for name in NAMES:
            password = volunteer.enlist(office, name)
            phones[name] = Phone(office, _logged_in(app, name, password))
        world = cls(app, office, small, phones)
        sa.event.listen(office.database.engine, "before_cursor_execute", world._on_statement)
        sa.event.listen(office.database.engine, "commit", world._on_commit)
        return world

    def empty(self) -> None:
        """Before a history: nothing came in, the wave is open, wang has three units."""
        with self.office.database.write_connection() as connection:
            for table in TABLES:
                connection.execute(sa.delete(table))
            connection.execute(sa.update(SampledUnit).values(households=None))
            connection.execute(sa.update(Wave).values(state="open", closed_at=None))
        volunteer.give(self.office, "wang", self.units)

    @property
    def units(self) -> tuple[int, ...]:
        return self.small.units[:3]

    def tick(self) -> dt.datetime:
        """A moment of the past that comes once."""
        self.moment += dt.timedelta(milliseconds=1)
        return self.moment - dt.timedelta(days=1)

    # ---- sending, and what may go wrong ------------------------------------------------------

    def send(self, name: str, record: Record, body: bytes | None = None) -> TestResponse:
        return self.phones[name].post(record.kind, record.body if body is None else body)

    def send_at_once(self, sent: list[tuple[str, Record]]) -> list[Outcome]:
        """Enter what several phones send at one moment, as the server does: in one transaction."""
        entries = [self._read(name, record) for name, record in sent]
        with self.office.database.write_connection() as connection:
            return enter(connection, entries)

    def _read(self, name: str, record: Record) -> Entry:
        kind, told = record.kind.removesuffix("s"), json.loads(record.body)
        entry = entry_of(self._senders[name], kind, told, record.body, digest(record.body))
        upload = shapes.read(receiving.SHAPES[kind], told)
        with self.office.database.read_connection() as connection:
            door = door_of(connection, told.get("unit", 0), entry.sender.id)
        return receiving.read(self.office, entry, upload, door)

    @cached_property
    def _senders(self) -> dict[str, Sender]:
        with self.office.database.read() as session:
            return {name: Sender(people.get(session, name).id, name) for name in NAMES}

    def send_without_session(self, record: Record) -> TestResponse:
        client = self.app.test_client()
        return client.post(f"/api/v1/{record.kind}", data=record.body, headers=HEADERS)

    def send_too_often(self, name: str, record: Record) -> TestResponse:
        """Send when the person has sent too much lately."""
        usual, self.app.extensions["api.limit"] = (
            self.app.extensions["api.limit"],
            Limit(at_once=0),
        )
        try:
            return self.send(name, record)
        finally:
            self.app.extensions["api.limit"] = usual

    @contextlib.contextmanager
    def failing_at(self, statement: int) -> Iterator[None]:
        """The n-th statement of the next write transaction fails; -1: its commit does."""
        self.armed = statement
        try:
            yield
        finally:
            self.armed = None

    @contextlib.contextmanager
    def failing_after_the_commit(self) -> Iterator[None]:
        """The server breaks when everything is stored, before it can say so."""
        whole = receiving.receive

        def receive(*arguments: Any) -> Any:
            whole(*arguments)
            raise Broken

        receiving.receive = receive
        try:
            yield
        finally:
            receiving.receive = whole

    def _on_statement(self, connection: sa.Connection, *_: Any) -> None:
        if self.armed is None or not connection.get_execution_options().get("minyi_writes"):
            return
        if self.armed == 0:
            raise Broken
        if self.armed > 0:
            self.armed -= 1

    def _on_commit(self, _connection: sa.Connection) -> None:
        if self.armed == -1:
            raise Broken

    # ---- what others do meanwhile ------------------------------------------------------------

    def move(self, name: str, unit: int) -> None:
        volunteer.give(self.office, name, [unit])

    def close_wave(self) -> None:
        with self.office.database.write() as session:
            wave = waves.get(session, "2026-11")
            if wave.state == "open":
                waves.close(session, wave, "staff")

    def restart(self) -> None:
        self.office.database.engine.dispose()

    def answer_on_the_web(self, unit: int) -> None:
        submission = self.small.submission(unit_id=unit, instance_id=f"uuid:{uuid.uuid4()}")
        with self.office.database.write_connection() as connection:
            responses.accept(connection, submission)

    # ---- what must hold ----------------------------------------------------------------------

    def check(self, record: Record, status: str, reason: str | None) -> None:
        """What was acknowledged is there, once, and is what was said of it."""
        with self.office.database.read() as session:
            named = Upload.client_id == record.id, Upload.sha256 == digest(record.body)
            upload = session.scalars(sa.select(Upload).where(*named)).one()
            assert (upload.status, upload.reason) == (
                "held" if status == "held" else "stored",
                reason,
            )
            if status == "held":
                assert upload.body == record.body
            stored = 0 if status == "held" else 1
            if record.kind == "attempts":
                assert self._count(session, Attempt, Attempt.at == record.mark) == stored
            elif record.kind == "shifts":
                assert self._count(session, Shift, Shift.started_at == record.mark) == stored
            else:
                assert self._count(session, Response, Response.started_at == record.mark) == stored
                query = Interview.upload_id == upload.id
                assert self._count(session, Interview, query) == stored

    def check_all(self, made: list[Record]) -> None:
        """Nothing is there that nobody sent, nothing twice, and nobody was counted twice."""
        with self.office.database.read() as session:
            uploads = session.execute(sa.select(Upload.client_id, Upload.sha256)).all()
            sent = {(record.id, digest(record.body)) for record in made}
            assert len(uploads) == len(set(map(tuple, uploads)))
            assert set(map(tuple, uploads)) == sent
            marks = session.scalars(sa.select(Attempt.at)).all()
            assert len(marks) == len(set(marks))
            assert set(marks) <= {record.mark for record in made if record.unit}
            eligible = Response.eligible, Response.unit_id.is_not(None)
            asked = session.scalars(sa.select(Response.unit_id).where(*eligible)).all()
            assert len(asked) == len(set(asked))

    @staticmethod
    def _count(session: Any, table: Any, condition: Any) -> int:
        return session.scalar(sa.select(sa.func.count()).select_from(table).where(condition)) or 0


def _logged_in(app: Flask, name: str, password: str) -> FlaskClient:
    """A phone's session. Its cookie goes to a plain client: the pages are looked at elsewhere."""
    app.test_client_class = CheckedClient
    checked = volunteer.log_in(app, name, password)
    cookie = checked.get_cookie("minyi")
    assert cookie is not None
    app.test_client_class = None
    plain = app.test_client()
    plain.set_cookie("minyi", cookie.value)
    return plain
