"""Lists that offices send: rows under Chinese or English headings, every fault named at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, overload

from surveys import grids
from surveys.grids import Grid
from surveys.keys import plain
from surveys.problems import N_, Problem, Refused

Progress = Callable[[int, int], None]  # rows done, of how many


@dataclass(frozen=True)
class Column:
    """A column by its name here, and the other headings people give it."""

    name: str
    headings: tuple[str, ...] = ()
    required: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.headings)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list; every column has a text, the empty one when there is no such cell."""

    line: int
    cells: Sequence[str]
    places: Mapping[str, int]  # of the columns, the same for every row

    def __getitem__(self, column: str) -> str:
        place = self.places[column]
        return self.cells[place] if place < len(self.cells) else ""

    def problem(self, text: str, **params: object) -> Problem:
        """A problem of this line."""
        return in_line(self.line, Problem(text, params))


@dataclass(frozen=True)
class Rows(Sequence[Row]):
    """The lines below the headings; a million of them are kept as bare cells."""

    lines: Sequence[grids.Line] = field(repr=False)
    places: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Row]:
        return (Row(line, cells, self.places) for line, cells in self.lines)

    @overload
    def __getitem__(self, which: int) -> Row: ...
    @overload
    def __getitem__(self, which: slice) -> Rows: ...
    def __getitem__(self, which: int | slice) -> Row | Rows:
        if isinstance(which, slice):
            return Rows(self.lines[which], self.places)
        return Row(*self.lines[which], self.places)


def in_line(line: int, problem: Problem) -> Problem:
    """The problem with its line before it."""
    return Problem(N_("Line %(line)d: %(problem)s"), {"line": line, "problem": problem})


def read(file: IO[bytes], columns: Sequence[Column], filename: str = "") -> Rows:
    """Read a list; columns that were not asked for are left alone, blank lines are skipped.

    Parameters
    ----------
    file : binary file
        CSV in UTF-8 (with or without its mark), UTF-16 (with it) or GB 18030; or a workbook, of
        whose sheets one has the columns.
    filename : str
        Named where the file as a whole cannot be read.

    Raises
    ------
    Refused
        It cannot be read, lacks a column, has one twice, has merged cells or lines that are longer
        than the first: each is named.

    Examples
    --------
    >>> import io
    >>> rows = read(io.BytesIO("社区,门牌\\ndemo-01,3-501".encode()), [Column("place", ("社区",))])
    >>> rows[0].line, rows[0]["place"]
    (2, 'demo-01')
    """
    grid = _the_one_with(columns, grids.read(file.read(), filename), filename)
    heading, header = grid.lines[0]
    places, problems = _places(heading, header, columns)
    problems += [Problem(MERGED, {"cells": cells}, grid.name) for cells in grid.merged]
    problems += [
        in_line(number, Problem(LONGER, {"line": heading}))
        for number, cells in grid.lines[1:]
        if len(cells) > len(header) and any(cells[len(header) :])
    ]
    if problems:
        raise Refused(*problems)
    return Rows(grid.lines[1:], places)


MERGED = N_("The cells %(cells)s are merged. Unmerge them and fill each of them.")
LONGER = N_("There are more cells than headings in line %(line)d; quote texts with commas.")


def _the_one_with(columns: Sequence[Column], found: Sequence[Grid], filename: str) -> Grid:
    """The sheet that has the columns; if none has, the first, for its faults to be named."""
    fitting = [grid for grid in found if not _places(*grid.lines[0], columns)[1]]
    if len(fitting) > 1:
        names = "、".join(grid.name for grid in fitting)
        several = N_("Several sheets hold such a list: %(names)s. Send one of them.")
        raise Refused(Problem(several, {"names": names}, filename))
    return (fitting or found)[0]


def _places(
    line: int, header: Sequence[str], columns: Sequence[Column]
) -> tuple[dict[str, int], list[Problem]]:
    """Where each column stands; one that may be missing and is, stands beyond any end."""
    headings = [plain(heading) for heading in header]
    places, problems = {}, []
    for column in columns:
        known = set(map(plain, column.names))
        found = [place for place, heading in enumerate(headings) if heading in known]
        if len(found) > 1:
            params = {"names": " / ".join(header[place] for place in found), "line": line}
            problems.append(Problem(N_("%(names)s in line %(line)d mean the same column."), params))
        if not found and column.required:
            params = {"names": " / ".join(column.names), "line": line}
            problems.append(Problem(N_("There is no column %(names)s in line %(line)d."), params))
        places[column.name] = found[0] if found else 1_000_000
    return places, problems
