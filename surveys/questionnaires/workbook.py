"""A workbook's cells, each knowing where it stands.

The cells are read apart from pyxform, which raises only its first error, drops sheets it does not
know and turns Chinese quotation marks into straight ones.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import python_calamine as calamine
from pyxform.aliases import BINDING_CONVERSIONS

from surveys.grids import letters
from surveys.problems import N_, Problem, Refused

LARGEST = 5_000_000  # bytes

# Other names that XLSForm allows for a column (after pyxform.aliases).
_ALIASES = {
    "relevance": "relevant",
    "caption": "label",
    "command": "type",
    "tag": "name",
    "value": "name",
    "constraining_message": "constraint_message",
    "jr:constraintmsg": "constraint_message",
    "requiredmsg": "required_message",
    "jr:requiredmsg": "required_message",
    "readonly": "read_only",
    "calculate": "calculation",
    "count": "repeat_count",
    "jr:count": "repeat_count",
    "set_form_title": "form_title",
    "title": "form_title",
    "set_form_id": "form_id",
    "id_string": "form_id",
}


@dataclass(frozen=True)
class Header:
    """A column's heading, ``label::English (en)`` for example."""

    text: str
    column: str  # "label"
    language: str  # "English (en)", "" without
    place: int  # 0 is A

    @classmethod
    def of(cls, text: str, place: int) -> Header:
        words = " ".join(text.split())
        base, colons, language = words.partition("::")
        if not colons and not words.lower().startswith("jr:"):
            base, _, language = words.partition(":")
        column = "_".join(base.split()).lower()
        if column in ("bind", "control") and language:  # bind::relevant is relevant
            return replace(cls.of(language, place), text=words)
        return cls(words, _ALIASES.get(column, column), language.strip(), place)


@dataclass(frozen=True)
class Sheet:
    """A sheet: headings in its first row, content below."""

    name: str
    grid: Sequence[Sequence[str]] = ()
    merged: Sequence[int] = ()  # places of headings that are merged with others

    @cached_property
    def headers(self) -> tuple[Header, ...]:
        first = self.grid[0] if self.grid else ()
        return tuple(Header.of(text, place) for place, text in enumerate(first) if text)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The rows with something under a heading."""
        return tuple(self._rows())

    def _rows(self) -> Iterator[Row]:
        for number, cells in enumerate(self.grid[1:], start=2):
            filled = {header: cells[header.place] for header in self.headers if cells[header.place]}
            if filled:
                yield Row(self, number, filled)

    def languages(self, column: str) -> tuple[str, ...]:
        """The languages in which a column is there."""
        return tuple(header.language for header in self.headers if header.column == column)

    def where(self, place: int, number: int = 1) -> str:
        """A cell's address, ``survey!D5``."""
        return f"{self.name}!{letters(place)}{number}"


@dataclass(frozen=True)
class Row:
    """One row of a sheet: what is in it, by heading."""

    sheet: Sheet = field(repr=False)
    number: int  # as the spreadsheet counts
    cells: Mapping[Header, str]

    def __getitem__(self, column: str) -> str:
        """The text of a column in the first language that has one, "" if there is none."""
        return next(
            (text for header, text in self.cells.items() if header.column == column),
            "",
        )

    @property
    def name(self) -> str:
        """Its name; a note without one gets the one that pyxform makes for it."""
        is_note = self["type"] == "note"
        return self["name"] or (f"generated_note_name_{self.number}" if is_note else "")

    def formula(self, column: str) -> str:
        """The expression in a column; as in pyxform, yes and TRUE mean ``true()``."""
        return str(BINDING_CONVERSIONS.get(self[column], self[column]))

    def texts(self, column: str) -> Mapping[str, str]:
        """The texts of a column by the language of its heading."""
        return {
            header.language: text for header, text in self.cells.items() if header.column == column
        }

    def where(self, column: str = "", language: str = "") -> str:
        """The place of a cell, ``survey!D5 (relevant)``, or of the whole row, ``survey!5``."""
        headers = [header for header in self.sheet.headers if header.column == column]
        headers.sort(key=lambda header: header.language != language)
        if not headers:
            return f"{self.sheet.name}!{self.number}"
        return f"{self.sheet.where(headers[0].place, self.number)} ({headers[0].text})"


def read(data: bytes, filename: str) -> Mapping[str, Sheet]:
    """The sheets of a workbook (.xlsx, or .xls) by their names in lower case.

    Raises
    ------
    Refused
        If the file cannot be read.
    """
    if len(data) > LARGEST:
        raise Refused(
            Problem(
                N_("The file has %(given)d bytes; a questionnaire has at most %(most)d."),
                {"given": len(data), "most": LARGEST},
                filename,
            )
        )
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [_sheet(book, name) for name in book.sheet_names]
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise Refused(
            Problem(
                N_("This is no workbook that can be read (%(reason)s). Save it as .xlsx."),
                {"reason": error},
                filename,
            )
        ) from None
    return {sheet.name: sheet for sheet in sheets}


def _sheet(book: calamine.CalamineWorkbook, name: str) -> Sheet:
    sheet = book.get_sheet_by_name(name)
    grid = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    merged = [start[1] for start, _ in sheet.merged_cell_ranges or () if start[0] == 0]
    return Sheet(name.strip().lower(), grid, merged)


def _text(cell: object) -> str:
    """A cell as pyxform reads it: whole numbers without a point, truth as TRUE or FALSE."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\xa0", " ").strip()
