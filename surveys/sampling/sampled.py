"""The addresses of a wave as a table: how each was drawn, and what came of it.

No address and no code is in it; the household is the pseudonym that answers carry as well.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.areas import Area
from surveys.fieldwork import campaigns, visits
from surveys.sampling.frames import Address
from surveys.sampling.units import SampledUnit
from surveys.selected import columns_of, in_order, table_of
from surveys.waves import Wave

COLUMNS = {
    "household": pa.string(),
    "community": pa.string(),
    "housing": pa.string(),  # of the frame
    "grid": pa.string(),
    "batch": pa.int64(),  # 1: the main sample
    "probability": pa.float64(),  # from the batches that were released
    "households": pa.int64(),  # counted at the door; null: nobody counted
    "disposition": pa.string(),
    "campaign": pa.bool_(),  # publicity in its community or grid during the embargo
}
ORDER = ("community", "household")


def drawn(session: Session, wave: Wave, answered: Mapping[int, str]) -> pa.Table:
    """Every address of a wave with its final disposition, those still in reserve too.

    Beside ``COLUMNS`` it has the unit's ``id``, by which answers refer to it, and ``released``.

    Parameters
    ----------
    answered : mapping
        The dispositions of the units that answered, by their ids.
    """
    query = (
        sa.select(
            Area.code.label("community"),
            Address.household,
            SampledUnit.id,
            SampledUnit.housing,
            SampledUnit.grid,
            SampledUnit.batch,
            SampledUnit.probability,
            SampledUnit.households,
            SampledUnit.released_at.is_not(None).label("released"),
        )
        .join(Area, Area.id == SampledUnit.community_id)
        .join(Address, Address.id == SampledUnit.address_id)
        .where(SampledUnit.wave_id == wave.id)
    )
    columns = columns_of(session, query)
    ids = columns.get("id", ())
    flagged = campaigns.flagged(session, wave)
    columns["disposition"] = visits.final(session, wave, ids, answered)
    columns["campaign"] = [unit in flagged for unit in ids]
    return table_of(columns, {**COLUMNS, "id": pa.int64(), "released": pa.bool_()})


def released(drawn: pa.Table) -> pa.Table:
    """The addresses that are not still in reserve, in their order."""
    return in_order(drawn.filter(drawn["released"]).select(list(COLUMNS)), ORDER)


def by_stratum(units: pa.Table) -> list[dict[str, Any]]:
    """The draw by stratum of the frame; ``households`` is Σ 1/probability, all that are listed."""
    strata: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    names = ("community", "housing", "probability")
    for community, housing, probability in zip(*(units[n].to_pylist() for n in names), strict=True):
        strata[community, housing].append(1 / probability)
    return [
        {
            "community": community,
            "housing": housing,
            "drawn": len(inverse),
            "households": math.fsum(inverse),
        }
        for (community, housing), inverse in sorted(strata.items())
    ]


def by_disposition(units: pa.Table) -> dict[str, dict[str, int]]:
    """How many addresses of each community came to what."""
    pairs = units.group_by(["community", "disposition"]).aggregate([([], "count_all")])
    counted: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for community, disposition, number in sorted(zip(*pairs.to_pydict().values(), strict=True)):
        counted[community][disposition] = number
    return dict(counted)
