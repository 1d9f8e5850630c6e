"""Lists that offices send: CSV with Chinese or English headings, every fault named at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from surveys.keys import plain
from surveys.problems import N_, Problem, Refused


@dataclass(frozen=True)
class Column:
    """A column by its name here, and the other headings people give it."""

    name: str
    headings: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True)
class Row:
    """One line of the list; every column has a text, the empty one when there is no such cell."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def problem(self, text: str, **params: object) -> Problem:
        """A problem of this line."""
        where = N_("Line %(line)d: %(problem)s")
        return Problem(where, {"line": self.line, "problem": Problem(text, params)})


def read(file: IO[bytes], columns: Sequence[Column]) -> list[Row]:
    """Read a list; columns that were not asked for are left alone, blank lines are skipped.

    Raises
    ------
    Refused
        The file is no UTF-8 text, no CSV, or lacks a column.

    Examples
    --------
    >>> rows = read(io.BytesIO("社区,门牌\\ndemo-01,3-501".encode()), [Column("place", ("社区",))])
    >>> rows[0].line, rows[0]["place"]
    (2, 'demo-01')
    """
    try:
        reader = csv.reader(io.StringIO(file.read().decode("utf-8-sig"), newline=""), strict=True)
        lines = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except UnicodeDecodeError:
        raise Refused(Problem(N_("This is no UTF-8 text. Save the list as “CSV UTF-8”."))) from None
    except csv.Error as error:
        problem = N_("Line %(line)d cannot be read as CSV: %(reason)s.")
        raise Refused(Problem(problem, {"line": reader.line_num, "reason": error})) from None
    if not lines:
        raise Refused(Problem(N_("The list is empty.")))
    places = _places(lines[0][1], columns)
    return [
        Row(line, {name: cells[at].strip() if at < len(cells) else "" for name, at in places})
        for line, cells in lines[1:]
    ]


def _places(header: list[str], columns: Sequence[Column]) -> list[tuple[str, int]]:
    """Where each column stands; one that may be missing and is, stands beyond the end."""
    at = {plain(heading): place for place, heading in reversed(list(enumerate(header)))}
    places, problems = [], []
    for column in columns:
        found = [at[plain(h)] for h in (column.name, *column.headings) if plain(h) in at]
        if not found and column.required:
            params = {"names": " / ".join((column.name, *column.headings))}
            problems.append(Problem(N_("There is no column %(names)s in the first line."), params))
        places.append((column.name, found[0] if found else len(header) + 10_000))
    if problems:
        raise Refused(*problems)
    return places
