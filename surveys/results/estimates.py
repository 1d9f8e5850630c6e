"""Stored estimates: the figures of locked waves, as staff read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys.areas import Area
from surveys.database import Base, Json, now
from surveys.problems import N_, Problem, Refused
from surveys.results import open_figures, sample_figures, snapshots, weighed
from surveys.results.figures import Figure
from surveys.results.snapshots import Snapshot
from surveys.results.weighed import Weighed
from surveys.waves import STATE_WORDS, Wave
from surveys.weighting.weight_sets import WeightSet

if TYPE_CHECKING:
    from surveys.office import Office


class EstimatedColumns:
    """What is stored of every rate or index: see :class:`surveys.results.figures.Estimated`."""

    estimate: Mapped[float | None]  # weighted; of the open stream: pseudo-weighted
    unweighted: Mapped[float | None]
    se: Mapped[float | None]
    lower: Mapped[float | None]  # two-sided 95 % Korn–Graubard (rates), t (indices)
    upper: Mapped[float | None]
    df: Mapped[float | None]
    n: Mapped[int]  # respondents in the base
    n_effective: Mapped[float | None]
    basis: Mapped[str | None] = mapped_column(String(12))  # of the error: household|grid|pairs


class StoredEstimate(EstimatedColumns, Base):
    """One figure of a locked wave: of an indicator, in an area, from one stream."""

    __tablename__ = "estimates"
    __table_args__ = (
        UniqueConstraint("weight_set_id", "area_id", "stream", "indicator"),
        Index(None, "wave_id", "indicator"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"))
    weight_set_id: Mapped[int] = mapped_column(ForeignKey("weight_sets.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    stream: Mapped[str] = mapped_column(String(8))  # sample: judged; open: never
    indicator: Mapped[str] = mapped_column(String(48))
    definition_version: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(8))  # rate (0–1) | index (0–100)
    n_weighted: Mapped[float | None]  # Σw in the base
    deff: Mapped[float | None]
    missing: Mapped[int]  # respondents asked and not in the base (refused, skipped)
    target: Mapped[float | None]
    verdict: Mapped[str | None] = mapped_column(String(12))  # met|not_met|undecided|too_few
    reason: Mapped[str | None] = mapped_column(String(16))  # no met: response_rate | few_grids
    response_rate: Mapped[float | None]  # RR2 of the area
    with_excluded: Mapped[float | None]  # the estimate, had staff excluded nobody
    difference: Mapped[float | None]  # of the open stream: from the sample
    difference_lower: Mapped[float | None]
    difference_upper: Mapped[float | None]
    disagrees: Mapped[bool | None]  # beyond chance
    modes: Mapped[dict[str, Any]] = mapped_column(Json)  # mode → respondents in the base
    made_at: Mapped[dt.datetime] = mapped_column(default=now)


@dataclass(frozen=True)
class Difference:
    """Something stored that does not come out again."""

    stream: str
    indicator: str
    area: str
    field: str
    stored: object
    recomputed: object


def of_wave(session: Session, wave: Wave) -> list[Figure]:
    """The stored figures of a wave, from its newest weights, in the order they were made."""
    weight_set = _newest_weights(session, wave)
    return [] if weight_set is None else of_set(session, weight_set.id)


def of_set(session: Session, weight_set_id: int) -> list[Figure]:
    """The stored figures of a set of weights, in the order they were made."""
    query = (
        sa.select(Area.code.label("area"), *(getattr(StoredEstimate, name) for name in _STORED))
        .join(Area, Area.id == StoredEstimate.area_id)
        .where(StoredEstimate.weight_set_id == weight_set_id)
        .order_by(StoredEstimate.id)
    )
    return [Figure(**row) for row in session.execute(query).mappings()]


def store(session: Session, weight_set: WeightSet, made: Iterable[Figure]) -> None:
    """Keep the figures that a stored set of weights yields."""
    ids = dict(session.execute(sa.select(Area.code, Area.id)).all())
    of_set = {
        "wave_id": weight_set.wave_id,
        "weight_set_id": weight_set.id,
        "made_at": weight_set.made_at,
    }
    rows = []
    for figure in made:
        numbers = dict(vars(figure))
        rows.append({"area_id": ids[numbers.pop("area")], **numbers, **of_set})
    session.execute(sa.insert(StoredEstimate), rows)


def estimate(office: Office, session: Session, wave: Wave) -> list[Figure]:
    """Make the figures of a locked wave again, from its files and definitions.

    Raises
    ------
    Refused
        The wave has no figures, or one of its files is missing or changed.
    """
    snapshot = session.scalar(sa.select(Snapshot).where(Snapshot.wave_id == wave.id))
    weight_set = _newest_weights(session, wave)
    if snapshot is None or weight_set is None:
        if wave.kind == "campaign":
            text = N_("Wave %(code)s is a campaign visit: campaigns yield no rates.")
        else:
            text = N_("Wave %(code)s is %(state)s: only locked waves have rates.")
        state = Problem(STATE_WORDS[wave.state])
        raise Refused(Problem(text, {"code": wave.code, "state": state}))
    snapshots.read_manifest(office, snapshot)
    return compute(weighed.read(office, session, snapshot, weight_set))


def compute(material: Weighed) -> list[Figure]:
    """The figures of a set of weights: the sample's, then the open link's."""
    sampled = list(sample_figures.compute(material))
    by_place = {(one.indicator, one.area): one for one in sampled}
    return [*sampled, *open_figures.compute(material, by_place)]


def compare(stored: Iterable[Figure], made: Iterable[Figure]) -> list[Difference]:
    """What differs, by as much as one bit, between two makings of the same figures."""
    before, after = ({(f.stream, f.indicator, f.area): f for f in one} for one in (stored, made))
    return [
        Difference(*key, name, old, new)
        for key in sorted(before.keys() | after.keys())
        for name, old, new in _pairs(before.get(key), after.get(key))
        if old != new
    ]


def _pairs(old: Figure | None, new: Figure | None) -> list[tuple[str, object, object]]:
    if old is None or new is None:
        return [("figure", old and "stored", new and "recomputed")]
    return [(f.name, getattr(old, f.name), getattr(new, f.name)) for f in fields(Figure)]


_STORED = [field.name for field in fields(Figure) if field.name != "area"]


def _newest_weights(session: Session, wave: Wave) -> WeightSet | None:
    newest = WeightSet.number.desc()
    return session.scalar(
        sa.select(WeightSet).where(WeightSet.wave_id == wave.id).order_by(newest).limit(1)
    )
