"""Files that are there whole or not at all, and are what they were."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from surveys.problems import N_, Problem, Refused


def write_whole(path: Path, data: bytes) -> str:
    """Write a file so that a crash leaves the old one, the new one or none, never a part.

    Returns
    -------
    str
        SHA-256 of the data, in hexadecimal.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(handle)
    draft.rename(path)
    sync_folder(path.parent)
    return hashlib.sha256(data).hexdigest()


def read_unchanged(path: Path, sha256: str) -> bytes:
    """Read a file that must hash to what the record says.

    Raises
    ------
    Refused
        The file is missing, or a single byte of it has changed.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise Refused(Problem(N_("The file is missing."), where=str(path))) from None
    if hashlib.sha256(data).hexdigest() != sha256:
        text = N_("The file has been changed since it was locked: its SHA-256 differs.")
        raise Refused(Problem(text, where=str(path)))
    return data


def sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
