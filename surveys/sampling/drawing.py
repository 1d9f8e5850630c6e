"""Drawing: what a plan and a seed pick from the list of addresses. Nothing here is stored."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import waves
from surveys.areas import Area
from surveys.problems import N_, Problem, Refused
from surveys.sampling import draws, picks
from surveys.sampling.frames import Address
from surveys.sampling.listing import List
from surveys.sampling.picks import Cell, Drawn, Earlier
from surveys.sampling.plans import Plan, probability
from surveys.sampling.units import SampledUnit


def drawn(session: Session, seed: int, plan: Plan, list_: List, moment: dt.datetime) -> list[Drawn]:
    """What a plan draws; ``moment`` says which batches of the earlier wave were out by then."""
    assert isinstance(plan.per_community, Mapping)  # noqa: S101  (see draws.intended)
    wanted = {code: n for code, n in plan.per_community.items() if list_.strata[code]}
    if plan.method == "two_stage":
        cells = {code: picks.by_grid(list_.strata[code]) for code in wanted}
        if problems := _grid_faults(cells, max(plan.grids, picks.FEWEST_GRIDS)):
            raise Refused(*problems)
        return [
            one
            for code, number in wanted.items()
            for one in picks.two_stage(cells[code], number, plan.grids, plan.reserves, seed)
        ]
    earlier = _earlier(session, plan, moment) if plan.previous else {}
    return [
        one
        for code, number in wanted.items()
        for one in picks.stratified(
            list_.strata[code], number, plan.reserves, seed, earlier.get(code)
        )
    ]


def _grid_faults(cells: Mapping[str, list[Cell]], grids: int) -> list[Problem]:
    problems = []
    for community, of_grid in cells.items():
        if of_grid[0].name == "":
            text = N_("%(number)d addresses of %(code)s are in no grid.")
            problems.append(Problem(text, {"number": len(of_grid[0].ids), "code": community}))
        elif len(of_grid) < grids:
            text = N_(
                "%(code)s has %(found)d grids, and %(least)d must be drawn for a verdict of its "
                "own: draw it stratified."
            )
            params = {"code": community, "found": len(of_grid), "least": grids}
            problems.append(Problem(text, params))
    return problems


def _earlier(session: Session, plan: Plan, moment: dt.datetime) -> dict[str, dict[str, Earlier]]:
    """What the wave to rotate with had released by then: community → stratum → sample."""
    wave = waves.get(session, plan.previous or "")
    record = draws.recorded(session, wave)
    if record.method != "stratified":
        raise Refused(Problem(N_("Only a stratified draw can rotate with an earlier wave.")))
    query = (
        sa.select(Area.code, SampledUnit.housing, Address.household, SampledUnit.batch)
        .join(Area, Area.id == SampledUnit.community_id)
        .join(Address, Address.id == SampledUnit.address_id)
        .where(SampledUnit.wave_id == wave.id, SampledUnit.released_at <= moment)
    )
    households: dict[tuple[str, str], set[str]] = {}
    batch: Counter[str] = Counter()
    for community, housing, household, number in session.execute(query):
        households.setdefault((community, housing), set()).add(household)
        batch[community] = max(batch[community], number)
    found: dict[str, dict[str, Earlier]] = {}
    for community, housing, units, first, sizes in record.settings["cells"]:
        fraction = probability(first, sizes, units, batch[community])
        if fraction > 0:
            asked = frozenset(households.get((community, housing), ()))
            last = record.settings["last_address"]
            found.setdefault(community, {})[housing] = Earlier(asked, fraction, last, plan.keep)
    return found
