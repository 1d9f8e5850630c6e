"""The schema's history, run by Alembic without a file of settings: the package knows its place."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from surveys.database import Database


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema forward, in one transaction on both engines."""
    with database.schema_connection() as connection:
        command.upgrade(configuration(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the schema back; ``base`` is the empty database."""
    with database.schema_connection() as connection:
        command.downgrade(configuration(connection), revision)


def is_current(database: Database) -> bool:
    """Whether the schema is what this release expects."""
    with database.read_connection() as connection:
        heads = ScriptDirectory.from_config(configuration(connection)).get_heads()
        return set(MigrationContext.configure(connection).get_current_heads()) == set(heads)


def configuration(connection: Connection) -> Config:
    """Alembic's settings, for a connection whose transaction the caller holds."""
    config = Config()
    folder = str(Path(__file__).parent).replace("%", "%%")  # the settings interpolate
    config.set_main_option("script_location", folder)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
