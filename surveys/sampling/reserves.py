"""Reserve batches: drawn with the sample, sent out later, each whole, a community at a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import areas, audit
from surveys.database import now
from surveys.problems import N_, Problem, Refused
from surveys.sampling import draws
from surveys.sampling.plans import probability
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave


@dataclass(frozen=True)
class Batch:
    """A batch in one community."""

    community_id: int
    batch: int
    units: int
    released_at: dt.datetime | None


def batches(session: Session, wave: Wave) -> list[Batch]:
    """The batches of a wave by community: batch 1 is the main sample, the others reserves."""
    unit = SampledUnit
    query = (
        sa.select(unit.community_id, unit.batch, sa.func.count(), sa.func.min(unit.released_at))
        .where(unit.wave_id == wave.id)
        .group_by(unit.community_id, unit.batch)
        .order_by(unit.community_id, unit.batch)
    )
    return [Batch(*row) for row in session.execute(query)]


def release(
    session: Session, wave: Wave, batch: int, community: str | None, actor: str
) -> list[SampledUnit]:
    """Send out a reserve batch, whole: its codes work from now on.

    The inclusion probabilities of the community are made anew, from all batches released. When to
    release is decided on dispositions (too few reached), never on answers.

    Parameters
    ----------
    batch : int
        From 2; one after another.
    community : str or None
        Code of the community; None for all where this batch is next.

    Returns
    -------
    list of SampledUnit
        Those released.

    Raises
    ------
    Refused
        The wave is over, or there is no such batch to release next.
    """
    draws.must_run(wave, N_("Wave %(code)s is %(state)s: too late to release a batch."))
    record = draws.recorded(session, wave)
    known = {area.code: area.id for area in areas.communities(session, wave.area_id)}
    if community is not None and community not in known:
        raise Refused(draws.unknown(community))
    newest = released_batches(session, wave)
    waiting = {one.community_id for one in batches(session, wave) if one.batch == batch}
    asked = [community] if community else sorted(known)
    ready = [c for c in asked if known[c] in waiting and newest.get(known[c]) == batch - 1]
    if not ready:
        text = N_("There is no batch %(batch)d to release next.")
        raise Refused(Problem(text, {"batch": batch}))
    mine = (
        SampledUnit.wave_id == wave.id,
        SampledUnit.community_id.in_([known[code] for code in ready]),
    )
    units = list(session.scalars(sa.select(SampledUnit).where(*mine, SampledUnit.batch <= batch)))
    chances = _chances(record, batch)
    codes = {identity: code for code, identity in known.items()}
    for unit in units:
        cell = unit.grid if record.method == "two_stage" else unit.housing
        unit.probability = chances[codes[unit.community_id], cell]
    moment = now()
    sent = [unit for unit in units if unit.batch == batch]
    for unit in sent:
        unit.released_at = moment
    session.flush()
    detail = {"batch": batch, "communities": ready, "units": len(sent)}
    audit.record(session, actor, "draw.release", wave.code, **detail)
    return sent


def released_batches(session: Session, wave: Wave) -> dict[int, int]:
    """The newest batch that is out, by community."""
    query = (
        sa.select(SampledUnit.community_id, sa.func.max(SampledUnit.batch))
        .where(SampledUnit.wave_id == wave.id, SampledUnit.released_at.is_not(None))
        .group_by(SampledUnit.community_id)
    )
    return dict(session.execute(query).all())


def _chances(record: draws.Draw, batch: int) -> dict[tuple[str, str], float]:
    """π by community and cell, once the batches up to this one are out."""
    return {
        (community, name): probability(first, sizes, units, batch)
        for community, name, units, first, sizes in record.settings["cells"]
    }
