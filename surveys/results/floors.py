"""What fieldwork came to, as far as verdicts depend on it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from surveys.fieldwork import dispositions
from surveys.results.figures import Figure
from surveys.results.snapshots import Material
from surveys.weighting import designs


@dataclass(frozen=True)
class Floors:
    """Response rates and grids, and what a *met* demands of them.

    Parameters
    ----------
    rates : mapping
        Area to RR2: interviews over all released addresses but the ineligible ones.
    least : float or None
        The wave's floor of response rates.
    grids : mapping
        Community to its grids, of a two-stage draw; else empty.
    whole : str
        The wave's own area.
    """

    rates: Mapping[str, float | None]
    least: float | None
    grids: Mapping[str, int]
    whole: str

    @classmethod
    def of(cls, material: Material) -> Floors:
        """Those of a snapshot."""
        units, manifest = material.units, material.manifest
        whole = manifest["area"]
        names = ("community", "grid", "disposition")
        counted = Counter(zip(*(units[n].to_pylist() for n in names), strict=True))
        came: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for (area, _grid, disposition), number in counted.items():
            came[area][disposition] += number
        came[whole] = sum(came.values(), Counter())
        rates = {area: dispositions.rates(counts).rr2 for area, counts in came.items()}
        is_staged = manifest["draw"] == "two_stage"
        grids = {(area, grid) for area, grid, _disposition in counted} if is_staged else set()
        by_area = Counter(area for area, _grid in grids)
        return cls(rates, manifest["response_floor"], by_area, whole)

    def withheld(self, figure: Figure) -> Figure:
        """The figure, without its *met* below the floor of response rates or from too few grids."""
        if figure.verdict != "met":
            return figure
        rate = self.rates.get(figure.area)
        if self.least is not None and (rate is None or rate < self.least):
            return replace(figure, verdict="undecided", reason="response_rate")
        is_part = figure.area != self.whole
        if self.grids and is_part and self.grids.get(figure.area, 0) < designs.ENOUGH_GRIDS:
            return replace(figure, verdict="undecided", reason="few_grids")
        return figure
