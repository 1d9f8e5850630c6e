"""``minyi margins``."""

from __future__ import annotations

from pathlib import Path

from surveys.office import Office
from tests.support import record
from tests.webapp.cli.conftest import Minyi


def test_margins_are_imported_and_checked(
    minyi: Minyi, sqlite_office: Office, tmp_path: Path
) -> None:
    with sqlite_office.database.write() as session:
        record.township(session)
    file = tmp_path / "margins.csv"
    file.write_text("area,adults\neast,100\nwest,50\nhekou,150\n")
    words = ("margins", "import", str(file), "--source", "census", "--as-of", "2025-12-31")
    assert minyi(*words).output == "3 margins are stored.\n"
    assert minyi("margins", "check").output == "The margins fit together.\n"
    file.write_text("area,adults\nhekou,160\n")
    minyi(*words)
    assert minyi("margins", "check", status=1).output == (
        "hekou 河口镇: all adults: 160 are given, the places within add up to 150.\n"
    )
