"""Weight sets: how each was made, kept beside the weights.

A weight is the product of its factors (:mod:`surveys.factors`), made one after the other. Every
factor is a column of the weight file; its settings and what it did to the weights stand in the
record, so that an auditor can follow any single weight by hand.

The weights are a function of the snapshot and its manifest alone: no clock, no database, and where
chance is needed, the wave's seed.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import files, snapshots, strata
from surveys.database import Base, Json, now
from surveys.factors import ADULTS, STEPS, Booleans, Counts, Floats, Sample
from surveys.snapshots import Snapshot

if TYPE_CHECKING:
    from surveys.office import Office


class WeightSet(Base):
    """One set of weights of a wave; re-weighting adds another, never overwrites."""

    __tablename__ = "weight_sets"
    __table_args__ = (UniqueConstraint("wave_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"))
    number: Mapped[int]
    path: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    settings: Mapped[dict[str, Any]] = mapped_column(Json)
    made_at: Mapped[dt.datetime] = mapped_column(default=now)


def weigh(office: Office, session: Session, snapshot: Snapshot) -> WeightSet:
    """Weigh a wave from its snapshot: the file is written, the record of it returned unstored."""
    weights, settings = make(snapshots.read(office, snapshot), snapshot.manifest)
    newest = sa.select(sa.func.max(WeightSet.number)).where(WeightSet.wave_id == snapshot.wave_id)
    number = (session.scalar(newest) or 0) + 1
    path = str(Path(snapshot.path).with_name(f"weights-{number}.parquet"))
    return WeightSet(
        wave_id=snapshot.wave_id,
        number=number,
        path=path,
        sha256=files.write_whole(office.data / path, snapshots.to_parquet(weights)),
        settings=settings,
        made_at=snapshot.made_at,
    )


def read(office: Office, weight_set: WeightSet) -> pa.Table:
    """Read the weights back.

    Raises
    ------
    Refused
        The file is missing or is not, byte for byte, the one that was made.
    """
    data = files.read_unchanged(office.data / weight_set.path, weight_set.sha256)
    return snapshots.from_parquet(data)


def make(responses: pa.Table, manifest: Mapping[str, Any]) -> tuple[pa.Table, dict[str, Any]]:
    """Make the weights of a snapshot.

    Parameters
    ----------
    responses : pyarrow.Table
        The snapshot.
    manifest : mapping
        Its manifest: the draw by stratum (``sample``) and the ``seed``.

    Returns
    -------
    weights : pyarrow.Table
        One row per eligible response of the probability sample, in the snapshot's order:
        instance_id, stratum, a column for every factor, weight (their product), fpc (interviews
        over estimated adults of the stratum), and flags of imputed values.
    settings : dict
        The rule and the collapsed strata; for every step its settings and what the weights were
        before and after.
    """
    sample, members = _sample(responses, manifest)
    weight = np.ones(len(sample.instance_id))
    factors: dict[str, Floats] = {}
    flags: dict[str, Booleans] = {}
    told: list[dict[str, Any]] = []
    for make_step in STEPS:
        step = make_step(sample)
        before, weight = weight, weight * step.factor
        factors[step.name] = step.factor
        flags |= step.flags
        told.append(
            {
                "step": step.name,
                **step.settings,
                "before": _summary(before),
                "after": _summary(weight),
            }
        )
    columns = {
        "instance_id": pa.array(sample.instance_id, pa.string()),
        "stratum": pa.array(sample.stratum, pa.string()),
        **factors,
        "weight": weight,
        "fpc": _fractions(sample.stratum, weight),
        **flags,
    }
    return pa.table(columns), {"strata": {"rule": strata.RULE, "members": members}, "steps": told}


def _sample(
    responses: pa.Table, manifest: Mapping[str, Any]
) -> tuple[Sample, dict[str, list[strata.Stratum]]]:
    """What the steps start from, and of which strata each collapsed one is made."""
    answered = responses.filter(pc.equal(responses["stream"], "sample"))
    rows = answered.filter(answered["eligible"]).to_pydict()
    cells = list(zip(rows["community"], rows["housing"], strict=True))
    listed = {(cell["community"], cell["housing"]): cell for cell in manifest["sample"]}
    collapsed = strata.collapse(dict.fromkeys(listed, 0) | Counter(cells))
    members: defaultdict[str, list[strata.Stratum]] = defaultdict(list)
    for cell, name in collapsed.items():
        members[name].append(cell)
    stratum = [collapsed[cell] for cell in cells]
    bases = _bases_of_households(answered, collapsed)
    eligible = Counter(stratum)
    counts = {
        name: Counts(
            households=math.fsum(listed[cell]["households"] for cell in own if cell in listed),
            drawn=sum(listed[cell]["drawn"] for cell in own if cell in listed),
            answered=len(bases[name]),
            answered_base=math.fsum(bases[name]),
            eligible=eligible[name],
        )
        for name, own in members.items()
    }
    sample = Sample(
        instance_id=rows["instance_id"],
        community=rows["community"],
        stratum=stratum,
        probability=np.array(rows["probability"], float),
        adults=[_number(answer) for answer in rows.get(ADULTS, [None] * len(cells))],
        counts=counts,
        seed=manifest["seed"],
    )
    return sample, dict(members)


def _bases_of_households(
    answered: pa.Table, collapsed: Mapping[strata.Stratum, str]
) -> defaultdict[str, list[float]]:
    """1/probability of every household that answered, once each, by collapsed stratum."""
    households = {
        household: (collapsed[community, housing], 1 / probability)
        for household, community, housing, probability in zip(
            *(
                answered[name].to_pylist()
                for name in ("household", "community", "housing", "probability")
            ),
            strict=True,
        )
    }
    bases: defaultdict[str, list[float]] = defaultdict(list)
    for name, inverse in households.values():
        bases[name].append(inverse)
    return bases


def _fractions(stratum: Sequence[str], weight: Floats) -> Floats:
    """The sampling fraction of each row's stratum: interviews / estimated adults."""
    _, row_of, interviews = np.unique(
        np.array(stratum, str), return_inverse=True, return_counts=True
    )
    adults_estimated = np.bincount(row_of, weights=weight)
    return np.asarray(interviews[row_of] / adults_estimated[row_of], float)


def _summary(weight: Floats) -> dict[str, float | int]:
    """How many weights, their sum and range, and Kish's 1 + CV²: what unequal weights cost."""
    if not weight.size:
        return {"n": 0, "sum": 0.0}
    return {
        "n": weight.size,
        "sum": math.fsum(weight),
        "min": float(weight.min()),
        "max": float(weight.max()),
        "unequal": float(weight.size * np.square(weight).sum() / weight.sum() ** 2),
    }


def _number(answer: str | None) -> int | None:
    """The adults an answer counts (``5+`` is 5); None where it counts none."""
    digits = (answer or "").removesuffix("+")
    return int(digits) if digits.isdecimal() and int(digits) > 0 else None
