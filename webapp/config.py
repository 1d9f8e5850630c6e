"""Settings, read once from ``MINYI_*`` variables. docs/operators.md says what each is for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from surveys.problems import N_, Problem, Refused


@dataclass(frozen=True)
class Settings:
    """What an office decides about its own installation.

    Parameters
    ----------
    data : Path
        Folder of the database, the keys and the snapshots.
    database_url : str or None
        SQLAlchemy address of a PostgreSQL; None means the SQLite file in ``data``.
    public_url : str
        What QR codes and slips say, without a slash at the end.
    proxies : int
        How many proxies in front of the server are trusted to name the client.
    """

    data: Path = Path("var")
    database_url: str | None = None
    public_url: str = "http://127.0.0.1:8000"
    proxies: int = 0

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the variables; a malformed one is refused by name.

        >>> Settings.from_environment({"MINYI_PUBLIC_URL": "https://survey.example/"}).public_url
        'https://survey.example'
        """
        proxies = environ.get("MINYI_PROXIES") or "0"
        if not proxies.isdecimal():
            raise Refused(Problem(N_("This must be a whole number."), where="MINYI_PROXIES"))
        public_url = (environ.get("MINYI_PUBLIC_URL") or cls.public_url).rstrip("/")
        if not public_url.startswith(("http://", "https://")):
            problem = N_("This must be an address that begins with http:// or https://.")
            raise Refused(Problem(problem, where="MINYI_PUBLIC_URL"))
        return cls(
            data=Path(environ.get("MINYI_DATA") or "var").absolute(),
            database_url=environ.get("MINYI_DATABASE_URL") or None,
            public_url=public_url,
            proxies=int(proxies),
        )

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")
