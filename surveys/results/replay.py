"""Replay: draw, weights and figures of a wave made again from their records, and compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.problems import N_, Problem, Refused
from surveys.results import (
    breakdowns,
    cells,
    derived,
    deriving,
    estimates,
    snapshots,
    weighed,
)
from surveys.results.derived import Otherwise
from surveys.results.snapshots import Snapshot
from surveys.results.weighed import Weighed
from surveys.sampling import redraw
from surveys.sampling.draws import Draw
from surveys.waves import Wave
from surveys.weighting import weight_sets
from surveys.weighting.weight_sets import WeightSet

if TYPE_CHECKING:
    from surveys.office import Office


def replay(office: Office, session: Session, wave: Wave) -> list[Problem]:
    """Everything of a wave that does not come out again as it is recorded; empty: all does.

    The draw is made from its seed and the list, every set of weights from the snapshot and its
    recipe, every figure, group and table of a set from its weights and the definitions, and what
    is derived from this wave and those before it from their cells and figures.

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
    problems = [] if drawn is None else redraw.replay(session, wave)
    if snapshot is None:
        return problems
    every = sa.select(WeightSet).where(WeightSet.wave_id == wave.id).order_by(WeightSet.number)
    try:
        snapshots.read_manifest(office, snapshot)
        for weight_set in session.scalars(every):
            problems += _weight_set(office, session, snapshot, weight_set)
        otherwise = deriving.compare(
            deriving.of(session, wave), deriving.make(office, session, wave)
        )
    except Refused as refused:  # a file is missing or changed: the rest cannot be made
        return [*problems, *refused.problems]
    return problems + [_otherwise(one) for one in otherwise]


def _weight_set(
    office: Office, session: Session, snapshot: Snapshot, weight_set: WeightSet
) -> list[Problem]:
    """The weights and, where those are what they were, all that was made of them."""
    read = weighed.read(office, session, snapshot, weight_set)
    if problems := _weights(read, weight_set):
        return problems
    return [
        *_cells(office, session, read, weight_set),
        *_figures(session, read, weight_set),
        *_broken_down(session, read, weight_set),
    ]


def _weights(read: Weighed, weight_set: WeightSet) -> list[Problem]:
    made, settings = weight_sets.make(read.material, weight_set.settings["asked"])
    problems, number = [], weight_set.number
    if not made.equals(read.weights):
        kept = dict(zip(read.weights.column_names, read.weights.columns, strict=True))
        other = [
            name
            for name, column in zip(made.column_names, made.columns, strict=True)
            if name not in kept or not column.equals(kept[name])
        ]
        text = N_("The weights of set %(number)d come out otherwise: %(columns)s.")
        problems.append(Problem(text, {"number": number, "columns": ", ".join(other)}))
    if _plain(settings) != _plain(weight_set.settings):
        text = N_("The record of weight set %(number)d is otherwise.")
        problems.append(Problem(text, {"number": number}))
    return problems


def _cells(office: Office, session: Session, read: Weighed, weight_set: WeightSet) -> list[Problem]:
    stored = cells.of(session, weight_set.id)
    if stored is None:  # locked by an earlier release
        return []
    kept, again = cells.read(office, stored), cells.make(read)
    if kept.units.equals(again.units) and kept.totals.equals(again.totals):
        return []
    text = N_("The cells of weight set %(number)d come out otherwise.")
    return [Problem(text, {"number": weight_set.number})]


def _figures(session: Session, read: Weighed, weight_set: WeightSet) -> list[Problem]:
    text = N_(
        "Set %(number)d, %(stream)s %(indicator)s %(area)s: %(field)s is stored as %(stored)s and "
        "comes out as %(recomputed)s."
    )
    stored, made = estimates.of_set(session, weight_set.id), estimates.compute(read)
    return [
        Problem(text, {"number": weight_set.number, **vars(one)})
        for one in estimates.compare(stored, made)
    ]


def _broken_down(session: Session, read: Weighed, weight_set: WeightSet) -> list[Problem]:
    """The tables and the rates by group; a wave locked by an earlier release may have none."""
    stored = breakdowns.of(session, weight_set.id)
    if not stored.tables:
        return []
    made = breakdowns.compute(read)
    kept = {(one.question, one.by): one for one in stored.tables}
    again = {(one.question, one.by): one for one in made.tables}
    problems = []
    for question, by in sorted(kept.keys() | again.keys()):
        if kept.get((question, by)) != again.get((question, by)):
            text = N_("Set %(number)d: the table of %(question)s %(by)s comes out otherwise.")
            params = {"number": weight_set.number, "question": question, "by": f"× {by}" * bool(by)}
            problems.append(Problem(text, params))
    return [
        *problems,
        *map(_otherwise, derived.compare(stored.groups, made.groups, "group")),
    ]


def _otherwise(one: Otherwise) -> Problem:
    text = N_("%(what)s is stored as %(stored)s and comes out as %(recomputed)s.")
    return Problem(text, dict(vars(one)))


def _plain(settings: Mapping[str, Any]) -> Any:
    """Settings as the record gives them back: lists for tuples."""
    return json.loads(json.dumps(settings))
