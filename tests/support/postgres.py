"""A PostgreSQL cluster of the tests' own: made, started and removed by them."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.server import free_port

# What a test database can do without: it need not survive a power cut.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
MISSING = (
    "The tests need PostgreSQL. Install it (apt-get install postgresql) or name a server in "
    "MINYI_TEST_POSTGRES_URL."
)


@dataclass(frozen=True)
class Cluster:
    """A cluster in a folder. ``initdb`` refuses root, so root runs it as the user ``postgres``.

    Parameters
    ----------
    folder : Path
        Made by :meth:`start`; its parents are opened for that user to pass.
    durable : bool
        With fsync, for tests that pull the plug.
    """

    folder: Path
    durable: bool = False

    @property
    def url(self) -> str:
        port = (self.folder / "port").read_text()
        return f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        """Make the cluster where there is none yet, and start it; returns when it answers."""
        if not self._data.exists():
            self.folder.mkdir(parents=True)
            (self.folder / "port").write_text(str(free_port()))
            if os.geteuid() == 0:
                self.folder.parent.chmod(0o755)
                shutil.chown(self.folder, "postgres")
            settings = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C")
            self._run("initdb", "--no-sync", *settings)
        port = (self.folder / "port").read_text()
        options = [f"-p {port} -h 127.0.0.1 -k {self.folder}", "-c max_connections=200"]
        options += [] if self.durable else [f"-c {setting}" for setting in FAST]
        log = self.folder / "log"
        self._run("pg_ctl", "start", "--wait", f"--log={log}", f"--options={' '.join(options)}")

    def stop(self, mode: str = "fast") -> None:
        """Stop it, if it runs: ``fast`` in good order, ``immediate`` as a crash does."""
        if (self._data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "--wait", f"--mode={mode}")

    def _run(self, program: str, *arguments: str) -> None:
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*as_postgres, _program(program), f"--pgdata={self._data}", *arguments]
        subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL)


def _program(name: str) -> str:
    """The newest installed one; Debian keeps them apart by version and off the path."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda f: int(f.parent.name))
    found = shutil.which(name, path=os.pathsep.join(map(str, reversed(folders))))
    found = found or shutil.which(name)
    if found is None:
        raise RuntimeError(MISSING)
    return found
