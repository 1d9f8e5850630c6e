"""A draw made again from its record, and compared with what is stored."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import areas
from surveys.problems import N_, Problem
from surveys.sampling import draws
from surveys.sampling.plans import Plan
from surveys.sampling.reserves import released_batches
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave


def replay(session: Session, wave: Wave) -> list[Problem]:
    """Draw a wave again from its record and compare; nothing is returned where nothing differs.

    Addresses that came onto the list after the draw do not matter; ones that left it, moved to
    another stratum or changed places do, and the list's checksum says so.
    """
    from surveys.sampling import drawing  # noqa: PLC0415  (numpy and scipy: not for every door)
    from surveys.sampling.listing import List  # noqa: PLC0415

    record = draws.recorded(session, wave)
    plan = Plan(**record.settings["plan"])
    communities = {area.code: area.id for area in areas.communities(session, wave.area_id)}
    list_ = List.read(session, communities, record.settings["last_address"])
    if list_.sha256 != record.frame_sha256:
        return [Problem(N_("The list of addresses is not the one the sample was drawn from."))]
    drawn = drawing.drawn(session, record.seed, plan, list_, record.made_at)
    released = released_batches(session, wave)
    again = {}
    for one in drawn:
        for batch, places in enumerate(one.batches, start=1):
            chance = one.probability(max(batch, released.get(communities[one.cell.community], 1)))
            again.update(dict.fromkeys(one.cell.ids[places].tolist(), (batch, chance)))
    unit = SampledUnit
    query = sa.select(unit.address_id, unit.id, unit.batch, unit.probability)
    rows = session.execute(query.where(unit.wave_id == wave.id)).all()
    stored = {address: (batch, chance) for address, _number, batch, chance in rows}
    return _differences(stored, again, {row.address_id: row.id for row in rows})


NAMED = 10  # units, at most; the others are counted


def _differences(
    stored: Mapping[int, tuple[int, float]],
    again: Mapping[int, tuple[int, float]],
    units: Mapping[int, int],
) -> list[Problem]:
    """What differs, by the ids of addresses; ``units`` has the numbers that staff know them by."""
    found = []
    if missing := len(again.keys() - stored.keys()):
        text = N_("%(number)d addresses that the seed draws are not in the sample.")
        found.append(Problem(text, {"number": missing}))
    strange = stored.keys() - again.keys()
    other = {one for one in stored.keys() & again.keys() if stored[one] != again[one]}
    for which, text in (
        (strange, N_("%(number)d addresses of the sample are not drawn by the seed: %(units)s.")),
        (
            other,
            N_(
                "%(number)d addresses have another batch or probability than the record says: "
                "%(units)s."
            ),
        ),
    ):
        if which:
            named = sorted(units[one] for one in which)
            texts = [f"#{number}" for number in named[:NAMED]] + ["…"] * (len(named) > NAMED)
            found.append(Problem(text, {"number": len(named), "units": ", ".join(texts)}))
    return found
