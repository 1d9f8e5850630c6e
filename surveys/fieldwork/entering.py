"""Entering: checked writes go into the record, those of several phones in one transaction.

First each write under its name (:mod:`surveys.fieldwork.uploads`), then all that follows from those
whose name is new, one statement for each table; last what is to be said about the others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import sqlalchemy as sa

from surveys import responses, shapes
from surveys.audit import AuditEntry
from surveys.fieldwork import selection, uploads
from surveys.fieldwork.attempts import Attempt
from surveys.fieldwork.intake import Door, Entry, Visit
from surveys.fieldwork.interviews import Interview, Note
from surveys.fieldwork.messages import Unsealed
from surveys.fieldwork.shifts import Shift
from surveys.fieldwork.uploads import HELD, Outcome
from surveys.questionnaires.answers import clean
from surveys.responses import HeldWave, Receipt
from surveys.sampling.units import SampledUnit
from surveys.statements import Insertion, in_one_trip

Rows: TypeAlias = list[dict[str, Any]]


def enter(connection: sa.Connection, entries: Sequence[Entry]) -> list[Outcome]:
    """Enter writes, each as if it had come alone; what to answer, in their order.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a write transaction; nothing is acknowledged before it is committed.
    """
    # Everyone takes them in the same order, so that on PostgreSQL no two transactions wait for each
    # other; and no wave closes or is locked before the commit.
    order = sorted(range(len(entries)), key=lambda place: _rank(entries[place]))
    first = {entries[place].name: place for place in reversed(order)}
    begun = [entries[place] for place in order if first[entries[place].name] == place]
    waves, stands = _begin(connection, begun)
    fresh = {
        first[entry.name]: (entry, id_)
        for entry in begun
        if isinstance(id_ := stands[entry.name], int)
    }
    said = dict(zip(fresh, _follow(connection, waves, list(fresh.values())), strict=True))
    for place in order:
        entry = entries[place]
        if place not in said:
            known = stands[entry.name] if first[entry.name] == place else None
            said[place] = known if isinstance(known, Outcome) else _known(connection, entry)
    return [said[place] for place in range(len(entries))]


def begin(connection: sa.Connection, entry: Entry) -> int | Outcome:
    """Enter one write, for whoever sees to what follows; its id, or what is to be answered."""
    _, stands = _begin(connection, [entry])
    standing = stands[entry.name]
    return _known(connection, entry) if standing is None else standing


def _begin(
    connection: sa.Connection, entries: Sequence[Entry]
) -> tuple[dict[int, HeldWave], dict[str, int | Outcome | None]]:
    """Hold the waves, and enter writes of which no two have one name.

    Returns
    -------
    dict
        The waves by id.
    dict
        By name: its id where it is new, what became of one that is opened anew, or None where the
        name is known.
    """
    asked = responses.asking_for_waves(entry.door.wave_id for entry in entries if entry.door)
    rows = [entry.row for entry in entries if entry.upload_id is None]
    held, entered = in_one_trip(connection, (responses.HOLD_WAVE, asked), (uploads.ENTER, rows))
    new: dict[str, int] = dict(entered)
    stands = {
        entry.name: new.get(entry.name)
        if entry.upload_id is None
        else _reopen(connection, entry, entry.upload_id)
        for entry in entries
    }
    return responses.held_waves(asked, held), stands


def _reopen(connection: sa.Connection, entry: Entry, upload_id: int) -> int | Outcome:
    """Enter one that is held already; it stays so, perhaps for another reason, if it must."""
    if entry.row["status"] == HELD:
        uploads.finish(connection, upload_id, reason=entry.row["reason"])
        return Outcome(HELD, entry.row["reason"])
    return uploads.reopen(connection, upload_id)


def _known(connection: sa.Connection, entry: Entry) -> Outcome:
    return uploads.known(connection, entry.row, entry.body)


def _rank(entry: Entry) -> tuple[int, str]:
    return entry.row["unit_id"] or 0, entry.name


def counts(wave: HeldWave, at: dt.datetime) -> bool:
    """Whether a visit still belongs to the fieldwork of a wave.

    One that was made before the wave closed tells the truth about an address, and counts until the
    wave is locked; then its dispositions stand.
    """
    if wave.state == "closed":
        return wave.closed_at is not None and at <= wave.closed_at
    return wave.state == "open"


@dataclass
class _Consequences:
    """The rows that follow from some writes, to be inserted at once."""

    shifts: Rows = field(default_factory=list)
    attempts: Rows = field(default_factory=list)
    interviews: Rows = field(default_factory=list)
    notes: Rows = field(default_factory=list)

    def insert(self, connection: sa.Connection) -> None:
        rows = [(statement, getattr(self, name)) for name, statement in _INSERTS.items()]
        in_one_trip(connection, *rows)


def _follow(
    connection: sa.Connection, waves: Mapping[int, HeldWave], fresh: Sequence[tuple[Entry, int]]
) -> list[Outcome]:
    """Record what follows from writes that are new, each with its id."""
    receipts = _accept(connection, waves, [entry for entry, _ in fresh])
    found = _Consequences()
    outcomes = []
    for entry, upload_id in fresh:
        receipt = receipts.get(entry.name)
        remarks = []
        if entry.shift is not None:
            found.shifts.append({**entry.shift, "recorded_at": entry.received_at})
        is_late = False
        if entry.door and entry.visit:
            is_late = not counts(waves[entry.door.wave_id], entry.visit.at)
        if entry.door and entry.visit and not is_late:
            if entry.upload_id is None:  # else it is on record since the write came in
                found.attempts.append(_attempt(entry, entry.visit))
            remarks += _visit_remarks(connection, entry, entry.door, entry.visit)
        if entry.door and entry.told:
            remarks += _selection_remarks(entry.door, entry.told)
        changes: dict[str, Any] = {"remarks": " ".join(remarks)} if remarks else {}
        if receipt and receipt.status == HELD:
            changes |= {"status": HELD, "reason": receipt.reason}
        elif is_late and entry.row["kind"] == "attempt":  # an interview is judged by what it says
            changes |= {"status": HELD, "reason": "late"}
        elif receipt and entry.told:
            found.interviews.append(_paradata(entry, entry.told, receipt, upload_id))
            found.notes += _notes(entry.told, receipt)
        if changes:  # something stands in the record otherwise than it was sent
            uploads.finish(connection, upload_id, body=entry.body, **changes)
        standing = entry.row | changes
        outcomes.append(Outcome(standing["status"], standing["reason"]))
    found.insert(connection)
    return outcomes


def _accept(
    connection: sa.Connection, waves: Mapping[int, HeldWave], entries: Iterable[Entry]
) -> dict[str, Receipt]:
    """Let the interviews in; their receipts by name."""
    sent = [(entry.name, entry.submission, entry.received_at) for entry in entries]
    found = [(name, submission, at) for name, submission, at in sent if submission]
    if not found:
        return {}
    names, submissions, arrived_at = zip(*found, strict=True)
    receipts = responses.accept_all(connection, submissions, waves, arrived_at)
    return dict(zip(names, receipts, strict=True))


def _attempt(entry: Entry, visit: Visit) -> dict[str, Any]:
    return {
        "unit_id": entry.row["unit_id"],
        "at": min(visit.at, entry.received_at),
        "outcome": visit.outcome,
        "actor": entry.sender.name,
        "partner": clean(visit.partner),
        "return_at": visit.return_at,
        "recorded_at": entry.received_at,
    }


def _visit_remarks(connection: sa.Connection, entry: Entry, door: Door, visit: Visit) -> list[str]:
    """What staff should know of a visit; the first count of the households is noted."""
    remarks = {
        "moved": not door.is_mine,
        "clock": visit.at > entry.received_at and entry.upload_id is None,
        "households": visit.households is not None
        and not _count(connection, entry, door, visit.households),
        "reopened": entry.upload_id is not None,
    }
    return [remark for remark, holds in remarks.items() if holds]


def _count(connection: sa.Connection, entry: Entry, door: Door, households: int) -> bool:
    """Note how many households an address has; False if another number was counted before."""
    if door.households is None:
        first = connection.execute(_COUNT, {"unit": door.unit_id, "number": households})
        if first.rowcount == 1:
            trace = {
                "actor": entry.sender.name,
                "action": "unit.households",
                "subject": str(door.unit_id),
                "detail": {"households": households},
            }
            connection.execute(sa.insert(AuditEntry), trace)
            return True
    stands = connection.scalar(_COUNTED, {"unit": door.unit_id})
    return bool(stands == households)


def _selection_remarks(door: Door, told: Unsealed) -> list[str]:
    """Whether those at the door asked whom the wave's seed says."""
    how = told.selection
    is_kept = how.rule == door.rule
    if door.rule == "kish" and how.adults is not None:
        is_kept &= how.chosen == selection.adult(door.seed, door.address_id, how.adults)
    remarks = [] if is_kept else ["selection"]
    return [*remarks, "recount"] if how.corrections else remarks


