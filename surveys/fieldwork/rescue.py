"""The file that a dying phone leaves behind: what it had not sent yet, sealed for the office.

It holds the very bytes that the phone would have sent, so that what arrives both ways counts once.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import sqlalchemy as sa

from surveys import shapes, waves
from surveys.fieldwork import receiving, sealing
from surveys.fieldwork.intake import Sender
from surveys.fieldwork.uploads import Outcome
from surveys.office import Office
from surveys.people import User
from surveys.problems import N_, Problem, Refused
from surveys.waves import Wave

FORMAT = "minyi-queue/1"
KINDS = {
    "attempts": "attempt",
    "interviews": "interview",
    "shifts": "shift",
    "rechecks": "recheck",
}


def receive(office: Office, data: bytes) -> list[tuple[str, Outcome]]:
    """Take in everything that such a file holds, in the name of the phone's owner.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    list of (str, Outcome)
        What each was (a key of ``held.KINDS``) and what became of it; reading the file again
        changes nothing.

    Raises
    ------
    Refused
        If it is no such file, was sealed for another office, its owner has no account, or the
        wave's key is lost.
    """
    try:
        found = shapes.parse(data)
        code, name, sealed = (str(found[key]) for key in ("wave", "id", "sealed"))
        is_ours = found["format"] == FORMAT
    except (shapes.Misshapen, KeyError, TypeError):
        is_ours = False
    if not is_ours:
        raise Refused(Problem(N_("This is no file that a volunteer's phone has saved.")))
    with office.database.read() as session:
        wave = waves.get(session, code)  # so that no other name ever reaches the folder of keys
    opened = _opened(office, wave, name, sealed)
    with office.database.read() as session:
        owner = session.scalar(sa.select(User).where(User.name == opened["owner"]))
    if owner is None:
        params = {"name": opened["owner"]}
        raise Refused(Problem(N_("There is no account “%(name)s”."), params))
    sender = Sender(owner.id, owner.name)
    return [_taken(office, sender, upload) for upload in opened["uploads"]]


def _opened(office: Office, wave: Wave, name: str, sealed: str) -> Any:
    key = sealing.of_wave(office.sealing_keys, wave.code, wave.sealing_kid)
    try:
        envelope = base64.b64decode(sealed, validate=True)
        return json.loads(key.unseal(envelope, sealing.context(wave.code, "queue", name)))
    except (ValueError, sealing.Unopenable):
        text = N_("This file was sealed for another office, or is damaged.")
        raise Refused(Problem(text)) from None


def _taken(office: Office, sender: Sender, upload: dict[str, str]) -> tuple[str, Outcome]:
    kind, body = KINDS[upload["kind"]], upload["body"].encode()
    return kind, receiving.receive_from(office, sender, kind, shapes.parse(body), body)
