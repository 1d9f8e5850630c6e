"""The frame at a glance: what each community's list holds, and what is missing to draw from it.

Counts only. Addresses are personal data; nobody needs one to know whether a list is complete.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import areas
from surveys.areas import Area
from surveys.sampling.frames import HOUSING, Address
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from surveys.weighting import margins

Cells = Mapping[tuple[str, str], int]  # grid, housing type → addresses


@dataclass(frozen=True)
class Listed:
    """The list of one community.

    Parameters
    ----------
    area : Area
    cells : mapping of (grid, housing) to int
        The empty grid holds the addresses that name none.
    adults : int or None
        Residents aged 18 and over by the margins; None where they say nothing.
    """

    area: Area
    cells: Cells
    adults: int | None

    @property
    def addresses(self) -> int:
        return sum(self.cells.values())

    @property
    def housing(self) -> Counter[str]:
        """Addresses by housing type."""
        found: Counter[str] = Counter()
        for (_grid, housing), number in self.cells.items():
            found[housing] += number
        return found

    @property
    def grids(self) -> list[str]:
        """The grids, by name."""
        return sorted({grid for grid, _housing in self.cells if grid})

    def in_grid(self, grid: str) -> int:
        """Addresses of one grid."""
        return sum(number for (of, _housing), number in self.cells.items() if of == grid)

    @property
    def without_grid(self) -> int:
        """Addresses that name no grid."""
        return self.in_grid("")

    @property
    def thin(self) -> list[str]:
        """Housing types with so few addresses that a draw takes all of them."""
        return [housing for housing in HOUSING if 0 < self.housing[housing] < LEAST]

    @property
    def per_address(self) -> float | None:
        """Adults to an address: far from two or three, the list or the margin is wrong."""
        return self.adults / self.addresses if self.adults and self.addresses else None


LEAST = 4  # addresses drawn in a stratum, where it has as many
LIKELY = (1.2, 5.0)  # adults to an address, between which nothing looks odd


def overview(session: Session, area_id: int | None) -> list[Listed]:
    """Every community of a branch; of None, of the whole tree."""
    places = areas.communities(session, area_id)
    ids = [place.id for place in places]
    query = (
        sa.select(Address.community_id, Address.grid, Address.housing, sa.func.count())
        .where(Address.community_id.in_(ids))
        .group_by(Address.community_id, Address.grid, Address.housing)
    )
    cells: dict[int, dict[tuple[str, str], int]] = {}
    for community, grid, housing, number in session.execute(query):
        cells.setdefault(community, {})[grid, housing] = number
    adults = margins.adults(session, ids)
    return [Listed(place, cells.get(place.id, {}), adults.get(place.id)) for place in places]


def drew_from(session: Session, community: Area) -> list[tuple[Wave, int, int]]:
    """The waves that drew from a community's list: addresses drawn, and of them sent out."""
    unit = SampledUnit
    query = (
        sa.select(Wave, sa.func.count(), sa.func.count(unit.released_at))
        .join(unit, unit.wave_id == Wave.id)
        .where(unit.community_id == community.id)
        .group_by(Wave.id)
        .order_by(Wave.month.desc(), Wave.code.desc())
    )
    return [(wave, drawn, released) for wave, drawn, released in session.execute(query)]
