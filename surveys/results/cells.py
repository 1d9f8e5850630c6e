"""Cells of a locked wave: what later waves need of it, without its answers.

Beside the weights lie two Parquet files. ``cells-<n>.parquet`` has one row for each sampling unit
(the household; the grid of a two-stage draw): its stratum, the fraction drawn, and its residuals on
the calibration variables for every indicator, in its own community (``own:``) and in the whole
wave (``whole:``). ``totals-<n>.parquet`` has one row for each area and indicator: weighted totals,
their covariance, and the correlations of a community's rate with every community's, in the order
of the rows (``with``). Factors: y what counts, r the base, yd and rd the same at the door.

Both come again, bit for bit, from the snapshot and the weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from numpy.typing import NDArray
from scipy import sparse
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from analysis.scores import Scores, forms, residuals
from analysis.wave_cells import FACTORS, YD
from surveys import files
from surveys.database import Base
from surveys.questionnaires.definition import Indicator
from surveys.results import dependence, snapshots
from surveys.results.respondents import Y
from surveys.results.weighed import Weighed
from surveys.texts import coded
from surveys.weighting import designs
from surveys.weighting.calibration import PREFIX
from surveys.weighting.weight_sets import WeightSet

if TYPE_CHECKING:
    from surveys.office import Office

Floats = NDArray[np.float64]

AT_DOOR = ("door", "paper")  # an interviewer asked
PAIRS = tuple((a, b) for a in range(len(FACTORS)) for b in range(a, len(FACTORS)))


class StoredCells(Base):
    """Where the cells of a set of weights lie, and what they must hash to."""

    __tablename__ = "cells"

    id: Mapped[int] = mapped_column(primary_key=True)
    weight_set_id: Mapped[int] = mapped_column(ForeignKey("weight_sets.id"), unique=True)
    path: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    totals_path: Mapped[str] = mapped_column(String(200))
    totals_sha256: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True)
class Cells:
    """The two tables.

    Parameters
    ----------
    units, totals : pyarrow.Table
    """

    units: pa.Table
    totals: pa.Table


def make(weighed: Weighed) -> Cells:
    """Make the cells of a set of weights; without respondents they have no rows."""
    rows = _rows(weighed)
    whole = residuals(rows.auxiliary, rows.before, rows.after, rows.values, [np.arange(rows.n)])
    places = [np.flatnonzero(rows.community == at) for at in range(len(rows.communities))]
    own = residuals(rows.auxiliary, rows.before, rows.after, rows.values, places)
    units = _Units.of(rows)
    summed = [units.scores(one, rows.names) for one in (own, whole)]
    linked = dependence.correlations(weighed.by_community, rows.communities)
    totals = _totals(rows, units, summed).append_column("with", _with(rows, linked))
    return Cells(units.table(summed, rows), totals)


def write(office: Office, weight_set: WeightSet, cells: Cells) -> StoredCells:
    """Write the files; the record of them is returned unstored."""
    paths = [
        str(Path(weight_set.path).with_name(f"{name}-{weight_set.number}.parquet"))
        for name in ("cells", "totals")
    ]
    hashes = [
        files.write_whole(office.data / path, snapshots.to_parquet(table))
        for path, table in zip(paths, (cells.units, cells.totals), strict=True)
    ]
    return StoredCells(
        path=paths[0], sha256=hashes[0], totals_path=paths[1], totals_sha256=hashes[1]
    )


def of(session: Session, weight_set_id: int) -> StoredCells | None:
    """The record of a weight set's cells."""
    found: StoredCells | None = session.scalar(
        sa.select(StoredCells).where(StoredCells.weight_set_id == weight_set_id)
    )
    return found


def read(office: Office, stored: StoredCells) -> Cells:
    """Read the files back.

    Raises
    ------
    Refused
        One is missing or is not, byte for byte, the one that was made.
    """
    pairs = ((stored.path, stored.sha256), (stored.totals_path, stored.totals_sha256))
    units, totals = (
        snapshots.from_parquet(files.read_unchanged(office.data / path, sha256))
        for path, sha256 in pairs
    )
    return Cells(units, totals)


@dataclass(frozen=True)
class _Rows:
    """The respondents that count, as arrays."""

    n: int
    communities: list[str]
    community: NDArray[np.intp]
    unit: NDArray[np.str_]
    stratum: NDArray[np.str_]
    fraction: Floats
    before: Floats
    after: Floats
    auxiliary: sparse.csr_array | None
    names: tuple[Indicator, ...]
    values: Floats  # (rows, indicators · factors)
    area: str


def _rows(weighed: Weighed) -> _Rows:
    table, weights, settings = weighed.sample.table, weighed.weights, weighed.settings
    indicators = weighed.questionnaire.indicators
    measured = weighed.sample.measured(indicators)
    kept = tuple(i for i in indicators if not np.isnan(measured[Y + i.name]).all())
    stratum = coded(weights["stratum"]).texts()
    _, size = np.unique(stratum, return_counts=True)
    if not size.size or size.min() < 2:  # the wave has no errors to keep
        table, weights = table.slice(0, 0), weights.slice(0, 0)
        measured = {name: column[:0] for name, column in measured.items()}
        stratum = stratum[:0]
    door = np.isin(coded(table["mode"]).texts(), AT_DOOR)
    columns = []
    for indicator in kept:
        y = measured[Y + indicator.name]
        base = (~np.isnan(y)).astype(float)
        points = np.nan_to_num(y)
        columns += [points, base, points * door, base * door]
    codes = coded(table["community"]).texts()
    communities, community = np.unique(codes, return_inverse=True)
    unit = np.array(table["household"].to_pylist(), str)
    fraction = weights["fpc"].to_numpy()
    if weighed.manifest["draw"] == "two_stage":
        unit = np.char.add(np.char.add(codes, "/"), coded(table["grid"]).texts())
        stratum, fraction = codes, np.zeros(len(codes))
    return _Rows(
        n=table.num_rows, communities=communities.tolist(), community=community, unit=unit,
        stratum=stratum, fraction=fraction,
        before=designs.before_calibration(weights, settings), after=weights["weight"].to_numpy(),
        auxiliary=_auxiliary(weights, settings), names=kept,
        values=np.column_stack(columns) if columns else np.zeros((table.num_rows, 0)),
        area=weighed.manifest["area"],
    )  # fmt: skip


