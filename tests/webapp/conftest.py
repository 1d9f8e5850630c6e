"""The doors are tested on SQLite; what the record promises is tested on both engines elsewhere."""

from __future__ import annotations

import pytest

from surveys.office import Office


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    """The office of ``app`` and ``client``."""
    return sqlite_office
