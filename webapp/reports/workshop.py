"""The workshop: papers are made one after another, and whoever waits sees how far they have come.

A wave's papers lie in a folder of the data folder. One process at a time makes them, under a lock
that ends with the process, so that a killed one leaves no paper "being made" for ever. A paper that
fails says why and leaves the others standing.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from surveys.office import Office
from surveys.problems import N_, Problem, Refused
from webapp import reports
from webapp.cli.speaking import in_language
from webapp.reports import PAPERS

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Piece:
    """A paper as it lies in the folder.

    Parameters
    ----------
    made_at : datetime or None
        None where it was never made.
    failure : mapping of str to str
        Why the last try failed, by language; empty where it did not.
    """

    name: str
    made_at: dt.datetime | None
    failure: dict[str, str]


@dataclass(frozen=True)
class Progress:
    """How far the making has come: so many of all are done, and one is being made."""

    done: int
    of: int
    name: str


@dataclass(frozen=True)
class Workshop:
    """The papers of one wave."""

    office: Office
    wave: str

    @property
    def folder(self) -> Path:
        return self.office.data / "papers" / self.wave

    def pieces(self, names: Sequence[str]) -> list[Piece]:
        """How each paper stands."""
        return [self._piece(name) for name in names]

    def is_busy(self) -> bool:
        """Whether papers are being made at this moment, by whatever process."""
        with self._turn() as mine:
            return not mine

    def progress(self) -> Progress | None:
        """How far it is; None where nothing is being made."""
        if not self.is_busy():
            return None
        with suppress(FileNotFoundError, ValueError):
            return Progress(**json.loads(self._now.read_text("utf-8")))
        return None

    def file(self, name: str) -> Path:
        """Where a paper lies, once it is made."""
        return self.folder / PAPERS[name].file_of(self.wave)

    def start(self, names: Sequence[str]) -> Thread | None:
        """Make papers in the background; None where someone is at it already."""
        started = Thread(target=self.make, args=(names,), name=f"papers of {self.wave}")
        if self.is_busy():
            return None
        started.daemon = True
        started.start()
        return started

    def make(
        self, names: Sequence[str], progress: Callable[[str], None] = lambda _name: None
    ) -> list[Piece]:
        """Make papers one after another; what fails is noted beside the others."""
        with self._turn() as mine:
            for done, name in enumerate(names if mine else ()):
                self._write(self._now, json.dumps({"done": done, "of": len(names), "name": name}))
                self._make(name)
                progress(name)
        return self.pieces(names)

    def _make(self, name: str) -> None:
        note = self._note(name)
        try:
            made = reports.make(self.office, name, self.wave)
        except Refused as refused:
            self._write(note, json.dumps(_said(refused.problems), ensure_ascii=False))
            return
        except Exception:
            _log.exception("paper %s of wave %s", name, self.wave)
            fault = Problem(N_("Something went wrong here; the server's log has the particulars."))
            self._write(note, json.dumps(_said([fault]), ensure_ascii=False))
            return
        part = self.folder / f".{name}.part"
        part.write_bytes(made)
        part.replace(self.file(name))
        note.unlink(missing_ok=True)

    def _piece(self, name: str) -> Piece:
        made_at, failure = None, {}
        with suppress(FileNotFoundError):
            changed = self.file(name).stat().st_mtime
            made_at = dt.datetime.fromtimestamp(changed, dt.UTC)
        with suppress(FileNotFoundError):
            failure = json.loads(self._note(name).read_text("utf-8"))
        return Piece(name, made_at, failure)

    @staticmethod
    def _write(file: Path, said: str) -> None:
        """Write whole or not at all: somebody may be reading."""
        part = file.with_suffix(".part")
        part.write_text(said, "utf-8")
        part.replace(file)

    @property
    def _now(self) -> Path:
        return self.folder / ".now.json"

    def _note(self, name: str) -> Path:
        return self.folder / f"{name}.failed.json"

    @contextmanager
    def _turn(self) -> Iterator[bool]:
        """Whether this process may work: the lock is its own until the end of the block."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(handle)


def _said(problems: Sequence[Problem]) -> dict[str, str]:
    """The problems in every language, since whoever reads them is not here yet."""
    return {
        language: "\n".join(in_language(problem, language) for problem in problems)
        for language in ("zh", "en")
    }
