"""Cells: what one pass over the rows leaves of them, enough for every estimate afterwards.

Rates, means, totals and ratios are linear in sums per sampling unit, so rows are read once and
summed into cells. A cell is one combination of sampling unit, domain and calibration class; what
is summed are *moments*: products of a power of the weight with a few factors of one respondent.

Factors are written ``y0`` (numerator of variable 0), ``x0`` (its denominator) and ``r0`` (1 in its
base). So ``(1, ("y0",))`` is Σw·y, ``(2, ("y0", "y0"))`` is Σw²·y², ``(0, ("r0",))`` counts the
base and ``(1, ())`` is Σw of everyone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.blocks import BLOCK, Codes, blocks, grouped, narrow
from analysis.columns import compress, text_of
from analysis.variables import Variable

Moment = tuple[int, tuple[str, ...]]

#: Stands for the row itself among the units of a pass: every respondent is a unit of its own.
ROW = "\0row"


@dataclass(frozen=True)
class Pass:
    """One description of the pass over the rows, for every engine.

    Parameters
    ----------
    units, domains, classes : tuple of str
        Columns whose combinations make the cells: the design above the respondent, the domains
        asked for, the calibration classes.
    weight : str, optional
        The weight's column; without it every weight is 1.
    variables : tuple of Variable
    moments : tuple of Moment
        What to sum.
    """

    units: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    weight: str | None = None
    variables: tuple[Variable, ...] = ()
    moments: tuple[Moment, ...] = ()


@dataclass(frozen=True)
class Key:
    """The combinations that occur of some columns.

    Parameters
    ----------
    columns : tuple of str
    levels : tuple of list
        The distinct values of each column, sorted, missing last.
    index : array of int, shape (combinations, columns)
        Which level each combination holds.
    """

    columns: tuple[str, ...]
    levels: tuple[list[Any], ...]
    index: Codes

    def __len__(self) -> int:
        return len(self.index)

    def values(self, column: str) -> NDArray[np.object_]:
        """Return the column's value in each combination."""
        at = self.columns.index(column)
        return np.array([*self.levels[at], None], object)[self.index[:, at]]

    def texts(self) -> list[dict[str, str]]:
        """Return each combination as ``{column: code}``."""
        spelt = [[text_of(level) for level in levels] for levels in self.levels]
        return [
            {name: spelt[at][row[at]] for at, name in enumerate(self.columns)}
            for row in self.index.tolist()
        ]

    def narrowed(self, keep: int) -> tuple[Codes, Key]:
        """Return the key of the first ``keep`` columns, and each combination's place in it."""
        sizes = [len(levels) for levels in self.levels[:keep]]
        codes, index = combine(list(self.index[:, :keep].T), sizes, len(self))
        return codes, Key(self.columns[:keep], self.levels[:keep], index)

    def complete(self) -> NDArray[np.bool_]:
        """Return which combinations hold no missing value."""
        full = np.ones(len(self), bool)
        for at, levels in enumerate(self.levels):
            if levels and levels[-1] is None:
                full &= self.index[:, at] != len(levels) - 1
        return full


class Engine(Protocol):
    """Reads the rows.

    A pass refuses, naming rows, weights that are missing, negative or infinite, and values of a
    rate that are neither 0 nor 1.
    """

    names: list[str]

    def collapse(self, wanted: Pass) -> Cells:
        """Run the pass."""

    def check_weights(self, columns: Sequence[str]) -> None:
        """Refuse columns that are no weights before their pass."""

    def inside(self, variable: Variable) -> NDArray[np.bool_]:
        """Return which rows are in the base of a variable."""

    def places(self, columns: tuple[str, ...]) -> NDArray[np.intp]:
        """Return each row's place among the combinations of some columns, as in a pass's key."""

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Return a column as floats."""


@dataclass(frozen=True)
class Cells:
    """The sums of one pass, one entry per occurring combination of unit, domain and class.

    Parameters
    ----------
    unit, domain, klass : array of int, shape (cells,)
        Places in ``units``, ``domains``, ``classes``.
    units, domains, classes : Key
    sums : mapping of Moment to array, shape (cells,)
    algebra : Algebra
        The rules that make equal products equal.
    """

    unit: Codes
    domain: Codes
    klass: Codes
    units: Key
    domains: Key
    classes: Key
    sums: dict[Moment, NDArray[np.float64]]
    algebra: Algebra
    _by_domain: dict[Moment, NDArray[np.float64]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.unit)

    def sum(self, power: int, *factors: str) -> NDArray[np.float64]:
        """Return Σ w^power · factors in each cell."""
        return self.sums[self.algebra.moment(power, *factors)]

    def by_domain(self, power: int, *factors: str) -> NDArray[np.float64]:
        """Return Σ w^power · factors in each domain."""
        moment = self.algebra.moment(power, *factors)
        if moment not in self._by_domain:
            self._by_domain[moment] = grouped(self.domain, len(self.domains), self.sums[moment])
        return self._by_domain[moment]

    def weighted(self, factor: NDArray[np.float64]) -> Cells:
        """Multiply the weights in each cell by its factor; powers of the weight follow."""
        powers = {0: np.ones(1), 1: factor, 2: factor**2}
        return self.with_sums({m: s * powers[m[0]] for m, s in self.sums.items()})

    def with_sums(self, sums: dict[Moment, NDArray[np.float64]]) -> Cells:
        """Return the same cells with other sums."""
        return replace(self, sums=sums, _by_domain={})

    def merged(self, keep: int) -> Cells:
        """Forget all but the first ``keep`` of the classes' columns, and merge what is then one."""
        place, classes = self.classes.narrowed(keep)
        sizes = [len(self.units), len(self.domains), len(classes)]
        coded = [self.unit, self.domain, place[self.klass]]
        cell, index = combine(coded, sizes, len(self))
        sums = {moment: grouped(cell, len(index), values) for moment, values in self.sums.items()}
        unit, domain, klass = index.T
        return replace(
            self, unit=unit, domain=domain, klass=klass, classes=classes, sums=sums, _by_domain={}
        )


