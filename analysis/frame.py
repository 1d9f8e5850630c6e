"""The frame of a design: its units, found in one pass, checked, and laid out in stages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.cells import Cells, Engine, Key, Pass, combine
from analysis.problems import N_, DesignError, Phrase, name_rows
from analysis.stages import Stage

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Layout:
    """The columns that declare a design.

    Parameters
    ----------
    strata : tuple of (str or None)
        One for each stage, as far as given.
    psu : tuple of str
        One for each stage; none where every respondent is drawn directly.
    fpc : tuple of str
        One for each stage, as far as given.
    weights : str, optional
    nest : bool
        Whether unit labels start anew in each stratum.
    lonely_psu : str
    pps : bool
        Whether the units of the first stage were drawn with unequal probabilities, which are then
        their fpc.
    """

    strata: tuple[str | None, ...]
    psu: tuple[str, ...]
    fpc: tuple[str, ...]
    weights: str | None
    nest: bool
    lonely_psu: str
    pps: bool = False

    @property
    def units(self) -> tuple[str, ...]:
        """Every column above the respondent, without repeats."""
        strata = [name for name in self.strata if name is not None]
        return tuple(dict.fromkeys([*strata, *self.psu]))


@dataclass(frozen=True)
class Frame:
    """The units of a design.

    Parameters
    ----------
    units : Key
        Every ultimate sampling unit, or every stratum where respondents are drawn directly.
    stages : tuple of Stage
    weight : array, shape (units,)
        Π N/n over the stages: the respondents' weights where none are given.
    rows : int
    """

    units: Key
    stages: tuple[Stage, ...]
    weight: Floats
    rows: int

    @property
    def df(self) -> int:
        """PSUs less strata."""
        n = self.stages[0].n
        return int(n.sum() - len(n))


def build(engine: Engine, layout: Layout) -> Frame:
    """Find the units of the design and check everything that can be wrong with it."""
    cells = engine.collapse(
        Pass(layout.units, classes=layout.fpc, weight=layout.weights, moments=((0, ()),))
    )
    for key in (cells.units, cells.classes):
        if not key.complete().all():
            raise DesignError(
                "%(columns)s: missing in %(rows)s. A design column must be known everywhere.",
                columns=", ".join(key.columns),
                rows=name_rows(~key.complete()[engine.places(key.columns)]),
            )
    return _Builder(engine, layout, cells).frame()


class _Builder:
    """Lays the units out stage by stage, from the top down."""

    def __init__(self, engine: Engine, layout: Layout, cells: Cells) -> None:
        self.engine = engine
        self.layout = layout
        self.cells = cells
        self.units = cells.units
        self.rows = np.bincount(cells.unit, cells.sum(0), len(cells.units))

    def frame(self) -> Frame:
        stages: list[Stage] = []
        weight = np.ones(len(self.units))
        parent = np.zeros(len(self.units), np.intp)
        share = np.ones(1)  # of each parent: the product of the fractions above and its own
        for number in range(max(1, len(self.layout.psu))):
            stage = self._stage(number, parent, share)
            weight /= np.where(stage.fraction > 0, stage.fraction, 1)[stage.unit]
            parent, share = stage.unit, share_below(stage)
            stages.append(stage)
        contributing = [stage for stage in stages if stage.share.any()]
        return Frame(self.units, tuple(contributing), weight, int(self.rows.sum()))

    def _stage(self, number: int, parent: Places, share: Floats) -> Stage:
        stratum, index = self._within(parent, len(share), self.layout.strata, number)
        strata = len(index)
        if self.layout.psu:
            inside = (stratum, strata) if self.layout.nest else (parent, len(share))
            unit, units = self._within(*inside, self.layout.psu, number)
            of_unit = np.zeros(len(units), np.intp)
            of_unit[unit] = stratum
            self._check_nested(number, unit, stratum, of_unit)
            n = np.bincount(of_unit, minlength=strata).astype(float)
        else:
            unit = of_unit = np.arange(len(self.units))
            n = self.rows
        above = share[index[:, 0]]
        fraction = (
            self._inclusion(unit, len(of_unit))
            if self.layout.pps and number == 0
            else self._fraction(number, stratum, n)[of_unit]
        )
        stage = Stage(unit, of_unit, n, fraction, above, self.layout.lonely_psu)
        if stage.lonely == "fail" and stage.alone.any() and above.any():
            lonely = int(np.argmax(stage.alone))
            raise DesignError(
                "%(stratum)s has a single sampling unit at stage %(stage)d: %(rows)s. Join it with "
                "a similar stratum, or choose what lonely units contribute.",
                stratum=self._stratum_name(stratum == lonely), stage=number + 1,
                rows=self._rows(stratum == lonely),
            )  # fmt: skip
        return stage

    def _within(
        self, parent: Places, parents: int, columns: tuple[str | None, ...], number: int
    ) -> tuple[Places, Places]:
        """Number the combinations of parent and the stage's column, if it has one."""
        column = columns[number] if number < len(columns) else None
        if column is None:
            return parent, np.arange(parents)[:, None]
        at = self.units.columns.index(column)
        codes, size = self.units.index[:, at], len(self.units.levels[at])
        return combine([parent, codes], [parents, size], len(codes))

    def _inclusion(self, unit: Places, units: int) -> Floats:
        """Return the inclusion probability of each unit of the first stage."""
        column = self.layout.fpc[0]
        given = self._numbers(column)
        of_cell = unit[self.cells.unit]
        probability = np.zeros(units)
        probability[of_cell] = given
        if (odd := (given > 1) | (given != probability[of_cell])).any():
            raise DesignError(
                "%(fpc)s must hold one inclusion probability, at most 1, for each unit: %(rows)s.",
                fpc=column, rows=self._rows(np.isin(unit, of_cell[odd])),
            )  # fmt: skip
        return probability

    def _fraction(self, number: int, stratum: Places, n: Floats) -> Floats:
        """Return the share drawn in each stratum, 0 where the stage has no fpc."""
        if number >= len(self.layout.fpc):
            return np.zeros(len(n))
        column = self.layout.fpc[number]
        given = self._numbers(column)
        of_cell = stratum[self.cells.unit]
        fpc = np.zeros(len(n))
        fpc[of_cell] = given
        if (varies := given != fpc[of_cell]).any():
            odd = np.isin(stratum, of_cell[varies][:1])
            raise DesignError(
                "%(fpc)s differs within %(stratum)s: %(rows)s.",
                fpc=column, stratum=self._stratum_name(odd), rows=self._rows(odd),
            )  # fmt: skip
        population = fpc if (fpc > 1).any() else n / fpc
        if (short := population < n * (1 - 1e-9)).any():
            small = int(np.argmax(short))
            raise DesignError(
                "%(stratum)s: the population of %(population)g is smaller than its sample of "
                "%(sample)d (%(rows)s).",
                stratum=self._stratum_name(stratum == small), population=population[small],
                sample=n[small], rows=self._rows(stratum == small),
            )  # fmt: skip
        return n / population

    def _numbers(self, column: str) -> Floats:
        """Return the fpc of each cell."""
        values = self.cells.classes.values(column)[self.cells.klass]
        try:
            numbers = values.astype(float)
        except ValueError as error:
            raise DesignError("%(fpc)s: %(error)s.", fpc=column, error=error) from None
        large, small = numbers > 1, numbers < 1
        rarer = large if large.sum() < small.sum() else small
        odd = (numbers <= 0) | (rarer if large.any() and small.any() else False)
        if odd.any():
            places = self.engine.places(self.cells.classes.columns)
            raise DesignError(
                "%(fpc)s must hold population sizes, all at least 1, or sampling fractions, all "
                "above 0 and at most 1: %(rows)s.",
                fpc=column, rows=name_rows(np.isin(places, np.unique(self.cells.klass[odd]))),
            )  # fmt: skip
        return numbers

    def _check_nested(self, number: int, unit: Places, stratum: Places, of_unit: Places) -> None:
        if (astray := of_unit[unit] != stratum).any():
            first = unit == unit[np.argmax(astray)]
            raise DesignError(
                "%(psu)s %(label)s lies in several strata (%(rows)s). If its labels start anew in "
                "each stratum, say nest.",
                psu=self.layout.psu[number], rows=self._rows(first),
                label=self.units.values(self.layout.psu[number])[first][0],
            )  # fmt: skip

    def _stratum_name(self, chosen: NDArray[np.bool_]) -> str | Phrase:
        named = [name for name in self.layout.strata if name in self.units.columns]
        first = int(np.argmax(chosen))
        said = ", ".join(f"{name} {self.units.values(name)[first]}" for name in named)
        return said or Phrase(N_("The sample"))

    def _rows(self, chosen: NDArray[np.bool_]) -> Phrase:
        return name_rows(chosen[self.engine.places(self.units.columns)])


def share_below(stage: Stage) -> Floats:
    """Return the product of fractions down to and with each unit of the stage."""
    return stage.share[stage.stratum] * stage.fraction
