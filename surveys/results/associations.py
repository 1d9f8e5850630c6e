"""Associations: whether groups answered alike, and what goes with low satisfaction.

Made of a locked wave's files and definitions alone, when somebody first asks, and kept from then on
beside the sum of the snapshot they were made from: there are hundreds of tables, and few are looked
at. ``minyi tables`` and ``minyi associations`` make them again and compare.

Of the two designs of a wave (households or grids, and pairs of interviewers) the one that leaves
more to chance counts, as for every rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys.database import Base, Json
from surveys.questionnaires import published
from surveys.results import snapshots
from surveys.results.likeness import table_test
from surveys.results.lows import low_model
from surveys.results.snapshots import Snapshot
from surveys.waves import Wave
from surveys.weighting import weight_sets
from surveys.weighting.weight_sets import WeightSet

if TYPE_CHECKING:
    from surveys.office import Office

TEST, WHO, WHAT = "test", "who", "what"
Content = dict[str, Any]


class StoredAssociation(Base):
    """A test or a model of a locked wave."""

    __tablename__ = "associations"
    __table_args__ = (UniqueConstraint("weight_set_id", "kind", "subject", "crossed_by"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    weight_set_id: Mapped[int] = mapped_column(ForeignKey("weight_sets.id"))
    kind: Mapped[str] = mapped_column(String(8))  # test | who | what
    subject: Mapped[str] = mapped_column(String(64))  # a question; of a model an indicator
    crossed_by: Mapped[str] = mapped_column(String(64))  # of a model empty
    sha256: Mapped[str] = mapped_column(String(64))  # of the snapshot it was made from
    content: Mapped[dict[str, Any]] = mapped_column(Json)


@dataclass(frozen=True)
class Asked:
    """What is asked of a wave: ``test`` of a question by another, or a model of an indicator."""

    kind: str
    subject: str
    by: str = ""


def read(office: Office, weight_set_id: int, asked: Asked) -> Content:
    """What is kept; made and kept now, if nobody has asked before.

    Raises
    ------
    Refused
        A file of the wave is missing or changed.
    """
    with office.database.read() as session:
        found = of(session, weight_set_id, asked)
        if found is not None:
            return found
        snapshot, made = _make(office, session, weight_set_id, asked)
    row = StoredAssociation(
        weight_set_id=weight_set_id, kind=asked.kind, subject=asked.subject, crossed_by=asked.by,
        sha256=snapshot.sha256, content=made,
    )  # fmt: skip
    try:
        with office.database.write() as session:
            session.add(row)
    except IntegrityError:  # somebody asked at the same moment, and has the same answer
        pass
    return made


def of(session: Session, weight_set_id: int, asked: Asked) -> Content | None:
    """What is kept; None where nobody has asked yet."""
    return session.scalar(
        sa.select(StoredAssociation.content)
        .where(StoredAssociation.weight_set_id == weight_set_id)
        .where(StoredAssociation.kind == asked.kind, StoredAssociation.subject == asked.subject)
        .where(StoredAssociation.crossed_by == asked.by)
    )


def again(office: Office, weight_set_id: int, asked: Asked) -> Content:
    """The same made anew from the files, whatever is kept."""
    with office.database.read() as session:
        return _make(office, session, weight_set_id, asked)[1]


def alike(stored: Any, made: Any) -> bool:
    """Whether two makings are the same, to nine digits: sums of many numbers keep no more.

    >>> alike({"p": 0.1}, {"p": 0.1 + 1e-13}), alike([1, "a"], [1, "b"])
    (True, False)
    """
    if isinstance(stored, dict) and isinstance(made, dict):
        return stored.keys() == made.keys() and all(alike(stored[k], made[k]) for k in stored)
    if isinstance(stored, list) and isinstance(made, list):
        return len(stored) == len(made) and all(map(alike, stored, made))
    if isinstance(stored, float) and isinstance(made, int | float):
        return math.isclose(stored, made, rel_tol=1e-9, abs_tol=1e-12)
    return bool(stored == made)


def _make(
    office: Office, session: Session, weight_set_id: int, asked: Asked
) -> tuple[Snapshot, Content]:
    weight_set = session.get_one(WeightSet, weight_set_id)
    wave = session.get_one(Wave, weight_set.wave_id)
    snapshot = session.scalars(sa.select(Snapshot).where(Snapshot.wave_id == wave.id)).one()
    made_of = (
        snapshots.material(office, snapshot),
        weight_sets.read(office, weight_set),
        weight_set.settings,
        published.load(session, wave.questionnaire_id),
    )
    if asked.kind == TEST:
        return snapshot, table_test(*made_of, question=asked.subject, by=asked.by)
    return snapshot, low_model(*made_of, asked.subject, with_environments=asked.kind == WHAT)
