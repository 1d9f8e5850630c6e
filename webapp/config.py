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
    contact : str
        Whom residents may ask: an office and its telephone number, as residents read it.
    retention : int or None
        For how many months after a survey its answers are kept.
    """

    data: Path = Path("var")
    database_url: str | None = None
    public_url: str = "http://127.0.0.1:8000"
    proxies: int = 0
    contact: str = ""
    retention: int | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the variables; a malformed one is refused by name.

        >>> Settings.from_environment({"MINYI_PUBLIC_URL": "https://survey.example/"}).public_url
        'https://survey.example'
        """
        public_url = (environ.get("MINYI_PUBLIC_URL") or cls.public_url).rstrip("/")
        if not public_url.startswith(("http://", "https://")):
            problem = N_("This must be an address that begins with http:// or https://.")
            raise Refused(Problem(problem, where="MINYI_PUBLIC_URL"))
        return cls(
            data=Path(environ.get("MINYI_DATA") or "var").absolute(),
            database_url=environ.get("MINYI_DATABASE_URL") or None,
            public_url=public_url,
            proxies=_whole(environ, "MINYI_PROXIES") or 0,
            contact=(environ.get("MINYI_CONTACT") or "").strip(),
            retention=_whole(environ, "MINYI_RETENTION"),
        )

    def warnings(self) -> list[Problem]:
        """What residents should be told and is not set."""
        whom = N_("Residents are not told whom they may ask; the administrator sets it.")
        how_long = N_(
            "Residents are not told how long answers are kept; the administrator sets it."
        )
        blanks = (
            (self.contact, "MINYI_CONTACT", whom),
            (self.retention, "MINYI_RETENTION", how_long),
        )
        return [Problem(text, where=name) for value, name, text in blanks if not value]

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")


def _whole(environ: Mapping[str, str], name: str) -> int | None:
    """The number of a variable, None where it is blank."""
    text = environ.get(name) or ""
    if text and not text.isdecimal():
        raise Refused(Problem(N_("This must be a whole number."), where=name))
    return int(text) if text else None
