"""Tables to take away: CSV that a spreadsheet opens with its Chinese intact."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from flask import Response

Row = Mapping[str, object]


def download(filename: str, rows: Iterable[Row]) -> Response:
    """The rows as a file; the byte order mark tells the spreadsheet that it is UTF-8."""
    text = io.StringIO(newline="")
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(text, fieldnames=list(row))
            writer.writeheader()
        writer.writerow({name: _harmless(value) for name, value in row.items()})
    response = Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    return response


def _harmless(value: object) -> object:
    """A cell that no spreadsheet takes for a formula; numbers are numbers, signed ones too.

    >>> _harmless("=1+1"), _harmless("-0.5"), _harmless(-3)
    ("'=1+1", '-0.5', -3)
    """
    if not isinstance(value, str) or not value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value
