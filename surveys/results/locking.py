"""Locking: a closed wave becomes files and figures, and nothing in it changes any more.

First the files, each whole or not at all, then one transaction with everything that refers to them.
After a crash anywhere in between the wave is still closed, and locking it again writes the same
files over the old ones.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import audit, responses, waves
from surveys.database import now
from surveys.garbage import uncollected
from surveys.problems import N_, Problem, Refused
from surveys.results import breakdowns, cells, deriving, estimates, groups, snapshots, weighed
from surveys.results.beside import Begin, tabulating
from surveys.results.breakdowns import Breakdowns
from surveys.results.cells import Cells, StoredCells
from surveys.results.figures import Figure, GroupFigure
from surveys.results.items import Table
from surveys.results.locked import Known, Locked
from surveys.results.snapshots import Snapshot
from surveys.results.weighed import Weighed
from surveys.waves import Wave
from surveys.weighting import weight_sets
from surveys.weighting.weight_sets import WeightSet

if TYPE_CHECKING:
    from surveys.office import Office


@uncollected()
def lock(office: Office, code: str, actor: str, at: dt.datetime | None = None) -> None:
    """Lock a closed wave: snapshot, weights, estimates, state and audit.

    A campaign visit is snapshot and locked, and yields no rates.

    Parameters
    ----------
    at : datetime, optional
        The moment to write down; by default now.

    Raises
    ------
    Refused
        There is no such wave, or it is not closed; nothing has changed.
    """
    at = at or now()
    with office.database.read() as session:
        wave = waves.get(session, code)
        if wave.state != "closed":
            raise waves.refusal(wave, "locked")
        with tabulating(responses.number(session, wave)) as begin:
            snapshot = snapshots.write(office, session, wave, at)
            made = derived = None
            if wave.kind == "measurement":
                material = snapshots.material(office, snapshot)
                weight_set = weight_sets.weigh(office, session, snapshot, material)
                read = weighed.read(office, session, snapshot, weight_set, material)
                made = _made(office, weight_set, read, begin)
                derived = deriving.make(office, session, wave, _locked(wave, snapshot, made))
    with office.database.write() as session:
        wave = waves.get(session, code)
        waves.advance(session, wave, "locked", actor)
        wave.locked_at = at
        # Last of the files, and only once the wave is ours: of two people who lock at once, the
        # second is refused here, and the manifest on disk stays the one in the record.
        snapshots.write_manifest(office, snapshot)
        session.add(snapshot)
        if made:
            _store(session, made)
            deriving.refresh(office, session, wave, derived)
        audit.record(session, actor, "wave.snapshot", code, sha256=snapshot.sha256)


@uncollected()
def weigh_again(
    office: Office,
    code: str,
    recipe: Mapping[str, Any] | None,
    actor: str,
    *,
    with_present_margins: bool = False,
) -> WeightSet:
    """Weigh a locked wave otherwise: a new set of weights with figures of its own.

    The sets before it stay as they are; the newest is the one that is shown.

    Parameters
    ----------
    recipe : mapping or None
        Settings of :class:`surveys.weighting.recipes.Recipe` instead of the wave's own; None
        keeps those.
    with_present_margins : bool
        Take the margins as the record has them now, not as it had them at the lock.

    Raises
    ------
    Refused
        The wave is not a locked measurement, or cannot be weighed in this way.
    """
    with office.database.write() as session:
        wave = waves.get(session, code)
        snapshot = session.scalar(sa.select(Snapshot).where(Snapshot.wave_id == wave.id))
        if snapshot is None or wave.kind != "measurement":
            text = N_("Wave %(code)s is no locked measurement: there is nothing to weigh again.")
            raise Refused(Problem(text, {"code": code}))
        margins = snapshots.margins_of(session, wave) if with_present_margins else None
        material = snapshots.material(office, snapshot)
        weight_set = weight_sets.weigh(
            office, session, snapshot, material, recipe=recipe, margins=margins, made_at=now()
        )
        read = weighed.read(office, session, snapshot, weight_set, material)
        with tabulating(material.responses.num_rows) as begin:
            made = _made(office, weight_set, read, begin)
        _store(session, made)
        deriving.refresh(office, session, wave)
        detail = {"number": weight_set.number, "recipe": weight_set.settings["recipe"]}
        audit.record(session, actor, "wave.weigh", code, sha256=weight_set.sha256, **detail)
        return weight_set


@dataclass(frozen=True)
class _Made:
    """A set of weights with all that is made of it, not yet stored."""

    weight_set: WeightSet
    figures: list[Figure]
    tables: Future[list[Table]]
    groups: list[GroupFigure]
    cells: Cells
    stored_cells: StoredCells


def _made(office: Office, weight_set: WeightSet, read: Weighed, begin: Begin) -> _Made:
    """Everything from the files as they were written, as anyone would make it again."""
    tables = begin(read)
    figures, kept, of_groups = estimates.compute(read), cells.make(read), groups.compute(read)
    stored_cells = cells.write(office, weight_set, kept)
    return _Made(weight_set, figures, tables, of_groups, kept, stored_cells)


def _locked(wave: Wave, snapshot: Snapshot, made: _Made) -> Locked:
    """The wave as those that come after it will read it."""
    known = Known.of(made.figures)
    return Locked(wave.id, 0, wave.code, wave.month, snapshot.manifest, known, made.cells)


def _store(session: Session, made: _Made) -> None:
    session.add(made.weight_set)
    session.flush()
    made.stored_cells.weight_set_id = made.weight_set.id
    session.add(made.stored_cells)
    estimates.store(session, made.weight_set, made.figures)
    broken_down = Breakdowns(made.tables.result(), made.groups)
    breakdowns.store(session, made.weight_set, broken_down)
    session.flush()
