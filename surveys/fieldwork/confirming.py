"""Confirming: what a phone brings from a re-check is opened and written down, once.

It never becomes a response: it stands with the re-check alone, and is only compared.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from surveys.fieldwork import rechecks, uploads
from surveys.fieldwork.entering import begin, enter
from surveys.fieldwork.intake import Entry
from surveys.fieldwork.messages import Confirmed, RecheckUpload
from surveys.fieldwork.rechecks import Recheck
from surveys.fieldwork.unsealing import Unusable, opened
from surveys.fieldwork.uploads import HELD, STORED, Outcome
from surveys.office import Office
from surveys.problems import Refused
from surveys.questionnaires.answers import clean


def receive(office: Office, entry: Entry, upload: RecheckUpload) -> Outcome:
    with office.database.read() as session:
        recheck = session.get(Recheck, upload.recheck)
        wave, unit = rechecks.place(session, recheck) if recheck else (None, None)
        if recheck is None or wave is None or unit is None or wave.code != upload.wave:
            return _hold(office, entry, "unknown")
        sender = entry.sender
        was_theirs = rechecks.was_given(session, recheck, sender.id, sender.name)
    entry.row.update(unit_id=unit.id, wave_id=wave.id)
    if not was_theirs:
        return _hold(office, entry, "unassigned")
    try:
        told = opened(office, upload, Confirmed, kid=wave.sealing_kid, place="recheck")
        if (told.id, told.recheck, told.wave) != (upload.id, upload.recheck, upload.wave):
            raise Unusable("invalid")
    except Unusable as unusable:
        return _hold(office, entry, unusable.reason)
    with office.database.write() as session:
        connection = session.connection()
        new = begin(connection, entry)
        if isinstance(new, Outcome):
            return new
        reason = _record(session, entry, told)
        if reason:
            uploads.finish(connection, new, status=HELD, reason=reason, body=entry.body)
            return Outcome(HELD, reason)
        if recheck.user_id != entry.sender.id:
            uploads.finish(connection, new, remarks="moved", body=entry.body)
    return Outcome(STORED)


def _hold(office: Office, entry: Entry, reason: str) -> Outcome:
    return office.database.write_together(enter, entry.held(reason))


def _record(session: Session, entry: Entry, told: Confirmed) -> str | None:
    """Write it down; or why it cannot count: somebody else was quicker, the wave is locked, …"""
    recheck = session.get_one(Recheck, told.recheck, with_for_update=True)
    if recheck.done_at is not None:
        return "second"
    wave, _unit = rechecks.place(session, recheck)
    session.refresh(wave, with_for_update={"read": True})
    if wave.state not in rechecks.UNDER_WAY:
        return "late"
    try:
        rechecks.record(
            session,
            recheck,
            told.result,
            entry.sender.name,
            took_place=told.took_place,
            right_person=told.right_person,
            answers=told.answers,
            partner=clean(told.partner),
            at=min(told.at, entry.received_at),
        )
    except Refused:
        return "invalid"
    return None
