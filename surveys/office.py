"""The office: one data folder with its database and its keys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from surveys import tables  # noqa: F401  (whoever has an office has every table)
from surveys.database import Database
from surveys.keys import Keys


@dataclass(frozen=True)
class Office:
    """Where everything of one office lies.

    Parameters
    ----------
    data : Path
        The folder to back up: database, keys, snapshots.
    database : Database
        The SQLite file in the folder, or a PostgreSQL elsewhere.
    keys : Keys
        Read from ``data/keys``.
    """

    data: Path
    database: Database
    keys: Keys

    @classmethod
    def open(cls, data: Path, url: str | None = None) -> Office:
        """Open a data folder, which is made when it is missing; the schema is left as it is."""
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = Database(url or f"sqlite:///{data / 'minyi.sqlite'}")
        return cls(data, database, Keys.load(data / "keys"))

    @property
    def snapshots(self) -> Path:
        """The folder of the locked waves' files."""
        return self.data / "snapshots"

    @property
    def sealing_keys(self) -> Path:
        """The folder of the keys that open the phones' interviews, one per wave."""
        return self.data / "keys" / "waves"

    def migrate(self) -> None:
        """Make the schema what this release expects. Nothing happens when it already is."""
        import migrations  # noqa: PLC0415  (Alembic is needed only here)

        migrations.upgrade(self.database)

    def is_ready(self) -> bool:
        """Whether the schema is what this release expects."""
        import migrations  # noqa: PLC0415

        return migrations.is_current(self.database)
