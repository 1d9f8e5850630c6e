"""The draw of a wave: planned, seeded, recorded, so that anyone can draw it again.

A plan and the wave's seed pick addresses from the list (:mod:`surveys.sampling.picks`); the main
sample goes out at once, reserve batches wait until they are released, each whole, in a community
at a time.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import areas, audit
from surveys.database import Base, Json, now
from surveys.garbage import uncollected
from surveys.keys import Keys
from surveys.problems import N_, Problem, Refused
from surveys.sampling import invitations
from surveys.sampling.plans import Plan
from surveys.sampling.units import SampledUnit
from surveys.waves import STATE_WORDS, Wave

if TYPE_CHECKING:
    from surveys.sampling.listing import List
    from surveys.sampling.picks import Drawn


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


@uncollected()
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
    from surveys.sampling import drawing  # noqa: PLC0415  (numpy and scipy: not for every door)
    from surveys.sampling.listing import List  # noqa: PLC0415

    plan = plan if isinstance(plan, Plan) else Plan(plan)
    communities = {area.code: area.id for area in areas.communities(session, wave.area_id)}
    plan = replace(plan, per_community=_wanted(communities, plan))
    list_ = List.read(session, communities)
    return plan, communities, list_, drawing.drawn(session, wave.seed, plan, list_, moment)


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


def made(session: Session, wave: Wave) -> Draw | None:
    """How a wave was drawn; None if it was not yet."""
    return session.scalar(sa.select(Draw).where(Draw.wave_id == wave.id))


def recorded(session: Session, wave: Wave) -> Draw:
    """How a wave was drawn; refused if it was not yet."""
    record = made(session, wave)
    if record is None:
        text = N_("The sample of wave %(code)s has not been drawn.")
        raise Refused(Problem(text, {"code": wave.code}))
    return record


def may_draw(session: Session, wave: Wave) -> None:
    """Refused if the wave is over, or was drawn already."""
    must_run(wave, N_("Wave %(code)s is %(state)s: too late to draw."))
    # The row is held until the end, so that two draws at once cannot both find nothing drawn.
    session.execute(sa.select(Wave.id).where(Wave.id == wave.id).with_for_update())
    if session.scalar(sa.select(sa.exists().where(SampledUnit.wave_id == wave.id))):
        twice = N_("The sample of wave %(code)s was drawn already.")
        raise Refused(Problem(twice, {"code": wave.code}))


def must_run(wave: Wave, text: str) -> None:
    """Refused, in these words, if the wave is over."""
    if wave.state not in ("draft", "open"):
        params = {"code": wave.code, "state": Problem(STATE_WORDS[wave.state])}
        raise Refused(Problem(text, params))


def _wanted(known: Iterable[str], plan: Plan) -> dict[str, int]:
    asked = plan.per_community
    wanted = dict.fromkeys(known, asked) if isinstance(asked, int) else dict(asked)
    problems = [*plan.faults(), *(unknown(code) for code in wanted if code not in known)]
    if any(number < 1 for number in wanted.values()):
        problems.append(Problem(N_("At least one address per community must be drawn.")))
    if problems:
        raise Refused(*problems)
    return {code: wanted[code] for code in sorted(wanted)}


def unknown(code: str) -> Problem:
    """That there is no such community."""
    return Problem(N_("There is no community with the code “%(code)s”."), {"code": code})