def _paradata(entry: Entry, told: Unsealed, receipt: Receipt, upload_id: int) -> dict[str, Any]:
    return {
        "response_id": receipt.response_id,
        "upload_id": upload_id,
        "user_id": entry.sender.id,
        "partner": clean(told.partner),
        "is_private": told.private,
        "selection": told.selection.rule,
        "households": told.selection.households,
        "adults": told.selection.adults,
        "chosen": told.selection.chosen,
        "corrections": [shapes.plain(one) for one in told.selection.corrections],
        "started_at": told.started_at,
        "finished_at": told.finished_at,
    }


def _notes(told: Unsealed, receipt: Receipt) -> Rows:
    return [
        {"response_id": receipt.response_id, "question": clean(name)[:64], "text": clean(text)}
        for name, text in told.notes.items()
        if clean(text)
    ]


# ---- statements, made once -----------------------------------------------------------------------

_INSERTS = {
    "shifts": Insertion(Shift),
    "attempts": Insertion(Attempt),
    "interviews": Insertion(Interview),
    "notes": Insertion(Note),
}
_COUNT = (
    sa.update(SampledUnit)
    .where(SampledUnit.id == sa.bindparam("unit"), SampledUnit.households.is_(None))
    .values(households=sa.bindparam("number"))
)
_COUNTED = sa.select(SampledUnit.households).where(SampledUnit.id == sa.bindparam("unit"))
