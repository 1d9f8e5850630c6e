"""What is wrong with a design, a column or a request, said in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Translate = Callable[[str], str]


def N_(text: str) -> str:  # noqa: N802
    """Mark a text for the translation catalogues; it is translated where it is shown."""
    return text


@dataclass(frozen=True)
class Phrase:
    """A part of a sentence that is translated with it.

    Parameters
    ----------
    text : str
        English template, marked by :func:`N_` where it is written.
    params : mapping of str to object
    """

    text: str
    params: Mapping[str, object] = field(default_factory=dict)

    def said(self, translate: Translate, language: str = "") -> str:
        """Return the phrase in the words of a catalogue."""
        return translate(self.text) % {
            name: value.said(translate, language) if isinstance(value, Phrase) else value
            for name, value in self.params.items()
        }

    def __str__(self) -> str:
        return self.said(str)


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

    def said(self, translate: Translate) -> str:
        """Return the sentence in the words of a catalogue."""
        return (
            Phrase(self.text, self.params).said(translate) if self.params else translate(self.text)
        )


def name_rows(rows: NDArray[np.bool_] | NDArray[np.intp], most: int = 5) -> Phrase:
    """Name rows, counted from 1 below the header, for a person to look up.

    Parameters
    ----------
    rows : array of bool (a mask over all rows) or of int (row numbers from 0)
    most : int
        How many to spell out.

    Examples
    --------
    >>> print(name_rows(np.array([False, True, True])))
    rows 2, 3
    >>> print(name_rows(np.arange(7)))
    rows 1, 2, 3, 4, 5 and 2 more
    """
    numbers = np.flatnonzero(rows) if rows.dtype == bool else np.asarray(rows)
    said: dict[str, object] = {"rows": ", ".join(str(number + 1) for number in numbers[:most])}
    if len(numbers) > most:
        text = N_("rows %(rows)s and %(more)d more")
        return Phrase(text, said | {"more": len(numbers) - most})
    return Phrase(N_("row %(rows)s") if len(numbers) == 1 else N_("rows %(rows)s"), said)


def unknown_column(column: str, names: Sequence[str]) -> DesignError:
    """Say that there is no such column, and which there are."""
    return DesignError(
        "There is no column %(column)s; there are %(columns)s.",
        column=column, columns=", ".join(map(str, names)),
    )  # fmt: skip
