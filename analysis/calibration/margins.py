"""Margins: known population totals, and what the sample holds against them.

A margin is one column (or several crossed) with the population of each category, a numeric column
with its population total, or ``""`` with the size of the population.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.cells import Key
from analysis.columns import text_of
from analysis.problems import DesignError

Floats = NDArray[np.float64]

#: How far sums of margins may differ, relative: what adding up shares in floats leaves.
ROUNDING = 1e-10

#: Totals may be whole numbers of any size, fractions, decimals or floats:
#: ``{"sex": {"f": 510, "m": 490}, ("sex", "age"): {("f", "18-24"): 40, …}, "income": 1e6}``
Margins = Mapping[str | tuple[str, ...], Mapping[Any, Any] | Any]


@dataclass(frozen=True)
class Block:
    """The columns of the auxiliary matrix that belong to one margin."""

    name: str
    labels: tuple[str, ...]
    columns: slice
    category: NDArray[np.intp] | None  # of each class; None for a number


@dataclass(frozen=True)
class Auxiliary:
    """Margins laid out over the calibration classes.

    Parameters
    ----------
    matrix : array, shape (classes, p)
        The auxiliary values x of a respondent of each class.
    totals : array, shape (p,)
        Their population totals.
    blocks : tuple of Block
    """

    matrix: Floats
    totals: Floats
    blocks: tuple[Block, ...]

    def worst(self, reached: Floats) -> tuple[str, str, float]:
        """Return margin, category and relative misfit where the totals reached are farthest off."""
        gap = np.abs(reached - self.totals) / np.maximum(np.abs(self.totals), 1e-300)
        at = int(np.nanargmax(gap))
        block = next(block for block in self.blocks if at < block.columns.stop)
        return block.name, block.labels[at - block.columns.start], float(gap[at])


def columns_of(margins: Margins) -> tuple[str, ...]:
    """Return every column the margins speak of, once."""
    named = [name for key in margins for name in ((key,) if isinstance(key, str) else key) if name]
    return tuple(dict.fromkeys(named))


def lay_out(margins: Margins, classes: Key) -> Auxiliary:
    """Set margins against the classes that occur in the sample.

    Raises
    ------
    DesignError
        Naming the margin: a category without total, without respondents, with a total that is no
        population; or two margins whose totals disagree.
    """
    if not margins:
        raise DesignError("There are no margins to calibrate to.")
    blocks: list[Block] = []
    parts: list[Floats] = []
    totals: list[Fraction] = []
    for key, margin in margins.items():
        start = len(totals)
        if isinstance(margin, Mapping):
            labels, category = _categories(key, margin, classes)
            parts.append((category[:, None] == np.arange(len(labels))).astype(float))
            totals += [_total(key, label, total) for label, total in margin.items()]
        else:
            labels, category = ("",), None
            ones = np.ones((len(classes), 1))
            parts.append(ones if key == "" else _numbers(str(key), classes))
            totals.append(_total(key, "", margin, counted=key == ""))
        blocks.append(Block(_named(key), labels, slice(start, len(totals)), category))
    _check_agreement(blocks, totals)
    return Auxiliary(np.hstack(parts), np.array(totals, float), tuple(blocks))


def _categories(
    key: str | tuple[str, ...], margin: Mapping[Any, Any], classes: Key
) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    columns = (key,) if isinstance(key, str) else key
    codes = [(code,) if not isinstance(code, tuple) else code for code in margin]
    wanted = {tuple(map(text_of, code)): place for place, code in enumerate(codes)}
    found = list(zip(*(classes.values(column) for column in columns), strict=True))
    category = np.empty(len(found), np.intp)
    for at, code in enumerate(found):
        if None in code:
            raise DesignError("Margin %(margin)s: some respondents miss it.", margin=_named(key))
        place = wanted.get(tuple(map(text_of, code)))
        if place is None:
            raise DesignError(
                "Margin %(margin)s has no total for %(category)s, which the sample holds.",
                margin=_named(key), category="/".join(map(text_of, code)),
            )  # fmt: skip
        category[at] = place
    labels = tuple("/".join(code) for code in wanted)
    empty = np.setdiff1d(np.arange(len(labels)), category)
    if len(empty):
        raise DesignError(
            "Margin %(margin)s: no respondent holds %(category)s. Join it with another category.",
            margin=_named(key), category=labels[empty[0]],
        )  # fmt: skip
    return labels, category


def _numbers(column: str, classes: Key) -> Floats:
    try:
        numbers = classes.values(column).astype(float)
    except (TypeError, ValueError):
        numbers = np.array([np.nan])
    if np.isnan(numbers).any():
        raise DesignError("Margin %(margin)s must be a number for everyone.", margin=column)
    return np.asarray(numbers[:, None], float)


def _total(
    key: str | tuple[str, ...], label: object, total: Any, *, counted: bool = True
) -> Fraction:
    """Return a total exactly, whatever kind of number it came as; of people it is above 0."""
    try:
        exact = Fraction(total.item() if isinstance(total, np.generic) else total)
    except (TypeError, ValueError, OverflowError):
        raise DesignError(
            "Margin %(margin)s: the total %(total)s of %(category)s is no number.",
            margin=_named(key), category=label, total=total,
        ) from None  # fmt: skip
    if counted and exact <= 0:
        raise DesignError(
            "Margin %(margin)s: the total of %(category)s is %(total)s; it must be above 0.",
            margin=_named(key), category=label, total=total,
        )  # fmt: skip
    return exact


def _check_agreement(blocks: list[Block], totals: list[Fraction]) -> None:
    """Refuse margins that sum to different populations; the sums are exact, so none overflows."""
    sums = [
        (block.name, sum(totals[block.columns], Fraction(0)))
        for block in blocks
        if block.category is not None or block.name == "everyone"
    ]
    for name, size in sums[1:]:
        if abs(size - sums[0][1]) > ROUNDING * size:
            raise DesignError(
                "Margins %(one)s and %(other)s contradict each other: they sum to %(first)s and "
                "%(second)s.",
                one=sums[0][0], other=name,
                first=f"{float(sums[0][1]):.15g}", second=f"{float(size):.15g}",
            )  # fmt: skip


def _named(key: str | tuple[str, ...]) -> str:
    return " × ".join(key) if isinstance(key, tuple) else key or "everyone"
