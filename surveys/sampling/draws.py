"""The draw of a wave: planned, seeded, recorded, so that anyone can draw it again.

A plan and the wave's seed pick addresses from the list (:mod:`surveys.sampling.picks`); the main
sample goes out at once, reserve batches wait until they are released, each whole, in a community
at a time.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import areas, audit, waves
from surveys.areas import Area
from surveys.database import Base, Json, now
from surveys.keys import Keys
from surveys.problems import N_, Problem, Refused
from surveys.sampling import invitations
from surveys.sampling.frames import Address
from surveys.sampling.plans import Plan
from surveys.sampling.units import SampledUnit
from surveys.waves import STATE_WORDS, Wave

if TYPE_CHECKING:
    from surveys.sampling.listing import List
    from surveys.sampling.picks import Cell, Drawn, Earlier


class Draw(Base):
    """How a sample was drawn, and from which list."""

    __tablename__ = "draws"

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"), unique=True)
    method: Mapped[str] = mapped_column(String(16))  # stratified | two_stage
    seed: Mapped[int]
    settings: Mapped[dict[str, Any]] = mapped_column(Json)
    frame_sha256: Mapped[str] = mapped_column(String(64))  # of the list it was drawn from
    actor: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[dt.datetime] = mapped_column(default=now)


def draw(
    session: Session, keys: Keys, wave: Wave, plan: Plan | int | Mapping[str, int], actor: str
) -> list[int]:
    """Draw the wave's sample and write down how.

    Parameters
    ----------
    plan : Plan, int or mapping
        A number of addresses, or one by community, is a stratified plan without reserves.

    Returns
    -------
    list of int
        How many addresses each batch has, the main sample first. Their units are stored in the
        order of communities, then of batches, then of the list; the same list of addresses, plan
        and ``wave.seed`` give the same sample.

    Raises
    ------
    Refused
        With everything that is wrong: the wave is closed or was drawn already, the plan is
        impossible, a community is unknown, there are no addresses, or too few grids.
    """
    may_draw(session, wave)
    made_at = now()
    plan, communities, list_, drawn = intended(session, wave, plan, made_at)
    rows = list(_rows(keys, wave, drawn, communities, made_at))
    if not rows:
        raise Refused(Problem(N_("There are no addresses to draw from.")))
    session.execute(sa.insert(Base.metadata.tables[SampledUnit.__tablename__]), rows)
    settings = {
        "plan": asdict(plan),
        "last_address": list_.last_id,
        "cells": [
            [d.cell.community, d.cell.name, len(d.cell.ids), d.first, d.sizes] for d in drawn
        ],
    }
    record = Draw(
        wave_id=wave.id,
        method=plan.method,
        seed=wave.seed,
        settings=settings,
        frame_sha256=list_.sha256,
        actor=actor,
        made_at=made_at,
    )
    session.add(record)
    session.flush()
    audit.record(
        session, actor, "wave.draw", wave.code, seed=wave.seed, frame=list_.sha256, **asdict(plan)
    )
    counted = Counter(row["batch"] for row in rows)
    return [counted[batch] for batch in sorted(counted)]


def intended(
    session: Session, wave: Wave, plan: Plan | int | Mapping[str, int], moment: dt.datetime
) -> tuple[Plan, dict[str, int], List, list[Drawn]]:
    """What :func:`draw` would draw at that moment: the whole plan, the communities' ids by code,
    the list of addresses, and what is picked from each cell of it."""
    from surveys.sampling.listing import List  # noqa: PLC0415  (see _drawn)

    plan = plan if isinstance(plan, Plan) else Plan(plan)
    communities = {area.code: area.id for area in areas.communities(session, wave.area_id)}
    plan = replace(plan, per_community=_wanted(communities, plan))
    list_ = List.read(session, communities)
    return plan, communities, list_, _drawn(session, wave.seed, plan, list_, moment)


def replay(session: Session, wave: Wave) -> list[Problem]:
    """Draw a wave again from its record and compare; nothing is returned where nothing differs.

    Addresses that came onto the list after the draw do not matter; ones that left it, moved to
    another stratum or changed places do, and the list's checksum says so.
    """
    from surveys.sampling.listing import List  # noqa: PLC0415  (see _drawn)

    record = _record(session, wave)
    plan = Plan(**record.settings["plan"])
    communities = {area.code: area.id for area in areas.communities(session, wave.area_id)}
    list_ = List.read(session, communities, record.settings["last_address"])
    if list_.sha256 != record.frame_sha256:
        return [Problem(N_("The list of addresses is not the one the sample was drawn from."))]
    drawn = _drawn(session, record.seed, plan, list_, record.made_at)
    released = _released(session, wave)
    again = {}
    for one in drawn:
        for batch, places in enumerate(one.batches, start=1):
            chance = one.probability(max(batch, released.get(communities[one.cell.community], 1)))
            again.update(dict.fromkeys(one.cell.ids[places].tolist(), (batch, chance)))
    query = sa.select(SampledUnit.address_id, SampledUnit.batch, SampledUnit.probability)
    stored = {
        address: (batch, chance)
        for address, batch, chance in session.execute(query.where(SampledUnit.wave_id == wave.id))
    }
    return _differences(stored, again)


# ---- reserves ------------------------------------------------------------------------------------


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
    _must_run(wave, N_("Wave %(code)s is %(state)s: too late to release a batch."))
    record = _record(session, wave)
    known = {area.code: area.id for area in areas.communities(session, wave.area_id)}
    if community is not None and community not in known:
        raise Refused(_unknown(community))
    released = _released(session, wave)
    waiting = {one.community_id for one in batches(session, wave) if one.batch == batch}
    asked = [community] if community else sorted(known)
    ready = [c for c in asked if known[c] in waiting and released.get(known[c]) == batch - 1]
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


# ---- the list, and what a plan draws from it -----------------------------------------------------


def _drawn(
    session: Session, seed: int, plan: Plan, list_: List, moment: dt.datetime
) -> list[Drawn]:
    """What a plan draws; ``moment`` says which batches of the earlier wave were out by then."""
    from surveys.sampling import picks  # noqa: PLC0415  (numpy and scipy: not for every door)

    assert isinstance(plan.per_community, Mapping)  # noqa: S101  (see draw)
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
    from surveys.sampling.picks import Earlier, probability  # noqa: PLC0415

    wave = waves.get(session, plan.previous or "")
    record = _record(session, wave)
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


def _rows(
    keys: Keys,
    wave: Wave,
    drawn: Iterable[Drawn],
    communities: Mapping[str, int],
    moment: dt.datetime,
) -> Iterable[dict[str, Any]]:
    """The sampled units as rows: a sample may have tens of thousands."""
    by_community: dict[str, list[Drawn]] = {}
    for one in drawn:
        by_community.setdefault(one.cell.community, []).append(one)
    for code, cells in by_community.items():
        position = 0
        for batch in range(1, len(cells[0].sizes) + 1):
            for one in cells:
                chance = one.probability(batch)
                for place in one.batches[batch - 1].tolist():
                    position += 1
                    address = int(one.cell.ids[place])
                    yield {
                        "wave_id": wave.id,
                        "address_id": address,
                        "community_id": communities[code],
                        "housing": one.cell.housing[place],
                        "grid": one.cell.grids[place],
                        "probability": chance,
                        "position": position,
                        "batch": batch,
                        "drawn_at": moment,
                        "released_at": moment if batch == 1 else None,
                        "code_issue": 1,
                        "code_hash": invitations.hash_of(keys, wave.id, address, 1),
                    }


def _released(session: Session, wave: Wave) -> dict[int, int]:
    """The newest batch that is out, by community."""
    query = (
        sa.select(SampledUnit.community_id, sa.func.max(SampledUnit.batch))
        .where(SampledUnit.wave_id == wave.id, SampledUnit.released_at.is_not(None))
        .group_by(SampledUnit.community_id)
    )
    return dict(session.execute(query).all())


def _chances(record: Draw, batch: int) -> dict[tuple[str, str], float]:
    """π by community and cell, once the batches up to this one are out."""
    from surveys.sampling.picks import probability  # noqa: PLC0415

    return {
        (community, name): probability(first, sizes, units, batch)
        for community, name, units, first, sizes in record.settings["cells"]
    }


def _differences(
    stored: Mapping[int, tuple[int, float]], again: Mapping[int, tuple[int, float]]
) -> list[Problem]:
    found = []
    if missing := len(again.keys() - stored.keys()):
        text = N_("%(number)d addresses that the seed draws are not in the sample.")
        found.append(Problem(text, {"number": missing}))
    if strange := len(stored.keys() - again.keys()):
        text = N_("%(number)d addresses of the sample are not drawn by the seed.")
        found.append(Problem(text, {"number": strange}))
    if other := sum(stored[one] != again[one] for one in stored.keys() & again.keys()):
        text = N_("%(number)d addresses have another batch or probability than the record says.")
        found.append(Problem(text, {"number": other}))
    return found


# ---- refusals ------------------------------------------------------------------------------------


def made(session: Session, wave: Wave) -> Draw | None:
    """How a wave was drawn; None if it was not yet."""
    return session.scalar(sa.select(Draw).where(Draw.wave_id == wave.id))


def _record(session: Session, wave: Wave) -> Draw:
    record = made(session, wave)
    if record is None:
        text = N_("The sample of wave %(code)s has not been drawn.")
        raise Refused(Problem(text, {"code": wave.code}))
    return record


def may_draw(session: Session, wave: Wave) -> None:
    """Refused if the wave is over, or was drawn already."""
    _must_run(wave, N_("Wave %(code)s is %(state)s: too late to draw."))
    # The row is held until the end, so that two draws at once cannot both find nothing drawn.
    session.execute(sa.select(Wave.id).where(Wave.id == wave.id).with_for_update())
    if session.scalar(sa.select(sa.exists().where(SampledUnit.wave_id == wave.id))):
        twice = N_("The sample of wave %(code)s was drawn already.")
        raise Refused(Problem(twice, {"code": wave.code}))


def _must_run(wave: Wave, text: str) -> None:
    if wave.state not in ("draft", "open"):
        params = {"code": wave.code, "state": Problem(STATE_WORDS[wave.state])}
        raise Refused(Problem(text, params))


def _wanted(known: Iterable[str], plan: Plan) -> dict[str, int]:
    asked = plan.per_community
    wanted = dict.fromkeys(known, asked) if isinstance(asked, int) else dict(asked)
    problems = [*plan.faults(), *(_unknown(code) for code in wanted if code not in known)]
    if any(number < 1 for number in wanted.values()):
        problems.append(Problem(N_("At least one address per community must be drawn.")))
    if problems:
        raise Refused(*problems)
    return {code: wanted[code] for code in sorted(wanted)}


def _unknown(code: str) -> Problem:
    return Problem(N_("There is no community with the code “%(code)s”."), {"code": code})
