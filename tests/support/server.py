"""The production server, started as an office starts it, on a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

MINYI = Path(sys.executable).with_name("minyi")
SERVE = (str(MINYI), "serve", "--port", "{port}")


class Server:
    """``minyi serve`` with a data folder of its own; as a context manager it starts and stops.

    Parameters
    ----------
    data : Path
        The data folder (``MINYI_DATA``); it must already be migrated.
    database_url : str, optional
        ``MINYI_DATABASE_URL``; by default the SQLite file in the data folder.
    command : sequence of str
        What to start instead of ``minyi serve``; ``{port}`` stands for the port.
    """

    def __init__(
        self, data: Path, database_url: str | None = None, command: Sequence[str] = SERVE
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = Path(data) / "server.log"
        self._environment = {**os.environ, "MINYI_DATA": str(data), "MINYI_PUBLIC_URL": self.url}
        self._environment.pop("MINYI_DATABASE_URL", None)
        if database_url:
            self._environment["MINYI_DATABASE_URL"] = database_url
        self._command = [part.format(port=self.port) for part in command]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, patience: float = 180.0) -> None:
        """Start, and return when ``/healthz`` answers; if it never does, raise with the log."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a group of its own: kill() must reach every worker
            )
        deadline = time.monotonic() + patience
        while not self._is_healthy():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the server did not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask for an orderly end, as systemd does, and wait for it."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL the master and every worker at once, as a power cut or the kernel does."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, number)
            self._process.wait(timeout=20)
        except ProcessLookupError:
            self._process.wait()
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            raise
        finally:
            self._process = None

    def _is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def free_port() -> int:
    """A port no one listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
