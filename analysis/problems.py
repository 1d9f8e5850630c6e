"""What is wrong with a design, a column or a request, said in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class DesignError(ValueError):
    """Someone asked for what the data or the design do not carry.

    Parameters
    ----------
    text : str
        English template with ``%(name)s`` places.
    **params
        What goes into the places.

    Examples
    --------
    >>> str(DesignError("There is no column %(column)s.", column="pw"))
    'There is no column pw.'
    """

    def __init__(self, text: str, /, **params: object) -> None:
        super().__init__(text % params if params else text)
        self.text = text
        self.params = params
        self.where = ""


def name_rows(rows: NDArray[np.bool_] | NDArray[np.intp], most: int = 5) -> str:
    """Name rows, counted from 1 below the header, for a person to look up.

    Parameters
    ----------
    rows : array of bool (a mask over all rows) or of int (row numbers from 0)
    most : int
        How many to spell out.

    Examples
    --------
    >>> name_rows(np.array([False, True, True]))
    'rows 2, 3'
    >>> name_rows(np.arange(7))
    'rows 1, 2, 3, 4, 5 and 2 more'
    """
    numbers = np.flatnonzero(rows) if rows.dtype == bool else np.asarray(rows)
    named = ", ".join(str(number + 1) for number in numbers[:most])
    more = f" and {len(numbers) - most} more" if len(numbers) > most else ""
    return f"row{'s' if len(numbers) != 1 else ''} {named}{more}"


def unknown_column(column: str, names: Sequence[str]) -> DesignError:
    """Say that there is no such column, and which there are."""
    return DesignError(
        "There is no column %(column)s; there are %(columns)s.",
        column=column, columns=", ".join(map(str, names)),
    )  # fmt: skip
