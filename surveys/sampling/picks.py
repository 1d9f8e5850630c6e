"""Picks: which addresses of a list a plan and a seed draw. Nothing here is stored.

Every random number comes from a seed of its own, derived from the wave's and from what it is for
(community, stratum, batch), so that one community's draw does not depend on another's.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from analysis.draws import Uniforms, draw_systematic
from analysis.pps import draw_pps_systematic, inclusion_probabilities
from analysis.selection import allocate
from surveys.sampling.lazy import Lazy
from surveys.sampling.plans import probability

Places = NDArray[np.int64]

LEAST = 4  # addresses drawn in a stratum, where it has as many
FEWEST_GRIDS = 9  # below, a community's own verdict has too few degrees of freedom


@dataclass(frozen=True, eq=False)
class Cell:
    """Part of the list that is drawn from as one: a stratum, or a grid.

    Parameters
    ----------
    community, name : str
        The community's code; the housing type or the grid.
    ids : array of int, shape (N,)
        Its addresses in the order of the list.
    households, housing, grids : sequence of str, each of length N
        Of each address: its stable pseudonymous id, its housing type, its grid.
    """

    community: str
    name: str
    ids: Places
    households: Sequence[str]
    housing: Sequence[str]
    grids: Sequence[str]


@dataclass(frozen=True, eq=False)
class Drawn:
    """What was drawn from a cell.

    Parameters
    ----------
    cell : Cell
    first : float
        Probability that the cell itself was drawn: 1 for a stratum.
    sizes : tuple of float, one for each batch
        Expected number of addresses; of a grid not always whole.
    batches : tuple of arrays of int
        Places in the cell, rising: the main sample, then the reserves.
    """

    cell: Cell
    first: float
    sizes: tuple[float, ...]
    batches: tuple[Places, ...]

    def probability(self, batch: int) -> float:
        """Inclusion probability of an address, once the batches up to this one are released."""
        return probability(self.first, self.sizes, len(self.cell.ids), batch)


@dataclass(frozen=True)
class Earlier:
    """What an earlier wave drew from a stratum, for the next one to rotate against.

    Parameters
    ----------
    households : frozenset of str
        Those it released.
    fraction : float
        f₁, the probability of each.
    last_id : int
        The newest address on its list; later ones had no chance.
    keep : float
        Share of them that is to stay.
    """

    households: frozenset[str]
    fraction: float
    last_id: int
    keep: float


def seed_of(*purpose: object) -> int:
    """A seed for one purpose.

    >>> seed_of(7, "demo-01", "rural") == seed_of(7, "demo-01", "rural") != seed_of(8, "demo-01")
    True
    """
    return int.from_bytes(hashlib.sha256("/".join(map(str, purpose)).encode()).digest()[:8])


# ---- strata --------------------------------------------------------------------------------------


def stratified(
    cells: Sequence[Cell],
    wanted: int,
    reserves: Sequence[float],
    seed: int,
    earlier: Mapping[str, Earlier] | None = None,
) -> list[Drawn]:
    """Draw systematically from each stratum of one community.

    Parameters
    ----------
    cells : sequence of Cell
        Its strata.
    wanted : int
        Addresses in the main sample, shared out in proportion, at least four in each stratum.
    reserves : sequence of float
        Size of each reserve batch as a share of the main sample, rounded up. A batch is a
        systematic sample of what those before it left, so that n₁ + … + n_k of N are drawn with
        equal probability.
    earlier : mapping of str to Earlier, optional
        By stratum, what to rotate against; see :func:`rotated`.
    """
    sizes = allocate({cell.name: len(cell.ids) for cell in cells}, wanted, least=LEAST)
    drawn = []
    for cell in cells:
        size, own = sizes[cell.name], seed_of(seed, cell.community, cell.name)
        before = (earlier or {}).get(cell.name)
        main = rotated(cell, size, own, before) if before else even(len(cell.ids), size, own)
        more = [math.ceil(share * size) for share in reserves]
        batches = [main, *further(len(cell.ids), main, more, own)]
        counts = tuple(float(len(batch)) for batch in batches)
        drawn.append(Drawn(cell, 1.0, counts, tuple(batches)))
    return drawn


def even(population: int, size: int, seed: int) -> Places:
    """The places of a systematic draw."""
    return draw_systematic(population, size, seed).indices


def further(population: int, main: Places, sizes: Sequence[int], seed: int) -> list[Places]:
    """Batches of given sizes (or all that is left), each drawn from what is left before it."""
    if not sizes:
        return []
    left, batches = np.delete(np.arange(population), main), []
    for batch, size in enumerate(sizes, start=2):
        picked = even(len(left), min(size, len(left)), seed_of(seed, "batch", batch))
        batches.append(left[picked])
        left = np.delete(left, picked)
    return batches


def rotated(cell: Cell, size: int, seed: int, earlier: Earlier) -> Places:
    """Draw so that a share of an earlier sample stays, and all have the same probability again.

    Of the earlier sample's n₁ addresses κ·n₁ stay, those with the smallest random numbers; such a
    number belongs to household and wave, so that it survives every change to the list. The others
    come from the rest, systematically. With f₁ and f₂ the sampling fractions of both waves, an
    address of the rest must be drawn with (f₂ − f₁κ)/(1 − f₁), one that is new on the list with
    f₂: then every address has f₁κ + (1 − f₁)·(f₂ − f₁κ)/(1 − f₁) = f₂; exactly where the list is
    the same, and but for the rounding of sample sizes where it has changed.

    Returns
    -------
    array of int
        Places in the cell, rising.
    """
    overall, first = size / len(cell.ids), earlier.fraction
    asked = np.array([one in earlier.households for one in cell.households], bool)
    known, rest = np.flatnonzero(asked), np.flatnonzero(~asked)
    keep = min(earlier.keep, overall / first)
    keep = max(keep, (overall - (1 - first)) / first)  # where the rest alone would not suffice
    number = np.array(
        [seed_of(seed, cell.households[place]) for place in known.tolist()], np.uint64
    )
    staying = int(keep * len(known) + Uniforms(seed_of(seed, "stay")).take(1)[0])
    stay = known[np.argsort(number)][: max(min(staying, size), size - len(rest))]
    chance = max(0.0, overall - first * keep) / max(1 - first, 1e-12)
    chances = np.where(cell.ids[rest] > earlier.last_id, overall, chance)
    fresh = size - len(stay)
    if (chances > 0).sum() < fresh:
        chances = np.ones(len(rest))
    new = draw_pps_systematic(chances, fresh, seed_of(seed, "fresh")).indices
    return np.sort(np.concatenate([stay, rest[new]]))


# ---- grids ---------------------------------------------------------------------------------------


def by_grid(strata: Sequence[Cell]) -> list[Cell]:
    """The same addresses, grid by grid; within a grid by stratum, then in the list's order."""
    names = _gathered(strata, "grids")
    number = {grid: at for at, grid in enumerate(dict.fromkeys(names))}
    grids = np.fromiter(map(number.__getitem__, names), np.intp, len(names))
    order = np.argsort(grids, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(grids))[:-1])
    ids = np.concatenate([cell.ids for cell in strata])
    households, housing = (
        Lazy(partial(_gathered, strata, column)) for column in ("households", "housing")
    )
    return [
        Cell(
            community=strata[0].community,
            name=grid,
            ids=ids[parts[at]],
            households=households.taking(parts[at]),
            housing=housing.taking(parts[at]),
            grids=[grid] * len(parts[at]),
        )
        for grid, at in sorted(number.items())
    ]


