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

from surveys import shapes
from surveys.fieldwork import shifts, unsealing, uploads
from surveys.fieldwork.intake import WAVE, Door, Sender, Visit, Write, counts, door_of, go, row_of
from surveys.fieldwork.messages import AttemptUpload, InterviewUpload, ShiftUpload
from surveys.fieldwork.shifts import Shift
from surveys.fieldwork.uploads import STORED, Outcome
from surveys.office import Office
from surveys.questionnaires.answers import clean

SHAPES: Mapping[str, Any] = {
    "attempt": AttemptUpload,
    "interview": InterviewUpload,
    "shift": ShiftUpload,
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
        attempt, interview or shift.
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
    with office.database.read_connection() as connection:
        door = door_of(connection, upload.unit, sender.id)
    if door is None:
        return write.hold("unknown")
    write.row.update(unit_id=door.unit_id, wave_id=door.wave_id)
    if isinstance(upload, AttemptUpload):
        return _attempt(write, door, upload)
    return unsealing.receive(write, door, upload)


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
