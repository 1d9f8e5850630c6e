"""Pairs of sampling unit and domain: where the scores of cells meet on their way to a variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.blocks import Codes, grouped
from analysis.cells import Cells, combine
from analysis.stages import Stage

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """The pairs of unit and domain, and of stratum and domain, that cells occur in.

    Parameters
    ----------
    stage : Stage
    domains : int
    of_cell : array of int, shape (cells,)
        The pair of each cell; None where every cell is a pair of its own.
    unit, domain : array of int, shape (pairs,)
    met : array of int, shape (pairs,)
        Which pair of stratum and domain each lies in.
    stratum, met_domain : array of int, shape (pairs of stratum and domain,)
    """

    stage: Stage
    domains: int
    of_cell: Codes | None
    unit: Codes
    domain: Codes
    met: Codes
    stratum: Codes
    met_domain: Codes

    def sums(self, values: Floats) -> Floats:
        """Sum values of cells by pair."""
        if self.of_cell is None:
            return values
        return grouped(self.of_cell, len(self.unit), values)

    def by_stratum(self, *values: Floats) -> Floats:
        """Sum products of pairs' values by stratum and domain."""
        return grouped(self.met, len(self.stratum), *values)

    def over_units(self, *values: Floats) -> Floats:
        """Sum products of values of pairs of unit and domain by domain."""
        return grouped(self.domain, self.domains, *values)

    def over_strata(self, values: Floats) -> Floats:
        """Sum values of pairs of stratum and domain by domain."""
        return grouped(self.met_domain, self.domains, values)

    def averaged(self) -> Floats:
        """Return what lonely strata add under ``average``: each counts as the mean of the others.

        That multiplies a variance by strata/(strata with a variance), among the strata that hold
        someone of the domain, shape (domains,).
        """
        alone = self.stage.alone
        if self.stage.lonely != "average" or not alone.any():
            return np.ones(self.domains)
        with np.errstate(divide="ignore", invalid="ignore"):
            present = self.over_strata(np.ones(len(self.stratum)))
            return present / self.over_strata((~alone[self.stratum]).astype(float))


def pairs_of(cells: Cells, stage: Stage) -> Pairs:
    """Find the pairs of a stage's units with domains, and of its strata with domains."""
    domains = len(cells.domains)
    unit, domain, of_cell = stage.unit[cells.unit], cells.domain, None
    whole = len(stage.unit) == len(stage.stratum)  # the cells' units are the stage's
    if not whole or len(cells.classes) > 1:
        of_cell, index = combine([unit, domain], [len(stage.stratum), domains], len(cells))
        unit, domain = index.T
    met, met_index = combine([stage.stratum[unit], domain], [len(stage.n), domains], len(unit))
    return Pairs(stage, domains, of_cell, unit, domain, met, *met_index.T)


def units_less_strata(cells: Cells, pairs: Pairs, variables: int, *, clustered: bool) -> Floats:
    """Return PSUs less strata that hold someone of each variable's base in each domain.

    A domain's standard error rests on the PSUs it reaches, not on all of them (Korn & Graubard
    1999, section 2.2).
    """
    bases = {}
    for k in range(variables):
        base = cells.algebra.moment(0, f"r{k}")
        if base not in bases:  # variables that everyone answered share theirs
            n = pairs.sums(cells.sums[base])
            reached = pairs.over_units((n > 0).astype(float) if clustered else n)
            strata = pairs.over_strata((pairs.by_stratum(n) > 0).astype(float))
            bases[base] = np.maximum(reached - strata, 0)
        bases[0, (f"r{k}",)] = bases[base]
    return np.concatenate([bases[0, (f"r{k}",)] for k in range(variables)])