def _gathered(strata: Sequence[Cell], column: str) -> list[str]:
    return list(chain.from_iterable(getattr(cell, column) for cell in strata))


def two_stage(
    cells: Sequence[Cell], wanted: int, grids: int, reserves: Sequence[float], seed: int
) -> list[Drawn]:
    """Draw grids with probability proportional to their addresses, then addresses in them.

    Parameters
    ----------
    cells : sequence of Cell
        The grids of one community.
    wanted, grids : int
        n addresses of the main sample, in that many grids.

    Notes
    -----
    A grid has π_g = min(1, g·M_g/ΣM) (Madow's systematic draw) and gets n·M_g/(ΣM·π_g) addresses,
    rounded up or down at random so that this is its expectation: each address then has n/ΣM, as in
    a simple sample. Where a grid has fewer than that, all are taken and they have π_g.
    """
    units = np.array([len(cell.ids) for cell in cells])
    first = inclusion_probabilities(units, grids)
    community = cells[0].community
    chosen = draw_pps_systematic(units, grids, seed_of(seed, community, "grids")).indices
    ideal = wanted * units / (units.sum() * np.where(first > 0, first, 1))
    limit = units.astype(float)
    sizes, numbers = [], []
    for batch, share in enumerate((1.0, *reserves), start=1):
        expected = np.minimum(share * ideal, limit)
        sizes.append(expected[chosen])
        numbers.append(rounded(expected[chosen], seed_of(seed, community, "batch", batch)))
        limit = np.maximum(limit - np.ceil(expected), 0)
    return [
        _from_grid(
            cells[place], float(first[place]), [float(size[at]) for size in sizes],
            [number[at] for number in numbers], seed,
        )
        for at, place in enumerate(chosen)
    ]  # fmt: skip


def rounded(expected: Sequence[float], seed: int) -> list[int]:
    """Whole numbers next to those expected, each in expectation equal to its own.

    >>> rounded([1.5, 1.5, 2.0], seed=1)
    [2, 1, 2]
    """
    ends = np.floor(np.cumsum(expected) + Uniforms(seed).take(1)[0] + 1e-9)
    return [int(number) for number in np.diff(ends, prepend=0.0)]


def _from_grid(
    cell: Cell, first: float, sizes: list[float], numbers: list[int], seed: int
) -> Drawn:
    own = seed_of(seed, cell.community, "grid", cell.name)
    main = even(len(cell.ids), numbers[0], own)
    batches = [main, *further(len(cell.ids), main, numbers[1:], own)]
    return Drawn(cell, first, tuple(sizes), tuple(batches))