@dataclass(frozen=True)
class Algebra:
    """Simplifies products of factors, so that nothing is summed twice.

    y and x are 0 outside the base, so r·y = y; indicators are their own squares; where everyone
    is in the base, r = 1; variables with one base share its r.

    Parameters
    ----------
    variables : tuple of Variable
    complete : tuple of bool
        Whether everyone is in the base of each.
    alike : tuple of int, optional
        The first variable known to have the same base as each; by default each its own.

    Examples
    --------
    >>> rules = Algebra((Variable("rate", "aware"),), (True,))
    >>> rules.moment(2, "y0", "y0"), rules.moment(1, "r0"), rules.moment(1, "r0", "y0")
    ((2, ('y0',)), (1, ()), (1, ('y0',)))
    """

    variables: tuple[Variable, ...]
    complete: tuple[bool, ...]
    alike: tuple[int, ...] = ()
    _known: dict[Moment, Moment] = field(default_factory=dict, repr=False, compare=False)

    def moment(self, power: int, *factors: str) -> Moment:
        if (power, factors) not in self._known:
            self._known[power, factors] = power, self._simplified(factors)
        return self._known[power, factors]

    def _simplified(self, factors: tuple[str, ...]) -> tuple[str, ...]:
        kept = [self._base(int(one[1:])) if one[0] == "r" else one for one in factors]
        for i in sorted({int(factor[1:]) for factor in factors}):
            variable, y, x, r = self.variables[i], f"y{i}", f"x{i}", self._base(i)
            if y in kept or x in kept or self.complete[i]:
                kept = [factor for factor in kept if factor != r]
            for indicator in [r, y] if variable.binary else [r]:
                while kept.count(indicator) > 1:
                    kept.remove(indicator)
        return tuple(sorted(kept))

    def _base(self, i: int) -> str:
        return f"r{self.alike[i] if self.alike else i}"

    def moments(self, wanted: Iterable[Moment]) -> tuple[Moment, ...]:
        """Simplify all and drop the repeated ones."""
        return tuple(dict.fromkeys(self.moment(power, *factors) for power, factors in wanted))


def combine(coded: Sequence[Codes], sizes: Sequence[int], rows: int) -> tuple[Codes, Codes]:
    """Number the occurring combinations of several codings.

    Returns
    -------
    codes : array of int, shape (rows,)
    index : array of int, shape (combinations, codings)
        Sorted by the first coding, then the second, …

    Examples
    --------
    >>> codes, index = combine([np.array([0, 1, 0]), np.array([2, 0, 2])], [2, 3], 3)
    >>> codes.tolist(), index.tolist()
    ([0, 1, 0], [[0, 2], [1, 0]])
    """
    codes: Codes = np.zeros(rows, narrow(1))
    levels: list[Codes] = []  # of each coding, in each combination
    found = 1
    for more, size in zip(coded, sizes, strict=True):
        if size == 1:
            levels.append(np.zeros(found, narrow(1)))
        elif found == 1:  # every level of a single coding occurs
            codes, levels = more, [np.repeat(level, size) for level in levels]
            levels.append(np.arange(size, dtype=narrow(size)))
        elif (above := _function(codes, found, more)) is not None:
            levels.append(above.astype(narrow(size)))
        elif (above := _function(more, size, codes)) is not None:
            order = np.argsort(above, kind="stable")
            levels = [*(level[above[order]] for level in levels), order.astype(narrow(size))]
            codes = _places(order)[more] if (order[1:] < order[:-1]).any() else more
        else:
            codes, distinct = compress(_crossed(codes, found, more, size), found * size)
            first, second = np.divmod(distinct, size)
            levels = [*(level[first] for level in levels), second.astype(narrow(size))]
        found = len(levels[-1])
    return codes, np.array(levels, ndmin=2).T if levels else np.zeros((1, 0), narrow(1))


def _function(of: Codes, size: int, value: Codes) -> Codes | None:
    """Return the one value that goes with each of some codes, if only one does.

    Then units lie within larger ones, and their combinations are as many as the units.
    """
    found = np.full(size, -1, value.dtype)
    for some in (of[:BLOCK], of):  # where values differ, mostly a few rows show it
        for rows in blocks(len(some)):
            found[of[rows]] = value[rows]
        if any((found[of[rows]] != value[rows]).any() for rows in blocks(len(some))):
            return None
    return None if (found < 0).any() else found


def _crossed(first: Codes, firsts: int, second: Codes, seconds: int) -> Codes:
    """Return one number for each pair of codes."""
    pair = np.empty(len(first), narrow(firsts * seconds))
    for rows in blocks(len(first)):
        pair[rows] = first[rows].astype(np.int64) * seconds + second[rows]
    return pair


def _places(order: NDArray[np.intp]) -> Codes:
    """Return the place of each in an order."""
    places = np.empty(len(order), narrow(len(order)))
    places[order] = np.arange(len(order))
    return places
