"""Files as rows of cells, each row with its number: CSV in the encodings offices use, workbooks."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from surveys.problems import N_, Problem, Refused

Line = tuple[int, tuple[str, ...]]  # its number as editors and spreadsheets count; its cells

WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how .xlsx and .xls begin
MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
RARE = 0.2  # more than this beyond GB 2312: the bytes were never meant as GB 18030
SAMPLE = 200_000  # characters that tell which encoding it is
DELIMITERS = ",\t;"


@dataclass(frozen=True)
class Grid:
    """A table as it stands in the file: what is not blank, and ranges that were merged."""

    lines: list[Line]
    name: str = ""  # of the sheet; a text has none
    merged: tuple[str, ...] = ()  # "A3:A5"


def read(data: bytes, filename: str = "") -> list[Grid]:
    """The sheets of a workbook that have something in them, or the one table of a CSV text.

    What the file is, its first bytes say: exports are often named for what they are not.

    Raises
    ------
    Refused
        It is empty, or can be read neither as a workbook nor as CSV.
    """
    found = _workbook(data, filename) if data.startswith(WORKBOOKS) else [_text(data, filename)]
    grids = [grid for grid in found if grid.lines]
    if not grids:
        raise Refused(Problem(N_("The list is empty."), where=filename))
    return grids


def _filled(rows: Iterable[tuple[int, list[str]]]) -> list[Line]:
    """The lines that are not blank. A text that stands in many of them is kept once."""
    same: dict[str, str] = {}
    keep = same.setdefault
    lines = []
    for number, row in rows:
        cells = tuple([keep(cell, cell) for cell in map(str.strip, row)])
        if any(cells):
            lines.append((number, cells))
    return lines


# ---- CSV -----------------------------------------------------------------------------------------


def _text(data: bytes, filename: str) -> Grid:
    text = decode(data, filename)
    heading = text[: text.find("\n") if "\n" in text else None]
    delimiter = max(DELIMITERS, key=heading.count)  # a comma where there is none of them
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return Grid(_filled((reader.line_num, cells) for cells in reader))
    except csv.Error as error:
        problem = N_("Line %(line)d cannot be read as CSV: %(reason)s.")
        params = {"line": reader.line_num, "reason": error}
        raise Refused(Problem(problem, params, filename)) from None


def decode(data: bytes, filename: str = "") -> str:
    """The text of a file: UTF-8 with or without its mark, UTF-16 with it, GB 18030.

    Nearly any bytes can be read as GB 18030. What comes out must be ordinary Chinese, or the file
    is refused: a list of wrong characters would be worse than none.

    Examples
    --------
    >>> decode("社区".encode("gb18030")), decode("社区".encode("utf-16"))
    ('社区', '社区')
    """
    encodings = [name for mark, name in MARKS if data.startswith(mark)] or ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and (encoding != "gb18030" or _is_ordinary_chinese(text)):
            return text
    odd = N_("This text is neither in UTF-8 nor in GB 18030. Save the list as “CSV UTF-8”.")
    raise Refused(Problem(odd, where=filename))


def _is_ordinary_chinese(text: str) -> bool:
    foreign = list(itertools.islice((sign for sign in text if sign > "\x7f"), SAMPLE))
    if any(unicodedata.category(sign) in ("Cc", "Cn", "Co") for sign in set(foreign)):
        return False
    rare = sum(not sign.encode("gb2312", "ignore") for sign in foreign)
    return rare <= RARE * len(foreign)


# ---- workbooks -----------------------------------------------------------------------------------


def _workbook(data: bytes, filename: str) -> list[Grid]:
    import python_calamine as calamine  # noqa: PLC0415  (only where a workbook is read)

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        return [_sheet(name, book.get_sheet_by_name(name)) for name in book.sheet_names]
    except (calamine.CalamineError, OSError, ValueError) as error:
        problem = N_("This is no workbook that can be read (%(reason)s). Save it as .xlsx.")
        raise Refused(Problem(problem, {"reason": error}, filename)) from None


def _sheet(name: str, sheet: Any) -> Grid:
    left = [""] * (sheet.start[1] if sheet.start else 0)  # columns that are empty to the end
    rows = (left + list(map(_cell, row)) for row in sheet.iter_rows())
    merged = tuple(
        f"{letters(left)}{top + 1}:{letters(right)}{bottom + 1}"
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    )
    return Grid(_filled(enumerate(rows, start=1)), name, merged)


def letters(place: int) -> str:
    """A column's letters.

    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    before, last = divmod(place, 26)
    return (letters(before - 1) if before else "") + chr(ord("A") + last)


def _cell(value: object) -> str:
    """A cell as people see it: whole numbers without a point, days without their midnight."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)
