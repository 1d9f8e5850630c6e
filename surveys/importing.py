"""The work on an import: look first, take over when someone said so, in a process of its own.

``python -m surveys.importing DATA TOKEN check|take`` is what :func:`start` runs, so that a list of
a hundred thousand lines holds up neither the page that sent it nor the residents who answer.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from sqlalchemy.orm import Session

from surveys import areas, audit, imports
from surveys.imports import Import
from surveys.office import Office
from surveys.problems import Refused
from surveys.sampling import frames
from surveys.weighting import margins

MOST = 64 * 1024 * 1024  # bytes of a list: a million addresses
SMALL = 256 * 1024  # bytes of a list that is done while its sender waits
EVERY = 0.5  # seconds between two notes of how far it is


def start(office: Office, one: Import, size: int) -> None:
    """Do the step that an import stands at: at once if it is small, else in a process of its own.

    Parameters
    ----------
    size : int
        Bytes of the list.
    """
    if size <= SMALL:
        work(office, one.token)
        return
    url = office.database.url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, "-m", "surveys.importing", str(office.data), one.token],
        env=os.environ | {"MINYI_DATABASE_URL": url},
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # a server that restarts does not take it along
    )
    threading.Thread(target=process.wait, daemon=True).start()  # so that nothing is left of it


def work(office: Office, token: str) -> None:
    """Check a list, or take it over, as its state says; nothing if someone else is at it."""
    with imports.lock(office, token) as mine:
        if not mine:
            return
        one = imports.get(office, token)
        file = io.BytesIO(imports.contents(office, token))
        try:
            if one.state == "checking":
                _check(office, one, file)
            elif one.state == "importing":
                _take(office, one, file)
        except Refused as refused:
            number = imports.note_faults(office, token, refused.problems)
            imports.note(office, replace(one, state="refused", faults=number))
            imports.forget_list(office, token)


def _check(office: Office, one: Import, file: io.BytesIO) -> None:
    with office.database.read() as session:
        if one.kind == "areas":
            places = areas.import_list(session, file, one.filename, one.area_id, dry=True)
            found, remarks = _numbers(places), places.remarks
        elif one.kind == "margins":
            found, remarks = {"lines": _margins(session, one, file, dry=True)}, ()
        else:
            tell = _Telling(office, one)
            listed = frames.read_list(session, office.keys, file, one.filename, tell, one.area_id)
            doors = frames.compare(session, listed)
            found, remarks = _numbers(doors), doors.duplicates
    number = imports.note_faults(office, one.token, remarks)
    imports.note(office, replace(one, state="checked", faults=number, found=found))


def _take(office: Office, one: Import, file: io.BytesIO) -> None:
    """The record may have changed since the list was checked: it is looked at anew."""
    tell = _Telling(office, one)
    listed = None
    if one.kind == "addresses":
        with office.database.read() as session:
            listed = frames.read_list(session, office.keys, file, one.filename, tell, one.area_id)
    with office.database.write() as session:
        if listed is not None:
            found = _numbers(frames.store(session, office.keys, listed, tell))
        elif one.kind == "areas":
            found = _numbers(areas.import_list(session, file, one.filename, one.area_id))
        else:
            found = {"lines": _margins(session, one, file)}
        audit.record(session, one.actor, f"{one.kind}.import", one.filename[:120], **found)
    imports.note(office, replace(one, state="done", found=found))
    imports.forget_list(office, one.token)


def _margins(session: Session, one: Import, file: io.BytesIO, *, dry: bool = False) -> int:
    said = one.options
    day = dt.date.fromisoformat(said["as_of"]) if said.get("as_of") else None
    return margins.import_list(
        session, file, one.filename, said["source"], day, one.area_id, dry=dry
    )


def _numbers(found: areas.Imported | frames.Imported) -> dict[str, int]:
    return {"added": found.added, "updated": found.updated, "unchanged": found.unchanged}


class _Telling:
    """Notes how far an import is, not too often."""

    def __init__(self, office: Office, one: Import) -> None:
        self.office, self.one, self.last = office, one, 0.0

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self.last >= EVERY:
            imports.note(self.office, replace(self.one, done=done, total=total))
            self.last = time.monotonic()


if __name__ == "__main__":
    data, name = sys.argv[1:]
    work(Office.open(Path(data), os.environ.get("MINYI_DATABASE_URL")), name)
