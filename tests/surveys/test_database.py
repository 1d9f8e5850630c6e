"""The one way to write, on both engines."""

from __future__ import annotations

import sqlalchemy as sa

from surveys.areas import Area
from surveys.database import Database


def test_a_migrated_database_is_there(database: Database) -> None:
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Area)) == 0
