"""The released addresses of a wave as a table: how each was drawn, and what came of it.

No address and no code is in it; the household is the pseudonym that answers carry as well.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.areas import Area
from surveys.campaigns import CampaignVisit
from surveys.frames import Address
from surveys.responses import Response
from surveys.units import SampledUnit
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
    "campaign": pa.bool_(),  # publicity in its community or grid before it could answer
}
ORDER = ("community", "household")


def released(session: Session, wave: Wave) -> pa.Table:
    """Every address of a wave that is not still in reserve."""
    final = _dispositions(session, wave)
    visited = _visited(session, wave)
    query = (
        sa.select(
            SampledUnit.id,
            SampledUnit.community_id,
            Address.household,
            Area.code.label("community"),
            SampledUnit.housing,
            SampledUnit.grid,
            SampledUnit.batch,
            SampledUnit.probability,
            SampledUnit.households,
        )
        .join(Area, Area.id == SampledUnit.community_id)
        .join(Address, Address.id == SampledUnit.address_id)
        .where(SampledUnit.wave_id == wave.id, SampledUnit.released_at.is_not(None))
        .order_by(Area.code, Address.household)
    )
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for row in session.execute(query).mappings():
        place = (row["community_id"], row["grid"])
        told = {
            "disposition": final.get(row["id"], "unknown"),
            "campaign": bool({place, (row["community_id"], "")} & visited),
        }
        for name, column in columns.items():
            column.append(told[name] if name in told else row[name])
    return pa.table({name: pa.array(columns[name], kind) for name, kind in COLUMNS.items()})


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
    pairs = zip(units["community"].to_pylist(), units["disposition"].to_pylist(), strict=True)
    counted: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (community, disposition), number in sorted(Counter(pairs).items()):
        counted[community][disposition] = number
    return dict(counted)


def _dispositions(session: Session, wave: Wave) -> dict[int, str]:
    """What each address came to; one without a response is not known."""
    query = (
        sa.select(Response.unit_id, Response.eligible)
        .where(Response.wave_id == wave.id, Response.unit_id.is_not(None))
        .order_by(Response.eligible)  # a household's interview counts, whoever else was at home
    )
    return {
        unit: "complete" if eligible else "ineligible"
        for unit, eligible in session.execute(query)
        if unit is not None
    }


def _visited(session: Session, wave: Wave) -> set[tuple[int, str]]:
    """Communities and grids where a campaign visit fell into the embargo or the fieldwork."""
    starts = wave.fieldwork_from or (wave.opened_at and wave.opened_at.date())
    ends = wave.fieldwork_until or (wave.closed_at and wave.closed_at.date())
    if starts is None or ends is None:
        return set()
    embargo = starts - dt.timedelta(days=wave.embargo_days)
    query = sa.select(CampaignVisit.area_id, CampaignVisit.grid).where(
        CampaignVisit.ends >= embargo, CampaignVisit.starts <= ends
    )
    return {(area, grid) for area, grid in session.execute(query)}
