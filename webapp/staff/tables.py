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
        writer.writerow(row)
    response = Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    return response
