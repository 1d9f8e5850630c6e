"""Unsealing: an interview is opened, checked as the residents' pages check theirs, and accepted."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import logging
from typing import TypeVar

import sqlalchemy as sa

from surveys import responses, shapes
from surveys.fieldwork import sealing, selection, uploads
from surveys.fieldwork.intake import WAVE, Door, Visit, Write, counts, go
from surveys.fieldwork.interviews import Interview, Note
from surveys.fieldwork.messages import InterviewUpload, Sealed, Unsealed
from surveys.fieldwork.uploads import HELD, STORED, Outcome
from surveys.problems import Refused
from surveys.questionnaires import published
from surveys.questionnaires.answers import canonical, clean
from surveys.responses import Receipt, Submission

T = TypeVar("T")
_log = logging.getLogger(__name__)


def receive(write: Write, door: Door, upload: InterviewUpload) -> Outcome:
    if upload.wave != door.wave_code:
        return write.hold("unknown")
    if not door.was_mine:
        return write.hold("unassigned")
    try:
        told, submission = _open(write, door, upload)
    except Unusable as unusable:
        return _hold_visit(write, door, upload, unusable.reason)
    visit = Visit("interview", told.started_at, told.partner)
    with write.office.database.write_connection() as connection:
        new = write.enter(connection)
        if isinstance(new, Outcome):
            return new
        receipt = responses.accept(connection, submission, arrived_at=write.received_at)
        counted = told.selection.households
        if receipt.status == HELD:
            remarks = _record_visit(connection, write, door, visit, counted)
        else:  # the wave is open, and stays so until the commit
            remarks = go(connection, write, door, visit, counted)
        remarks += _selection_remarks(door, told)
        if receipt.status == HELD:
            held = {"status": HELD, "reason": receipt.reason, "body": write.body}
            uploads.finish(connection, new, **held, remarks=" ".join(remarks))
            return Outcome(HELD, receipt.reason)
        _keep_paradata(connection, write, told, receipt, new)
        if remarks:
            uploads.finish(connection, new, remarks=" ".join(remarks), body=write.body)
    return Outcome(STORED)


class Unusable(Exception):  # noqa: N818
    """What cannot be opened, or is not what it should be."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def opened(write: Write, upload: Sealed, shape: type[T], *, kid: str, place: int | str) -> T:
    """Open what a phone has sealed.

    Parameters
    ----------
    upload : InterviewUpload or RecheckUpload
        Of the wave that it names.
    shape : type
        Of what is inside.
    kid : str
        The key that the wave's phones were told.
    place : int or str
        What it is bound to beside its wave and its name; see :func:`sealing.context`.

    Raises
    ------
    Unusable
        It does not open (``sealed``), or is not of that shape (``invalid``).
    """
    try:
        key = sealing.of_wave(write.office.sealing_keys, upload.wave, kid)
    except sealing.Lost as lost:
        _log.error("%s", lost)
        raise Unusable("sealed") from None
    if upload.kid != key.kid:
        raise Unusable("sealed")
    context = sealing.context(upload.wave, place, upload.id)
    try:
        text = key.unseal(base64.b64decode(upload.sealed, validate=True), context)
    except (binascii.Error, ValueError):  # also characters beyond ASCII
        raise Unusable("sealed") from None
    try:
        return shapes.read(shape, shapes.parse(text))
    except shapes.Misshapen:
        raise Unusable("invalid") from None


def _open(write: Write, door: Door, upload: InterviewUpload) -> tuple[Unsealed, Submission]:
    """Unseal an interview and check it, as the residents' pages check theirs."""
    told = opened(write, upload, Unsealed, kid=door.kid, place=upload.unit)
    with write.office.database.read_connection() as connection:
        questionnaire = published.load(connection, door.questionnaire_id)
    bound = (told.instance_id, told.wave, told.unit, told.questionnaire)
    is_right = bound == (
        *(upload.id, upload.wave, upload.unit),
        f"{questionnaire.name}/{questionnaire.version}",
    )
    if not is_right or told.finished_at < told.started_at:
        raise Unusable("invalid")
    try:
        answers = canonical(questionnaire, told.answers)
    except Refused:
        raise Unusable("invalid") from None
    # A clock that runs ahead is set back, so that the interview keeps its length.
    ahead = max(told.finished_at - write.received_at, dt.timedelta(0))
    submission = Submission(
        wave_id=door.wave_id,
        instance_id=upload.id,
        community_id=door.community_id,
        unit_id=door.unit_id,
        stream="sample",
        mode=upload.mode,
        language=told.language,
        seed=told.seed,
        answers=answers,
        started_at=told.started_at - ahead,
        submitted_at=told.finished_at - ahead,
        interviewer=write.office.keys.pair(write.sender.name, told.partner),
    )
    return told, submission


def _hold_visit(write: Write, door: Door, upload: InterviewUpload, reason: str) -> Outcome:
    """Hold what nobody can read here; that somebody was at the door is known all the same."""
    if write.upload_id is not None:
        return write.hold(reason)
    with write.office.database.write_connection() as connection:
        row = {**write.row, "status": HELD, "reason": reason, "body": write.body}
        new = uploads.begin(connection, row, write.body)
        if isinstance(new, Outcome):
            return new
        visit = Visit("interview", upload.phone_time, "")
        remarks = _record_visit(connection, write, door, visit, None)
        if remarks:
            uploads.finish(connection, new, remarks=" ".join(remarks))
    return Outcome(HELD, reason)


def _record_visit(
    connection: sa.Connection, write: Write, door: Door, visit: Visit, households: int | None
) -> list[str]:
    """The attempt that an interview is, if it belongs to the fieldwork still."""
    wave = connection.execute(WAVE, {"wave": door.wave_id}).one()
    return go(connection, write, door, visit, households) if counts(wave, visit.at) else []


def _selection_remarks(door: Door, told: Unsealed) -> list[str]:
    """Whether those at the door asked whom the wave's seed says."""
    how = told.selection
    is_kept = how.rule == door.rule
    if door.rule == "kish" and how.adults is not None:
        is_kept &= how.chosen == selection.adult(door.seed, door.address_id, how.adults)
    remarks = [] if is_kept else ["selection"]
    return [*remarks, "recount"] if how.corrections else remarks


def _keep_paradata(
    connection: sa.Connection, write: Write, told: Unsealed, receipt: Receipt, upload_id: int
) -> None:
    values = {
        "response_id": receipt.response_id,
        "upload_id": upload_id,
        "user_id": write.sender.id,
        "partner": clean(told.partner),
        "is_private": told.private,
        "selection": told.selection.rule,
        "households": told.selection.households,
        "adults": told.selection.adults,
        "chosen": told.selection.chosen,
        "corrections": [shapes.plain(one) for one in told.selection.corrections],
        "started_at": told.started_at,
        "finished_at": told.finished_at,
    }
    connection.execute(_INSERT_INTERVIEW, values)
    notes = [
        {"response_id": receipt.response_id, "question": clean(name)[:64], "text": clean(text)}
        for name, text in told.notes.items()
        if clean(text)
    ]
    if notes:
        connection.execute(sa.insert(Note), notes)


_INSERT_INTERVIEW = sa.insert(Interview)
