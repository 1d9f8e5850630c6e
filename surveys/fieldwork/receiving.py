"""Receiving: what phones send goes into the record, once, whatever befalls the way.

Reading, unsealing and checking come first, each thread for itself; then the write is entered, in
one transaction with whatever other phones sent meanwhile (:mod:`surveys.fieldwork.entering`).
Nothing that can be kept is bounced: a phone cannot read again what it has sealed, and what does not
count is held, whole, for staff.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import sqlalchemy as sa

from surveys import audit, shapes
from surveys.fieldwork import confirming, intake, sealing, shifts, unsealing, uploads
from surveys.fieldwork.entering import enter
from surveys.fieldwork.intake import Door, Entry, Sender, Visit, Who, entry_of
from surveys.fieldwork.messages import AttemptUpload, InterviewUpload, RecheckUpload, ShiftUpload
from surveys.fieldwork.uploads import HELD, STORED, Outcome, Upload
from surveys.office import Office
from surveys.people import User
from surveys.questionnaires.answers import clean
from surveys.waves import Wave

Write: TypeAlias = AttemptUpload | InterviewUpload | ShiftUpload
Sent: TypeAlias = Write | RecheckUpload

SHAPES: Mapping[str, Any] = {
    "attempt": AttemptUpload,
    "interview": InterviewUpload,
    "shift": ShiftUpload,
    "recheck": RecheckUpload,
}


def receive(office: Office, who: Who, kind: str, sent: Mapping[str, Any], body: bytes) -> Outcome:
    """Take in one write of a phone.

    Parameters
    ----------
    who : Who
        Of the session it comes with.
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

    Raises
    ------
    NotLetIn
        The session is not that of an active volunteer; nothing was looked at.
    """
    with office.database.joining(enter) as write:
        upload = _shaped(kind, sent)
        with office.database.read_connection() as connection:
            sender, door = intake.let_in(connection, who, _unit(upload))
        entry = _entry(sender, kind, sent, body, upload)
        if not isinstance(upload, RecheckUpload):
            return write(read(office, entry, upload, door))
    return confirming.receive(office, entry, upload)


def receive_from(
    office: Office, sender: Sender, kind: str, sent: Mapping[str, Any], body: bytes
) -> Outcome:
    """Take in what a known volunteer's phone would have sent."""
    upload = _shaped(kind, sent)
    return _take(office, _entry(sender, kind, sent, body, upload), upload)


def read(office: Office, entry: Entry, upload: Write | None, door: Door | None) -> Entry:
    """Check a write, and say what is to follow from it; nothing is stored yet."""
    if upload is None:
        return entry.held("invalid")
    if isinstance(upload, ShiftUpload):
        return _shift(entry, upload)
    if door is None:
        return entry.held("unknown")
    if isinstance(upload, AttemptUpload):
        return _attempt(entry.at(door), door, upload)
    return unsealing.read(office, entry.at(door), door, upload)


def _shaped(kind: str, sent: Mapping[str, Any]) -> Sent | None:
    try:
        upload: Sent = shapes.read(SHAPES[kind], sent)
    except shapes.Misshapen:
        return None
    return upload


def _unit(upload: Sent | None) -> int:
    return upload.unit if isinstance(upload, AttemptUpload | InterviewUpload) else 0  # no unit's


def _entry(
    sender: Sender, kind: str, sent: Mapping[str, Any], body: bytes, upload: Sent | None
) -> Entry:
    entry = entry_of(sender, kind, sent, body, uploads.digest(body))
    entry.row["phone_time"] = upload.phone_time if upload else None
    return entry


def _take(office: Office, entry: Entry, upload: Sent | None) -> Outcome:
    if isinstance(upload, RecheckUpload):
        return confirming.receive(office, entry, upload)
    with office.database.read_connection() as connection:
        door = intake.door_of(connection, _unit(upload), entry.sender.id)
    return office.database.write_together(enter, read(office, entry, upload, door))


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
    sent = _shaped(upload.kind, shapes.parse(body))
    entry = _entry(sender, upload.kind, {"id": upload.client_id}, body, sent)
    entry.row["received_at"] = upload.received_at
    return _take(office, replace(entry, upload_id=upload.id), sent)


def _shift(entry: Entry, upload: ShiftUpload) -> Entry:
    if shifts.fault(upload.started_at, upload.ended_at):
        return entry.held("invalid")
    values = {
        "user_id": entry.sender.id,
        "partner": clean(upload.partner),
        "started_at": upload.started_at,
        "ended_at": upload.ended_at,
    }
    return replace(entry, shift=values)


def _attempt(entry: Entry, door: Door, upload: AttemptUpload) -> Entry:
    if not door.was_mine:
        return entry.held("unassigned")
    if upload.return_at is not None and upload.return_at <= upload.at:
        return entry.held("invalid")
    visit = Visit(upload.outcome, upload.at, upload.partner, upload.return_at, upload.households)
    return replace(entry, visit=visit)
