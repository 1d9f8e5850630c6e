"""From a question to its estimates: one pass, scores, variance, put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from analysis.calibration import Calibration
from analysis.cells import Cells, Engine, Pass
from analysis.columns import text_of
from analysis.estimates import Estimates
from analysis.frame import Frame, Layout
from analysis.likelihood import first_odds
from analysis.linearisation import Linear, crossed, linearise, moments, second_moments
from analysis.options import Options, names
from analysis.replicates import GivenReplicates, Replication, degrees_of_freedom
from analysis.results import put_together
from analysis.variables import Variable, conditions
from analysis.variance import Linearised, Variance
from analysis.variance.calibrated import CalibratedVariance
from analysis.variance.clusters import ClusterVariance
from analysis.variance.elements import ElementVariance
from analysis.variance.pairs import Pairs, pairs_of, units_less_strata
from analysis.variance.replicated import from_columns, from_replication

Floats = NDArray[np.float64]
Read = Callable[[Cells], Cells]


class Estimating:
    """What a design does to answer; ``SurveyDesign`` says what it can be asked.

    Attributes
    ----------
    engine : Engine
        Reads the rows.
    layout : Layout
        The columns that declare the design.
    frame : Frame
        Its units and stages.
    calibration : Calibration or None
    replication : Replication or None
    given : GivenReplicates or None
    """

    engine: Engine
    layout: Layout
    frame: Frame
    calibration: Calibration | None = None
    replication: Replication | None = None
    given: GivenReplicates | None = None

    @property
    def df(self) -> int:
        """Degrees of freedom of the whole design: PSUs less strata.

        Of given replicate weights: the rank of their matrix, less one.
        """
        if self.given is None:
            return self.frame.df
        everyone = np.zeros(self.frame.rows, np.intp)
        return int(self._free_of_given(self.given, everyone, 1)[0])

    def _estimate(self, asked: Sequence[Variable], options: Options) -> Estimates:
        inside = conditions(options.get("where"), options.get("base"))
        out = tuple(map(text_of, options.get("missing", ())))
        variables = tuple(replace(variable, missing=out, base=inside) for variable in asked)
        wanted = [moment for k, variable in enumerate(variables) for moment in moments(k, variable)]
        if not self.layout.psu:
            wanted += second_moments(wanted, residuals=self.calibration is not None)
        if self.calibration:
            wanted += [(1, ())]
        asking = Pass(domains=names(options.get("by")), variables=variables, moments=tuple(wanted))
        return self._answer(asking, options)

    def _answer(
        self, asking: Pass, options: Options, read: Read = lambda cells: cells
    ) -> Estimates:
        """Run a pass, have its cells read, and put the estimates of its variables together."""
        variables = asking.variables
        base = read(self._collapse(asking))
        cells = base if self.calibration is None else base.weighted(self._factor(base))
        linear = [linearise(k, variable, cells) for k, variable in enumerate(variables)]
        pairs = [pairs_of(cells, stage) for stage in self.frame.stages]
        variance: Variance
        if self.given:
            variance = self._given(asking, read, self.given, linear)
        elif self.replication:
            stage = self.frame.stages[0]
            variance = from_replication(base, variables, stage, self.replication, self.calibration)
        else:
            variance = plain = self._linearised(asking, read, cells, linear, pairs)
            if self.calibration:
                variance = CalibratedVariance(plain, base, linear, self.calibration)
        df = options.get("df", "auto")
        if df == "auto" and self.given:
            free = self._free_by_domain(self.given, asking, len(cells.domains))
        elif df == "auto":
            clustered = bool(self.layout.psu)
            free = units_less_strata(cells, pairs[0], len(variables), clustered=clustered)
        else:
            free = np.full(variance.size, float(self.df if isinstance(df, str) else df))
        starts = self._starts(asking)
        return put_together(variables, cells, linear, variance, free, start=starts)

    def _free_by_domain(self, given: GivenReplicates, asking: Pass, domains: int) -> Floats:
        """Return the degrees of freedom of given replicates in the base of each statistic."""
        place = self.engine.places(asking.domains)
        of_base: dict[bytes, Floats] = {}  # variables that the same people answered share theirs
        found = []
        for variable in asking.variables:
            inside = self.engine.inside(variable)
            if (base := inside.tobytes()) not in of_base:
                group = np.where(inside, place, -1)
                of_base[base] = self._free_of_given(given, group, domains)
            found.append(of_base[base])
        return np.concatenate(found)

    def _free_of_given(
        self, given: GivenReplicates, group: NDArray[np.intp], groups: int
    ) -> Floats:
        weights = [self.engine.numbers(column) for column in given.columns]
        return degrees_of_freedom(weights, group, groups)

    def _starts(self, asking: Pass) -> Callable[[], Floats]:
        """Return what finds the start of R's fit of each rate, from answers by single weight."""

        @cache
        def starts() -> Floats:
            variables, weight = asking.variables, self.layout.weights
            answers = [(0, (name,)) for k in range(len(variables)) for name in (f"r{k}", f"y{k}")]
            classes = () if weight is None else (weight,)
            moments = ((0, ()), (1, ()), *answers)
            cells = self._narrowed(
                self._collapse(Pass((), asking.domains, classes, None, variables, moments))
            )
            weights = cells.sum(1) / cells.sum(0)
            found = []
            for k in range(len(variables)):
                everyone, yes = cells.sum(0, f"r{k}"), cells.sum(0, f"y{k}")
                found.append(
                    first_odds(weights, everyone - yes, yes, cells.domain, len(cells.domains))
                )
            return np.concatenate(found)

        return starts

    def _given(
        self, asking: Pass, read: Read, given: GivenReplicates, linear: Sequence[Linear]
    ) -> Variance:
        def under(column: str) -> Cells:
            return read(self._collapse(asking, weight=column))

        estimates = np.concatenate([one.estimate for one in linear])
        return from_columns(under, asking.variables, given, estimates, self.calibration)

    def _linearised(
        self,
        asking: Pass,
        read: Read,
        cells: Cells,
        linear: Sequence[Linear],
        pairs: Sequence[Pairs],
    ) -> Linearised:
        if self.layout.psu:
            return ClusterVariance(cells, linear, pairs)

        def with_products() -> Cells:
            wanted = (*asking.moments, *crossed(asking.variables))
            more = read(self._collapse(replace(asking, moments=wanted)))
            return more if self.calibration is None else more.weighted(self._factor(more))

        return ElementVariance(cells, linear, pairs[0], with_products)

    def _narrowed(self, cells: Cells) -> Cells:
        """Put the calibrated weights into cells whose classes go on after the calibration's."""
        if self.calibration is None:
            return cells
        place, _ = cells.classes.narrowed(len(self.calibration.columns))
        return cells.weighted(self.calibration.factor[place[cells.klass]])

    def _factor(self, cells: Cells) -> Floats:
        """Return g of each cell."""
        factor: Floats = self.calibration.factor[cells.klass] if self.calibration else np.ones(1)
        return factor

    def _collapse(self, asking: Pass, weight: str | None = None) -> Cells:
        """Run a pass with this design's units, weights and classes."""
        before = self.calibration.columns if self.calibration else ()
        cells = self.engine.collapse(
            replace(
                asking,
                units=self.layout.units,
                classes=tuple(dict.fromkeys([*before, *asking.classes])),
                weight=weight or self.layout.weights,
            )
        )
        if weight is None and self.layout.weights is None:
            cells = cells.weighted(self.frame.weight[cells.unit])
        return cells
