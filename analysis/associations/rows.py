"""The rows of a design, and the covariance of totals over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.cells import Pass
from analysis.columns import text_of
from analysis.design import SurveyDesign
from analysis.problems import DesignError
from analysis.variance.sums import averaged, group_sums, membership

Floats = NDArray[np.float64]


class Rows:
    """A design's respondents one by one.

    Parameters
    ----------
    design : SurveyDesign
        Without replicates.
    """

    def __init__(self, design: SurveyDesign) -> None:
        if design.replication is not None or design.given is not None:
            raise DesignError("Tests and models take linearised errors: leave replicates out.")
        self.design = design

    @cached_property
    def weight(self) -> Floats:
        """The final weight of each respondent."""
        return self.design.weights()

    def numbers(self, column: str) -> Floats:
        """Return a column as numbers, NaN where missing."""
        return self.design.engine.numbers(column)

    def codes(self, column: str) -> tuple[NDArray[np.intp], list[str]]:
        """Return each row's place among a column's codes, −1 where it is missing."""
        key = self.design.engine.collapse(Pass(classes=(column,), moments=((0, ()),))).classes
        levels = list(key.levels[0])
        place = key.index[self.design.engine.places((column,)), 0].astype(np.intp)
        if levels and levels[-1] is None:
            place = np.where(place == len(levels) - 1, -1, place)
            levels.pop()
        return place, [text_of(level) for level in levels]

    def chosen(self, where: Mapping[str, Sequence[object]] | None) -> NDArray[np.bool_]:
        """Return the rows that hold one of the codes of every column."""
        inside = np.ones(len(self.weight), bool)
        for column, codes in (where or {}).items():
            place, names = self.codes(column)
            wanted = {text_of(code) for code in codes}
            inside &= np.isin(place, [at for at, name in enumerate(names) if name in wanted])
        return inside

    def df(self, base: NDArray[np.bool_]) -> float:
        """Return the degrees of freedom of a base: the PSUs less the strata it reaches."""
        stage = self.design.frame.stages[0]
        place = self.design.engine.places(self.design.layout.units)[base]
        reached = np.unique(stage.unit[place])
        units = len(reached) if self.design.layout.psu else int(base.sum())
        return float(units - len(np.unique(stage.stratum[reached])))

    def covariance(self, scores: Floats) -> Floats:
        """Return the covariance of Σ w·score, of shape (m, m), for scores of shape (rows, m).

        After calibration, of the scores' residuals.
        """
        weighted = self.weight[:, None] * self._residuals(scores)
        place = self.design.engine.places(self.design.layout.units)
        if not self.design.layout.psu:
            return self._of_elements(weighted, place)
        totals = group_sums(weighted, place, len(self.design.frame.units))
        found = np.zeros((scores.shape[1],) * 2)
        for stage in self.design.frame.stages:
            z = membership(stage.unit, len(stage.stratum)) @ totals
            sums = membership(stage.stratum, len(stage.n)) @ z
            deviation = z - (sums * stage.centring()[:, None])[stage.stratum]
            grown = np.sqrt(averaged(stage, sums))
            found += deviation.T @ (deviation * stage.scale()[:, None]) * np.outer(grown, grown)
        return found

    def _of_elements(self, weighted: Floats, stratum: NDArray[np.intp]) -> Floats:
        """Every respondent is a unit: Σ_h (1−f)·n/(n−1)·Σ (e − ē)(e − ē)'."""
        stage = self.design.frame.stages[0]
        sums = group_sums(weighted, stratum, len(stage.n))
        deviation = weighted - (sums * stage.centring()[:, None])[stratum]
        grown = np.sqrt(averaged(stage, sums))
        found: Floats = deviation.T @ (deviation * stage.scale()[stratum][:, None])
        return np.asarray(found * np.outer(grown, grown))

    def _residuals(self, scores: Floats) -> Floats:
        if self._auxiliary is None:
            return scores
        cell, x, before, inverse = self._auxiliary
        weighted = group_sums(before[:, None] * scores, cell, len(x))
        fitted = x @ (inverse @ (x.T @ weighted))
        return np.asarray(scores - fitted[cell])

    @cached_property
    def _auxiliary(self) -> tuple[NDArray[np.intp], Floats, Floats, Floats] | None:
        """Each row's calibration cell, the cells' x, the weights before, and (Σ w x x')⁻¹."""
        calibration = self.design.calibration
        if calibration is None:
            return None
        cell = self.design.engine.places(calibration.columns)
        x = calibration.auxiliary.matrix
        x = x / np.maximum(np.abs(x).max(axis=0), 1e-300)
        before = self.weight / calibration.factor[cell]
        total = np.bincount(cell, before, len(x))
        squares = (x * total[:, None]).T @ x
        return cell, x, before, np.linalg.pinv(squares, rcond=1e-12, hermitian=True)
