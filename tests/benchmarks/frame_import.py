"""A list of addresses: how many rows a second are checked, sealed and stored."""

from __future__ import annotations

import os
import tempfile
import time
from io import BytesIO
from pathlib import Path

from surveys import areas
from surveys.office import Office
from surveys.sampling import frames

ROWS = int(os.environ.get("ROWS", "1000000"))
COMMUNITIES = 136  # of a district
DOORS = 48  # in a building


def address_list(rows: int = ROWS) -> bytes:
    """A list of so many addresses, spelled as a property manager would."""
    lines = ["社区,网格,住房类型,地址"]
    for row in range(rows):
        community, number = row % COMMUNITIES, row // COMMUNITIES
        building, door = divmod(number, DOORS)
        unit, flat = divmod(door, 12)
        lines.append(
            f"c-{community:03},第{building // 10 + 1}网格,{frames.HOUSING[community % 5]},"
            f"阳光小区{building + 1}号楼{unit + 1}单元{flat // 2 + 1}0{flat % 2 + 1}室"
        )
    return "\n".join(lines).encode()


def measure() -> str:
    """A table: the list into an empty frame, and the same list again."""
    lines = ["| List | Addresses | Seconds | Rows a second |", "|---|---|---|---|"]
    data = address_list()
    with tempfile.TemporaryDirectory() as folder:
        office = Office.open(Path(folder), os.environ.get("MINYI_DATABASE_URL"))
        office.migrate()
        with office.database.write() as session:
            top = areas.add(session, "district", "某区", "", "district")
            for number in range(COMMUNITIES):
                areas.add(session, f"c-{number:03}", f"社区{number}", "", "community", top)
        for name in ("new", "again"):
            start = time.perf_counter()
            with office.database.write() as session:
                result = frames.import_list(session, office.keys, BytesIO(data))
            seconds = time.perf_counter() - start
            assert result.added + result.unchanged == ROWS
            lines.append(f"| {name} | {ROWS:,} | {seconds:.1f} | {ROWS / seconds:,.0f} |")
        office.database.engine.dispose()
    return "\n".join(lines)