def _with(rows: _Rows, linked: Mapping[str, Floats]) -> pa.Array:
    """The correlations as a column of the totals; null for the whole, and where there are none."""
    of_whole: list[NDArray[np.float32] | None] = [None] * len(rows.names)
    own = [
        linked[indicator.name][at].astype(np.float32) if linked else None
        for at in range(len(rows.communities))
        for indicator in rows.names
    ]
    return pa.array([*of_whole, *own], pa.list_(pa.float32()))


def _auxiliary(weights: pa.Table, settings: Mapping[str, Any]) -> sparse.csr_array | None:
    """One 0/1 column for each category of each margin."""
    margins = settings["steps"][-1]["margins"]
    if not margins or not weights.num_rows:
        return None
    blocks = []
    for margin in margins:
        category = coded(weights[PREFIX + margin["name"]])
        places = (np.ones(weights.num_rows), (np.arange(weights.num_rows), category.place))
        blocks.append(sparse.csr_array(places, (weights.num_rows, len(category.distinct))))
    return sparse.csr_array(sparse.hstack(blocks))


@dataclass(frozen=True)
class _Units:
    """The sampling units that the rows lie in."""

    unit: NDArray[np.str_]
    of_row: NDArray[np.intp]
    community: NDArray[np.intp]
    stratum: NDArray[np.str_]
    code: NDArray[np.intp]
    drawn: Floats
    fraction: Floats

    @classmethod
    def of(cls, rows: _Rows) -> _Units:
        unit, first, of_row = np.unique(rows.unit, return_index=True, return_inverse=True)
        stratum = rows.stratum[first]
        _, code, drawn = np.unique(stratum, return_inverse=True, return_counts=True)
        return cls(
            unit, of_row, rows.community[first], stratum, code,
            drawn.astype(float), rows.fraction[first],
        )  # fmt: skip

    def scores(self, values: Floats, names: Sequence[Indicator]) -> NDArray[np.float32]:
        """Sum the rows' residuals, shape (units, indicators, factors)."""
        member = (np.ones(len(values)), (self.of_row, np.arange(len(values))))
        summed: Floats = sparse.csr_array(member, (len(self.unit), len(values))) @ values
        return summed.astype(np.float32).reshape(len(self.unit), len(names), len(FACTORS))

    def table(self, summed: Sequence[NDArray[np.float32]], rows: _Rows) -> pa.Table:
        columns: dict[str, Any] = {
            "unit": pa.array(self.unit.tolist(), pa.string()),
            "community": pa.array([rows.communities[at] for at in self.community], pa.string()),
            "stratum": pa.array(self.stratum.tolist(), pa.string()),
            "fraction": self.fraction,
        }
        for scope, values in zip(("own", "whole"), summed, strict=True):
            for at, indicator in enumerate(rows.names):
                for factor, name in enumerate(FACTORS):
                    columns[f"{scope}:{indicator.name}:{name}"] = values[:, at, factor]
        return pa.table(columns)


def _totals(rows: _Rows, units: _Units, summed: Sequence[NDArray[np.float32]]) -> pa.Table:
    """Totals and their covariance, the whole's first, then each community's."""
    areas = [rows.area, *rows.communities]
    group = np.zeros(len(units.unit), np.intp)
    own, whole = summed
    shape = (units.unit, units.code, units.fraction, units.drawn)
    blocks = np.concatenate(
        [
            forms(_scores(shape, group, whole), 1),
            forms(_scores(shape, units.community, own), len(rows.communities)),
        ]
    )
    every = np.arange(rows.n)
    places = (np.concatenate([0 * every, 1 + rows.community]), np.concatenate([every, every]))
    member = sparse.csr_array((np.ones(2 * rows.n), places), shape=(len(areas), rows.n))
    values = rows.values.reshape(rows.n, len(rows.names), len(FACTORS))
    y, base = values[:, :, 0], values[:, :, 1]
    weight = rows.after[:, None]

    def summed_by_area(one: Floats) -> Floats:
        return np.asarray((member @ one).ravel(), float)

    columns: dict[str, Any] = {
        "area": [area for area in areas for _ in rows.names],
        "indicator": [i.name for _ in areas for i in rows.names],
        "version": [i.version for _ in areas for i in rows.names],
        "kind": [i.kind for _ in areas for i in rows.names],
        "n": summed_by_area(base),
        "yy": summed_by_area(weight * y**2),
        "ww": summed_by_area(weight**2 * base),
    }
    for factor, name in enumerate(FACTORS):
        columns[name] = summed_by_area(weight * values[:, :, factor])
    for a, b in PAIRS:
        columns[f"v:{FACTORS[a]}:{FACTORS[b]}"] = blocks[:, :, a, b].ravel()
    return pa.table(columns)


def _scores(
    shape: tuple[NDArray[np.str_], NDArray[np.intp], Floats, Floats],
    group: NDArray[np.intp],
    values: NDArray[np.float32],
) -> Scores:
    unit, code, fraction, drawn = shape
    return Scores(unit, group, code, fraction, drawn, values)


assert FACTORS[YD] == "yd"  # noqa: S101  (the order of the columns above)
