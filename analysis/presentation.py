"""How results show themselves: as text tables, Arrow, pandas, JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any


class Presented:
    """A result that has a table; everything else it shows follows from that."""

    to_arrow: Callable[..., Any]
    """Return the result as a ``pyarrow.Table``."""

    def to_pandas(self, **options: Any) -> Any:
        """Return the table as a pandas frame (pandas must be installed)."""
        return self.to_arrow(**options).to_pandas()

    def table(self, **options: Any) -> str:
        """Return the table as plain text."""
        columns = self.to_arrow(**options).to_pydict()
        shown = {name: [shown_as(value) for value in values] for name, values in columns.items()}
        widths = [max(map(len, [name, *values])) for name, values in shown.items()]
        rows = [tuple(shown), *zip(*shown.values(), strict=True)]
        lines = ("  ".join(map(str.ljust, row, widths)) for row in rows)
        return "\n".join(line.rstrip() for line in lines)

    def records(self, **options: Any) -> list[dict[str, Any]]:
        """Return the rows as plain dicts; what is not known is ``None``."""
        rows = self.to_arrow(**options).to_pylist()
        return [{name: finite(value) for name, value in row.items()} for row in rows]

    def to_json(self, **options: Any) -> str:
        """Return :meth:`records` as JSON."""
        return json.dumps(self.records(**options), ensure_ascii=False)

    def __str__(self) -> str:
        return self.table()


def finite(value: Any) -> Any:
    """Return a number, or ``None`` where it is none that JSON could hold."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def shown_as(value: object) -> str:
    """Write a cell of a table: six digits, nothing where nothing is known."""
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else ""
    return str(value)
