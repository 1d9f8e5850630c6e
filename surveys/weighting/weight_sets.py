"""Weight sets: how each was made, kept beside the weights.

A weight is the product of its factors (:mod:`surveys.weighting.factors`), made one after the other.
Every factor is a column of the weight file; its settings and what it did to the weights stand in
the record, so that an auditor can follow any single weight by hand.

The weights are a function of the snapshot, its manifest and what was asked otherwise alone: no
clock, no database, and where chance is needed, the wave's seed.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import files
from surveys.database import Base, Json, now
from surveys.fieldwork import dispositions
from surveys.questionnaires.definition import MISSING
from surveys.results import snapshots
from surveys.results.snapshots import Material, Snapshot
from surveys.texts import coded, crossed
from surveys.weighting import strata
from surveys.weighting.calibration import AGE, SEX, calibration
from surveys.weighting.factors import (
    ADULTS,
    ELIGIBLE,
    INELIGIBLE,
    INTERVIEW,
    UNKNOWN,
    Floats,
    Population,
    Sample,
    Step,
    Units,
    adults,
    base,
    eligibility,
    households,
    nonresponse,
)
from surveys.weighting.recipes import Recipe

if TYPE_CHECKING:
    from surveys.office import Office


STEPS: tuple[Callable[[Sample, Floats], Step], ...] = (
    *(base, households, adults, eligibility, nonresponse, calibration),
)
STATUS = {
    **dict.fromkeys(dispositions.DISPOSITIONS, INELIGIBLE),
    **dict.fromkeys(dispositions.ELIGIBLE, ELIGIBLE),
    **dict.fromkeys(dispositions.INTERVIEWS, INTERVIEW),
    **dict.fromkeys(dispositions.UNKNOWN, UNKNOWN),
}


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


def weigh(
    office: Office,
    session: Session,
    snapshot: Snapshot,
    material: Material,
    *,
    recipe: Mapping[str, Any] | None = None,
    margins: Mapping[str, Any] | None = None,
    made_at: dt.datetime | None = None,
) -> WeightSet:
    """Weigh a wave from its snapshot: the file is written, the record of it returned unstored.

    Parameters
    ----------
    material : Material
        Of the snapshot.
    recipe : mapping, optional
        Settings (:class:`surveys.weighting.recipes.Recipe`) other than those the wave had set
        beforehand.
    margins : mapping, optional
        Others than those the record had at the lock (:func:`surveys.results.snapshots.margins_of`).
    made_at : datetime, optional
        By default the snapshot's.
    """
    asked = {} if recipe is None else {"weighting": dict(recipe)}
    asked |= {} if margins is None else {"margins": dict(margins)}
    weights, settings = make(material, asked)
    newest = sa.select(sa.func.max(WeightSet.number)).where(WeightSet.wave_id == snapshot.wave_id)
    number = (session.scalar(newest) or 0) + 1
    path = str(Path(snapshot.path).with_name(f"weights-{number}.parquet"))
    return WeightSet(
        wave_id=snapshot.wave_id,
        number=number,
        path=path,
        sha256=files.write_whole(office.data / path, snapshots.to_parquet(weights)),
        settings=settings,
        made_at=made_at or snapshot.made_at,
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


def make(
    material: Material, asked: Mapping[str, Any] = {}, *, everyone: bool = False
) -> tuple[pa.Table, dict[str, Any]]:
    """Make the weights of a snapshot.

    Parameters
    ----------
    material : Material
        Of the snapshot; its manifest has the seed, the margins, and the recipe set beforehand
        (``weighting``).
    asked : mapping
        What stands instead of the manifest's ``weighting`` and ``margins``.
    everyone : bool
        As if staff had excluded nobody.

    Returns
    -------
    weights : pyarrow.Table
        One row per response of the probability sample that counts, in the snapshot's order:
        instance_id, stratum, a column for every factor, weight (their product), fpc (interviews
        over estimated adults of the stratum), classes and categories, and flags of imputed values.
    settings : dict
        What was asked, the recipe and the collapsed strata; for every step its settings and what
        the weights were before and after.
    """
    told = {**material.manifest, **asked}
    sample, members = _sample(material, told, everyone=everyone)
    weight = np.ones(len(sample.instance_id))
    made: list[Step] = []
    steps: list[dict[str, Any]] = []
    for take in STEPS:
        step = take(sample, weight)
        before, weight = weight, weight * step.factor
        made.append(step)
        summaries = {"before": _summary(before), "after": _summary(weight)}
        steps.append({"step": step.name, **step.settings, **summaries})
    columns = {
        "instance_id": pa.array(sample.instance_id, pa.string()),
        "stratum": pa.array(sample.stratum, pa.string()),
        **{step.name: step.factor for step in made},
        "weight": weight,
        "fpc": _fractions(sample.stratum, weight),
        **{name: column for step in made for name, column in step.columns.items()},
    }
    settings = {
        "asked": dict(asked),
        "recipe": sample.recipe.as_settings(),
        "strata": {"rule": strata.RULE, "members": members},
        "excluded": 0 if everyone else _excluded(material.responses),
        "steps": steps,
    }
    return pa.table(columns), settings


def _excluded(responses: pa.Table) -> int:
    return int(responses.num_rows - responses["excluded"].null_count)


def counting(responses: pa.Table, stream: str, *, everyone: bool = False) -> pa.Table:
    """The eligible responses of a stream, but for those that staff excluded."""
    own = pc.and_(pc.equal(responses["stream"], stream), responses["eligible"])
    return responses.filter(own if everyone else pc.and_(own, pc.is_null(responses["excluded"])))


def _sample(
    material: Material, told: Mapping[str, Any], *, everyone: bool
) -> tuple[Sample, dict[str, list[strata.Stratum]]]:
    """What the steps start from, and of which strata each collapsed one is made."""
    rows, units = counting(material.responses, "sample", everyone=everyone), material.units
    unit = pc.index_in(rows["household"], value_set=units["household"]).to_numpy().astype(np.intp)
    cells, cell = crossed([coded(units["community"]), coded(units["housing"])])
    interviews = np.bincount(cell[unit], minlength=len(cells)).tolist()
    collapsed = strata.collapse(dict(zip(cells, interviews, strict=True)))
    members: defaultdict[str, list[strata.Stratum]] = defaultdict(list)
    for one, name in collapsed.items():
        members[name].append(one)
    stratum = np.array([collapsed[one] for one in cells], str)[cell]
    disposition = coded(units["disposition"])
    statuses = np.array([STATUS[text or ""] for text in disposition.distinct], "<U10")
    statuses[statuses == INTERVIEW] = ELIGIBLE
    status = statuses[disposition.place]
    status[unit] = INTERVIEW
    sample = Sample(
        instance_id=rows["instance_id"].to_pylist(),
        community=rows["community"].to_pylist(),
        stratum=stratum[unit].tolist(),
        unit=unit,
        households=rows["households"].to_pylist(),
        adults=given(rows, ADULTS, _number),
        answers={name: given(rows, question) for name, question in (("sex", SEX), ("age", AGE))}
        | {"housing": rows["housing"].to_pylist()},
        units=Units(
            cells=cells,
            cell=cell,
            stratum=stratum,
            base=1 / units["probability"].to_numpy(),
            status=status,
            reserve=units["batch"].to_numpy() > 1,
            campaign=np.array(units["campaign"].to_pylist(), bool),
        ),
        population=population_of(told),
        seed=told["seed"],
        recipe=Recipe.of(told["weighting"] or {}),
    )
    return sample, dict(members)


def population_of(manifest: Mapping[str, Any]) -> Population:
    """The margins that a manifest carries."""
    cells = [tuple(cell) for cell in manifest["margins"]["cells"]]
    return Population(manifest["area"], manifest["communities"], cells)


def given(
    rows: pa.Table, question: str, read: Callable[[str | None], Any] = lambda answer: answer
) -> list[Any]:
    """The answers to a question, as they are read; None where one is missing, or nobody asked."""
    column = snapshots.answer_column(question)
    if column not in rows.column_names:
        return [None] * rows.num_rows
    said = coded(rows[column])
    known = [None if answer in MISSING else read(answer) for answer in said.distinct]
    return [known[place] for place in said.place.tolist()]


def _fractions(stratum: Sequence[str], weight: Floats) -> Floats:
    """The sampling fraction of each row's stratum: interviews / estimated adults."""
    _, row_of, interviews = np.unique(
        np.array(stratum, str), return_inverse=True, return_counts=True
    )
    adults_estimated = np.bincount(row_of, weights=weight)
    fraction = interviews[row_of] / adults_estimated[row_of]
    return np.asarray(np.minimum(fraction, 1), float)


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
