"""What a wave is to draw, decided before anyone draws."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from surveys.problems import N_, Problem

METHODS = ("stratified", "two_stage")


@dataclass(frozen=True)
class Plan:
    """What is to be drawn.

    Parameters
    ----------
    per_community : int or mapping of community code to int
        Addresses of the main sample; shared out in proportion to the strata, at least four in each
        (or all it has), so that a community with many small strata may get more.
    method : {"stratified", "two_stage"}
        Systematic within community × housing type; or grids first, then addresses in them.
    grids : int
        Grids drawn in each community, where there are two stages.
    batches : int
        Reserve batches.
    reserve : float
        Size of each as a share of the main sample.
    previous : str, optional
        Code of the wave to rotate with.
    keep : float
        Share of its addresses that stays.
    """

    per_community: int | Mapping[str, int]
    method: str = "stratified"
    grids: int = 9
    batches: int = 0
    reserve: float = 0.25
    previous: str | None = None
    keep: float = 0.0

    @property
    def reserves(self) -> tuple[float, ...]:
        """The share of each reserve batch."""
        return (self.reserve,) * self.batches

    def faults(self) -> list[Problem]:
        """Everything that is wrong with it."""
        found = []
        if self.method not in METHODS:
            odd = N_("“%(method)s” is no way to draw; there are: %(methods)s.")
            params = {"method": self.method, "methods": ", ".join(METHODS)}
            found.append(Problem(odd, params))
        if not 0 <= self.batches <= 9 or not 0 < self.reserve <= 1:
            odd = N_("There may be up to nine reserve batches, none larger than the sample.")
            found.append(Problem(odd))
        if not 0 <= self.keep <= 1 or (self.keep > 0) != (self.previous is not None):
            odd = N_("A rotation names an earlier wave, and which share of it stays (0 to 1).")
            found.append(Problem(odd))
        if self.method == "two_stage" and self.previous is not None:
            found.append(Problem(N_("Only a stratified draw can rotate with an earlier wave.")))
        return found


def probability(first: float, sizes: Sequence[float], units: int, batch: int) -> float:
    """π of each address of a cell, once its batches up to ``batch`` (from 1) are released.

    >>> probability(1.0, (10, 5), 100, 1), probability(0.5, (10, 5), 100, 2)
    (0.1, 0.075)
    """
    return min(1.0, first * math.fsum(sizes[:batch]) / units)
