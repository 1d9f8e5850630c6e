"""A draw before it is made: how many addresses, where, with what chance; and from which list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from surveys.database import now
from surveys.sampling import draws
from surveys.sampling.draws import Draw
from surveys.sampling.frames import HOUSING
from surveys.sampling.plans import Plan
from surveys.waves import Wave


@dataclass(frozen=True)
class Part:
    """What a draw takes from one cell: a stratum or, with two stages, a grid.

    Parameters
    ----------
    community, name : str
        The community's code; the housing type or the grid.
    listed : int
        Addresses on the list.
    sizes : tuple of int
        The main sample, then the reserve batches.
    chance : float
        Probability of each address, of the main sample alone.
    """

    community: str
    name: str
    listed: int
    sizes: tuple[int, ...]
    chance: float


@dataclass(frozen=True)
class Preview:
    """What a plan would draw now, by community and cell."""

    parts: tuple[Part, ...]
    frame_sha256: str

    @property
    def batches(self) -> list[int]:
        """How many addresses each batch has."""
        return [sum(sizes) for sizes in zip(*(part.sizes for part in self.parts), strict=True)]

    def of(self, community: str) -> list[Part]:
        """The parts of one community."""
        return [part for part in self.parts if part.community == community]


def preview(session: Session, wave: Wave, plan: Plan) -> Preview:
    """What :func:`surveys.sampling.draws.draw` would draw; refused where it would be."""
    draws.may_draw(session, wave)
    _plan, _communities, list_, drawn = draws.intended(session, wave, plan, now())
    parts = _in_order(
        Part(
            one.cell.community,
            one.cell.name,
            len(one.cell.ids),
            tuple(len(batch) for batch in one.batches),
            one.probability(1),
        )
        for one in drawn
    )
    return Preview(parts, list_.sha256)


def recorded(record: Draw) -> tuple[Part, ...]:
    """The same of a draw that was made, from its record."""
    return _in_order(
        Part(community, name, units, tuple(round(size) for size in sizes), first * sizes[0] / units)
        for community, name, units, first, sizes in record.settings["cells"]
    )


def _in_order(parts: Iterable[Part]) -> tuple[Part, ...]:
    """By community; housing types in their usual order, grids by name."""
    rank = {name: place for place, name in enumerate(HOUSING)}
    return tuple(sorted(parts, key=lambda one: (one.community, rank.get(one.name, 0), one.name)))
