"""Imports: lists that someone sent, kept sealed until they are taken over or thrown away.

An import is a folder of the office's data with the list, how far it has come, and what is wrong
with it. Whoever works on it holds its lock, which the system takes from a process that dies: an
import that says it is under way while nobody holds the lock was interrupted. The record changes in
one transaction, so that nothing is ever half imported.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from surveys.database import now
from surveys.files import write_whole
from surveys.office import Office
from surveys.problems import N_, Problem, Refused

KINDS = ("areas", "margins", "addresses")
BUSY = ("checking", "importing")
TOKEN = re.compile(r"[0-9a-f]{32}")
PATIENCE = 60  # seconds without a note, after which it is asked whether anyone is at work
KEPT = 24 * 3600  # seconds, after which an import that nobody finished is thrown away


@dataclass(frozen=True)
class Import:
    """How far an import has come.

    Parameters
    ----------
    token : str
        Names it in addresses.
    kind : {"areas", "margins", "addresses"}
    filename, actor : str
        Of the list; who sent it.
    area_id : int or None
        The sender's branch; None for the whole tree.
    state : str
        checking, refused, checked, importing or done.
    at : str
        When it came, in UTC.
    done, total : int
        Steps of the state at hand.
    faults : int
        How many things are wrong, or, of a list that is not refused, worth a look.
    found : mapping of str to int
        What is or would be added, updated, unchanged.
    options : mapping of str to str
        What was said with it: the source of margins and their day.
    interrupted : bool
        Whether whoever worked on it is gone; it can be taken up again.
    """

    token: str
    kind: str
    filename: str
    actor: str
    area_id: int | None
    state: str = "checking"
    at: str = ""
    done: int = 0
    total: int = 0
    faults: int = 0
    found: Mapping[str, int] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def is_busy(self) -> bool:
        """Whether someone works on it."""
        return self.state in BUSY and not self.interrupted

    @property
    def share(self) -> int:
        """Per cent done."""
        return round(100 * self.done / self.total) if self.total else 0


def keep(office: Office, data: bytes, **about: Any) -> Import:
    """Keep a list that was sent, sealed, and throw away what nobody finished."""
    _sweep(office)
    one = Import(token=secrets.token_hex(16), at=now().isoformat(), **about)
    write_whole(_folder(office, one.token) / "list", office.keys.seal_bytes(data))
    note(office, one)
    return one


def get(office: Office, token: str) -> Import:
    """An import by its token; one that is not there is refused."""
    path = _folder(office, token) / "state.json" if TOKEN.fullmatch(token) else None
    if path is None or not path.exists():
        raise Refused(Problem(N_("This import is not there any more. Send the list again.")))
    one = Import(**json.loads(path.read_text("utf-8")))
    if one.is_busy and time.time() - path.stat().st_mtime > PATIENCE:
        with lock(office, token) as mine:
            return replace(one, interrupted=mine)
    return one


def note(office: Office, one: Import) -> None:
    """Write down how far an import has come."""
    said = json.dumps(asdict(replace(one, interrupted=False)), ensure_ascii=False)
    write_whole(_folder(office, one.token) / "state.json", said.encode())


def contents(office: Office, token: str) -> bytes:
    """The list itself."""
    return office.keys.unseal_bytes((_folder(office, token) / "list").read_bytes())


def note_faults(office: Office, token: str, problems: Iterable[Problem]) -> int:
    """Keep what is wrong with a list, sealed: it may quote from it. Returns how many there are."""
    said = [_as_json(problem) for problem in problems]
    sealed = office.keys.seal(json.dumps(said, ensure_ascii=False, default=str))
    write_whole(_folder(office, token) / "faults", sealed)
    return len(said)


def faults(office: Office, token: str) -> list[Problem]:
    """What is wrong with a list, in its order."""
    path = _folder(office, token) / "faults"
    if not path.exists():
        return []
    return [_problem(one) for one in json.loads(office.keys.unseal(path.read_bytes()))]


def forget_list(office: Office, token: str) -> None:
    """Throw the list away, keep what came of it."""
    (_folder(office, token) / "list").unlink(missing_ok=True)


def drop(office: Office, token: str) -> None:
    """Throw an import away."""
    shutil.rmtree(_folder(office, token), ignore_errors=True)


@contextmanager
def lock(office: Office, token: str) -> Iterator[bool]:
    """Hold the lock of an import, if nobody else does; the system frees it when a process dies."""
    path = _folder(office, token) / "lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _locked(handle)
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sweep(office: Office) -> None:
    for folder in (office.data / "imports").glob("*"):
        if time.time() - folder.stat().st_mtime > KEPT:  # each note is a new name in the folder
            shutil.rmtree(folder, ignore_errors=True)


def _folder(office: Office, token: str) -> Path:
    return office.data / "imports" / token


def _as_json(problem: Problem) -> dict[str, Any]:
    params = {
        name: {"problem": _as_json(value)} if isinstance(value, Problem) else value
        for name, value in problem.params.items()
    }
    return {"text": problem.text, "params": params, "where": problem.where}


def _problem(said: Mapping[str, Any]) -> Problem:
    params = {
        name: _problem(value["problem"]) if isinstance(value, dict) else value
        for name, value in said["params"].items()
    }
    return Problem(said["text"], params, said["where"])
