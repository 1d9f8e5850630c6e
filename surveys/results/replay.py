"""Replay: draw, weights and figures of a wave made again from their records, and compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.problems import N_, Problem, Refused
from surveys.results import estimates
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
    recipe, every figure of the newest from the weights and the definitions.

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
        stored, made = estimates.of_wave(session, wave), []
        if stored:
            made = estimates.estimate(office, session, wave)
    except Refused as refused:  # a file is missing or changed: the rest cannot be made
        return [*problems, *refused.problems]
    return problems + [_differs(one) for one in estimates.compare(stored, made)]


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


def _plain(settings: Mapping[str, Any]) -> Any:
    """Settings as the record gives them back: lists for tuples."""
    return json.loads(json.dumps(settings))


def _differs(one: estimates.Difference) -> Problem:
    text = N_(
        "%(stream)s %(indicator)s %(area)s: %(field)s is stored as %(stored)s and comes out as "
        "%(recomputed)s."
    )
    return Problem(text, dict(vars(one)))
