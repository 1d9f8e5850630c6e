"""Replay: draw, weights and figures of a wave made again from their records, and compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.problems import N_, Problem, Refused
from surveys.results import cells, deriving, estimates
from surveys.results.derived import Otherwise
from surveys.results.snapshots import Snapshot
from surveys.sampling import draws
from surveys.sampling.draws import Draw
from surveys.waves import Wave
from surveys.weighting import weight_sets
from surveys.weighting.weight_sets import WeightSet

if TYPE_CHECKING:
    from surveys.office import Office


def replay(office: Office, session: Session, wave: Wave) -> list[Problem]:
    """Everything of a wave that does not come out again as it is recorded; empty: all does.

    The draw is made from its seed and the list, every set of weights from the snapshot and its
    recipe, every figure of the newest from the weights and the definitions, and what is derived
    from this wave and those before it from their cells and figures.

    Raises
    ------
    Refused
        The wave was neither drawn nor locked: there is nothing to replay.
    """
    drawn = session.scalar(sa.select(Draw.id).where(Draw.wave_id == wave.id))
    snapshot = session.scalar(sa.select(Snapshot).where(Snapshot.wave_id == wave.id))
    if drawn is None and snapshot is None:
        text = N_("Wave %(code)s was neither drawn nor locked: there is nothing to replay.")
        raise Refused(Problem(text, {"code": wave.code}))
    problems = [] if drawn is None else draws.replay(session, wave)
    if snapshot is None:
        return problems
    every = sa.select(WeightSet).where(WeightSet.wave_id == wave.id).order_by(WeightSet.number)
    try:
        for weight_set in session.scalars(every):
            problems += _weights(office, snapshot, weight_set)
            problems += _cells(office, session, wave, snapshot, weight_set)
        stored, made = estimates.of_wave(session, wave), []
        if stored:
            made = estimates.estimate(office, session, wave)
        otherwise = deriving.compare(
            deriving.of(session, wave), deriving.make(office, session, wave)
        )
    except Refused as refused:  # a file is missing or changed: the rest cannot be made
        return [*problems, *refused.problems]
    problems += [_differs(one) for one in estimates.compare(stored, made)]
    return problems + [_otherwise(one) for one in otherwise]


def _weights(office: Office, snapshot: Snapshot, weight_set: WeightSet) -> list[Problem]:
    weight_sets.read(office, weight_set)  # refused if it is not the file that was made
    weights, settings = weight_sets.again(office, snapshot, weight_set.settings["asked"])
    params = {"number": weight_set.number}
    problems = []
    if not weights.equals(weight_sets.read(office, weight_set)):
        problems.append(Problem(N_("The weights of set %(number)d come out otherwise."), params))
    if _plain(settings) != _plain(weight_set.settings):
        problems.append(Problem(N_("The record of weight set %(number)d is otherwise."), params))
    return problems


def _cells(
    office: Office, session: Session, wave: Wave, snapshot: Snapshot, weight_set: WeightSet
) -> list[Problem]:
    stored = cells.of(session, weight_set.id)
    if stored is None:  # locked by an earlier release
        return []
    kept, again = (
        cells.read(office, stored),
        cells.compute(office, session, wave, snapshot, weight_set),
    )
    if kept.units.equals(again.units) and kept.totals.equals(again.totals):
        return []
    text = N_("The cells of weight set %(number)d come out otherwise.")
    return [Problem(text, {"number": weight_set.number})]


def _otherwise(one: Otherwise) -> Problem:
    text = N_("%(what)s is stored as %(stored)s and comes out as %(recomputed)s.")
    return Problem(text, dict(vars(one)))


def _plain(settings: Mapping[str, Any]) -> Any:
    """Settings as the record gives them back: lists for tuples."""
    return json.loads(json.dumps(settings))


def _differs(one: estimates.Difference) -> Problem:
    text = N_(
        "%(stream)s %(indicator)s %(area)s: %(field)s is stored as %(stored)s and comes out as "
        "%(recomputed)s."
    )
    return Problem(text, dict(vars(one)))
