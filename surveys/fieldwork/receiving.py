"""Receiving: what phones send goes into the record, once, whatever befalls the way.

One write is one transaction: its name (:mod:`surveys.fieldwork.uploads`), and all that follows from
it. Reading, unsealing and checking come before, so that SQLite's queue of writers is held only for
the inserts. Nothing that can be kept is bounced: a phone cannot read again what it has sealed, and
what does not count is held, whole, for staff.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from surveys import audit, shapes
from surveys.fieldwork import confirming, sealing, shifts, unsealing, uploads
from surveys.fieldwork.intake import WAVE, Door, Sender, Visit, Write, counts, door_of, go, row_of
from surveys.fieldwork.messages import AttemptUpload, InterviewUpload, RecheckUpload, ShiftUpload
from surveys.fieldwork.shifts import Shift
from surveys.fieldwork.uploads import HELD, STORED, Outcome, Upload
from surveys.office import Office
from surveys.people import User
from surveys.questionnaires.answers import clean
from surveys.waves import Wave

SHAPES: Mapping[str, Any] = {
    "attempt": AttemptUpload,
    "interview": InterviewUpload,
    "shift": ShiftUpload,
    "recheck": RecheckUpload,
}


def receive(
    office: Office, sender: Sender, kind: str, sent: Mapping[str, Any], body: bytes
) -> Outcome:
    """Take in one write of a phone.

    Parameters
    ----------
    sender : Sender
        The volunteer who is logged in.
    kind : str
        attempt, interview, shift or recheck.
    sent : mapping
        The JSON object that ``body`` holds.
    body : bytes
        As they came.

    Returns
    -------
    Outcome
        What to answer, once this has returned: then it is committed.
    """
    sha256 = uploads.digest(body)
    write = Write(office, sender, body, row_of(sender, kind, sent, sha256))
    try:
        upload = shapes.read(SHAPES[kind], sent)
    except shapes.Misshapen:
        return write.hold("invalid")
    write.row["phone_time"] = upload.phone_time
    if isinstance(upload, ShiftUpload):
        return _shift(write, upload)
    if isinstance(upload, RecheckUpload):
        return confirming.receive(write, upload)
    with office.database.read_connection() as connection:
        door = door_of(connection, upload.unit, sender.id)
    if door is None:
        return write.hold("unknown")
    write.row.update(unit_id=door.unit_id, wave_id=door.wave_id)
    if isinstance(upload, AttemptUpload):
        return _attempt(write, door, upload)
    return unsealing.receive(write, door, upload)


def reopen(office: Office, wave: Wave, actor: str) -> list[Outcome]:
    """Open what is held of a wave because it did not open: its key is back now.

    Everything is tried, so that nobody chooses what counts. What came in while the wave was open
    counts until it is locked.

    Returns
    -------
    list of Outcome
        What became of each; one that still does not open is held as before.

    Raises
    ------
    Lost
        The key is not back.
    """
    sealing.of_wave(office.sealing_keys, wave.code, wave.sealing_kid)
    query = (
        sa.select(Upload, User.name)
        .join(User, User.id == Upload.user_id)
        .where(Upload.wave_id == wave.id, Upload.status == HELD, Upload.reason == "sealed")
        .order_by(Upload.id)
    )
    with office.database.read() as session:
        waiting = session.execute(query).all()
    outcomes = [_reopen(office, upload, name) for upload, name in waiting]
    with office.database.write() as session:
        opened = sum(one.status == STORED for one in outcomes)
        audit.record(session, actor, "held.reopen", wave.code, tried=len(outcomes), opened=opened)
    return outcomes


def _reopen(office: Office, upload: Upload, name: str) -> Outcome:
    sender, body = Sender(upload.user_id, name), upload.body or b""
    row = {
        **row_of(sender, upload.kind, {"id": upload.client_id}, upload.sha256),
        "unit_id": upload.unit_id,
        "wave_id": upload.wave_id,
        "received_at": upload.received_at,
    }
    write = Write(office, sender, body, row, upload.id)
    sent = shapes.read(SHAPES[upload.kind], shapes.parse(body))
    if isinstance(sent, RecheckUpload):
        return confirming.receive(write, sent)
    with office.database.read_connection() as connection:
        door = door_of(connection, sent.unit, sender.id)
    return unsealing.receive(write, door, sent) if door else Outcome(HELD, "sealed")


def _shift(write: Write, upload: ShiftUpload) -> Outcome:
    if shifts.fault(upload.started_at, upload.ended_at):
        return write.hold("invalid")
    with write.office.database.write_connection() as connection:
        new = uploads.begin(connection, write.row, write.body)
        if isinstance(new, Outcome):
            return new
        values = {
            "user_id": write.sender.id,
            "partner": clean(upload.partner),
            "started_at": upload.started_at,
            "ended_at": upload.ended_at,
        }
        connection.execute(sa.insert(Shift), values)
    return Outcome(STORED)


def _attempt(write: Write, door: Door, upload: AttemptUpload) -> Outcome:
    if not door.was_mine:
        return write.hold("unassigned")
    if upload.return_at is not None and upload.return_at <= upload.at:
        return write.hold("invalid")
    with write.office.database.write_connection() as connection:
        wave = connection.execute(WAVE, {"wave": door.wave_id}).one()
        if not counts(wave, upload.at):
            return write.hold_in(connection, "late")
        new = uploads.begin(connection, write.row, write.body)
        if isinstance(new, Outcome):
            return new
        visit = Visit(upload.outcome, upload.at, upload.partner, upload.return_at)
        remarks = go(connection, write, door, visit, upload.households)
        if remarks:  # something stands in the record otherwise than it was sent
            uploads.finish(connection, new, remarks=" ".join(remarks), body=write.body)
    return Outcome(STORED)
