"""Unsealing: an interview is opened, and checked as the residents' pages check theirs."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import logging
from dataclasses import replace
from typing import Any, TypeVar

from surveys import shapes
from surveys.fieldwork import sealing
from surveys.fieldwork.intake import Door, Entry, Visit
from surveys.fieldwork.messages import InterviewUpload, Sealed, Unsealed
from surveys.office import Office
from surveys.problems import Refused
from surveys.questionnaires.answers import Answers, canonical
from surveys.questionnaires.definition import Questionnaire
from surveys.responses import Submission

T = TypeVar("T")
_log = logging.getLogger(__name__)


def read(office: Office, entry: Entry, door: Door, upload: InterviewUpload) -> Entry:
    """Open and check an interview; one that cannot be read here is held, whole."""
    if upload.wave != door.wave_code:
        return entry.held("unknown")
    if not door.was_mine:
        return entry.held("unassigned")
    try:
        told = opened(office, upload, Unsealed, kid=door.kid, place=upload.unit)
        answers = _checked(upload, told, door.questionnaire)
    except Unusable as unusable:
        # That somebody was at the door is known all the same.
        return entry.held(unusable.reason, Visit("interview", upload.phone_time))
    submission = _submission(
        office, entry, door, told, instance_id=upload.id, mode=upload.mode, answers=answers
    )
    counted = told.selection.households
    visit = Visit("interview", told.started_at, told.partner, households=counted)
    return replace(entry, visit=visit, told=told, submission=submission)


class Unusable(Exception):  # noqa: N818
    """What cannot be opened, or is not what it should be."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def opened(office: Office, upload: Sealed, shape: type[T], *, kid: str, place: int | str) -> T:
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
        key = sealing.of_wave(office.sealing_keys, upload.wave, kid)
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


def _checked(upload: InterviewUpload, told: Unsealed, questionnaire: Questionnaire) -> Answers:
    """The answers of an interview, if it is what its envelope says."""
    bound = (told.instance_id, told.wave, told.unit, told.questionnaire)
    is_right = bound == (
        *(upload.id, upload.wave, upload.unit),
        f"{questionnaire.name}/{questionnaire.version}",
    )
    if not is_right or told.finished_at < told.started_at:
        raise Unusable("invalid")
    try:
        return canonical(questionnaire, told.answers)
    except Refused:
        raise Unusable("invalid") from None


def _submission(
    office: Office, entry: Entry, door: Door, told: Unsealed, **more: Any
) -> Submission:
    """The response that an interview makes."""
    # A clock that runs ahead is set back, so that the interview keeps its length.
    ahead = max(told.finished_at - entry.received_at, dt.timedelta(0))
    return Submission(
        wave_id=door.wave_id,
        community_id=door.community_id,
        unit_id=door.unit_id,
        stream="sample",
        language=told.language,
        seed=told.seed,
        started_at=told.started_at - ahead,
        submitted_at=told.finished_at - ahead,
        interviewer=office.keys.pair(entry.sender.name, told.partner),
        **more,
    )
