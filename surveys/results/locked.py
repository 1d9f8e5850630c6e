"""Locked waves of one township side by side: figures and cells in one order of areas, indicators.

The newest wave says which areas and indicators there are. An earlier wave counts as far as it
measured the same definition (口径): under another version an indicator is another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from analysis.changes import Level
from analysis.scores import Scores
from analysis.wave_cells import FACTORS, WaveCells
from surveys.areas import Area
from surveys.results import cells, weighed
from surveys.results.cells import PAIRS, Cells
from surveys.results.estimates import StoredEstimate
from surveys.results.figures import Figure
from surveys.results.snapshots import Snapshot
from surveys.waves import Wave
from surveys.weighting.weight_sets import WeightSet

if TYPE_CHECKING:
    from surveys.office import Office

Floats = NDArray[np.float64]


class Known(NamedTuple):
    """What comparisons need of a figure; see :class:`surveys.results.figures.Figure`."""

    area: str
    indicator: str
    definition_version: str
    kind: str
    estimate: float | None
    se: float | None
    df: float | None
    n: int
    n_effective: float | None
    target: float | None
    verdict: str | None
    reason: str | None

    @classmethod
    def of(cls, figures: Iterable[Figure]) -> list[Known]:
        """Those of the probability sample."""
        sample = (figure for figure in figures if figure.stream == "sample")
        return [cls(*(getattr(one, name) for name in cls._fields)) for one in sample]


@dataclass(frozen=True)
class Locked:
    """One locked wave with all that comparisons need of it.

    Parameters
    ----------
    wave_id, weight_set_id : int
        The weight set is the newest; 0 while it is being made.
    code, month : str
    manifest : mapping
        Of its snapshot.
    figures : sequence of Known
        Of the probability sample.
    cells : Cells or None
        None where none were kept: the wave's rates stand, but nothing links it to others.
    """

    wave_id: int
    weight_set_id: int
    code: str
    month: str
    manifest: Mapping[str, Any]
    figures: Sequence[Known]
    cells: Cells | None

    @cached_property
    def by_place(self) -> dict[tuple[str, str], Known]:
        """The figures by area and indicator."""
        return {(figure.area, figure.indicator): figure for figure in self.figures}


@dataclass(frozen=True)
class Order:
    """The areas and indicators that waves are aligned to.

    Parameters
    ----------
    areas : tuple of str
        Codes, the wave's own area first.
    indicators : tuple of (name, version, kind)
    """

    areas: tuple[str, ...]
    indicators: tuple[tuple[str, str, str], ...]

    @classmethod
    def of(cls, newest: Locked) -> Order:
        area = newest.manifest["area"]
        seen = {(f.indicator, f.definition_version, f.kind): None for f in newest.figures}
        others = [code for code in newest.manifest["communities"] if code != area]
        return cls((area, *others), tuple(seen))

    def field(self, wave: Locked, name: str) -> Floats:
        """One field of a wave's figures, shape (areas, indicators); NaN where there is none."""
        found = np.full((len(self.areas), len(self.indicators)), np.nan)
        for i, area in enumerate(self.areas):
            for k, (indicator, version, kind) in enumerate(self.indicators):
                one = wave.by_place.get((area, indicator))
                if one and (one.definition_version, one.kind) == (version, kind):
                    value = getattr(one, name)
                    found[i, k] = np.nan if value is None else value
        return found


def aligned(wave: Locked, order: Order) -> WaveCells:
    """The cells of a wave in an order."""
    is_rate = np.array([kind == "rate" for _, _, kind in order.indicators], bool)
    levels = (order.field(wave, name) for name in ("estimate", "se", "df", "n_effective"))
    shape = (len(order.areas), len(order.indicators))
    totals, squares = np.zeros((*shape, len(FACTORS))), np.zeros((*shape, 2))
    blocks, n = np.zeros((*shape, len(FACTORS), len(FACTORS))), np.zeros(shape)
    if wave.cells is not None:
        table = wave.cells.totals
        rows, i, k = _places(wave.cells, order)
        numbers = [name for name in table.column_names[4:] if name != "with"]
        columns = {name: table[name].to_numpy()[rows] for name in numbers}
        n[i, k] = columns["n"]
        squares[i, k] = np.column_stack([columns["yy"], columns["ww"]])
        totals[i, k] = np.column_stack([columns[name] for name in FACTORS])
        for a, b in PAIRS:
            blocks[i, k, a, b] = blocks[i, k, b, a] = columns[f"v:{FACTORS[a]}:{FACTORS[b]}"]
    own, whole = _scores(wave.cells, order)
    return WaveCells(
        own, whole, totals, squares, blocks, n, Level(*levels), is_rate,
        None if wave.cells is None else _correlation(wave.cells, order),
    )  # fmt: skip


def _correlation(kept: Cells, order: Order) -> Floats | None:
    """The correlations of the communities' figures; None where too many were linked."""
    rows, i, k = _places(kept, order)
    lists = kept.totals["with"].to_pylist()
    if all(one is None for one in lists):
        return None
    codes = list(dict.fromkeys(kept.totals["area"].to_pylist()))[1:]  # the whole's come first
    at = {code: place - 1 for place, code in enumerate(order.areas)}
    there = [place for place, code in enumerate(codes) if code in at]
    here = [at[codes[place]] for place in there]
    size = len(order.areas) - 1
    found = np.tile(np.eye(size), (len(order.indicators), 1, 1))
    for row, area, indicator in zip(rows.tolist(), i.tolist(), k.tolist(), strict=True):
        if lists[row] is not None:
            found[indicator, area - 1, here] = np.array(lists[row])[there]
    return found


def _places(kept: Cells, order: Order) -> tuple[Any, Any, Any]:
    """The rows of the totals that the order has, and where they stand in it."""
    area = {code: at for at, code in enumerate(order.areas)}
    indicator = {one: at for at, one in enumerate(order.indicators)}
    names = (kept.totals[name].to_pylist() for name in ("area", "indicator", "version", "kind"))
    found = [
        (row, area[code], indicator[key])
        for row, (code, *rest) in enumerate(zip(*names, strict=True))
        if code in area and (key := (rest[0], rest[1], rest[2])) in indicator
    ]
    places = np.array(found, np.intp).reshape(len(found), 3)
    return places[:, 0], places[:, 1], places[:, 2]


def _scores(kept: Cells | None, order: Order) -> tuple[Scores, Scores]:
    """The units in their own area and in the whole."""
    if kept is None:
        nothing = np.zeros(0, np.intp)
        values = np.zeros((0, len(order.indicators), len(FACTORS)))
        empty = Scores(np.zeros(0, str), nothing, nothing, np.zeros(0), np.zeros(0), values)
        return empty, empty
    table = kept.units
    unit, community, stratum = (
        np.array(table[name].to_pylist(), str) for name in ("unit", "community", "stratum")
    )
    _, code, counted = np.unique(stratum, return_inverse=True, return_counts=True)
    drawn = counted.astype(float)
    fraction = table["fraction"].to_numpy()
    at = {name: place - 1 for place, name in enumerate(order.areas)}
    group = np.array([at.get(name, -1) for name in community.tolist()], np.intp)
    columns = (kept.totals[name].to_pylist() for name in ("indicator", "version", "kind"))
    known = set(zip(*columns, strict=True))
    own, whole = (_values(table, scope, order, known) for scope in ("own", "whole"))
    inside = group >= 0
    return (
        Scores(unit[inside], group[inside], code[inside], fraction[inside], drawn, own[inside]),
        Scores(unit, 0 * group, code, fraction, drawn, whole),
    )


def _values(
    table: Any, scope: str, order: Order, known: set[tuple[str, str, str]]
) -> NDArray[np.float32]:
    values = np.zeros((len(order.indicators) * len(FACTORS), table.num_rows), np.float32)
    for k, (name, version, kind) in enumerate(order.indicators):
        if (name, version, kind) in known:
            for f, factor in enumerate(FACTORS):
                column = table[f"{scope}:{name}:{factor}"]
                values[k * len(FACTORS) + f] = column.to_numpy()
    return values.T.reshape(table.num_rows, len(order.indicators), len(FACTORS))


def series(session: Session, wave: Wave) -> list[Wave]:
    """Every locked measurement of the wave's area, the oldest first."""
    query = (
        sa.select(Wave)
        .where(Wave.area_id == wave.area_id, Wave.kind == "measurement", Wave.state == "locked")
        .order_by(Wave.month, Wave.code)
    )
    return list(session.scalars(query))


def newest_weights(session: Session, wave: Wave) -> WeightSet | None:
    """The weight set that counts."""
    return session.scalar(
        sa.select(WeightSet)
        .where(WeightSet.wave_id == wave.id)
        .order_by(WeightSet.number.desc())
        .limit(1)
    )


def read(office: Office, session: Session, wave: Wave, *, linked: bool = True) -> Locked | None:
    """One locked wave as the record has it; None where it has no figures.

    Cells that were not kept (waves locked by earlier releases) are made from the snapshot.

    Parameters
    ----------
    linked : bool
        Whether the cells are wanted too.

    Raises
    ------
    Refused
        One of its files is missing or changed.
    """
    weight_set = newest_weights(session, wave)
    snapshot = session.scalar(sa.select(Snapshot).where(Snapshot.wave_id == wave.id))
    if weight_set is None or snapshot is None:
        return None
    kept = _cells(office, session, snapshot, weight_set) if linked else None
    figures = _figures(session, weight_set)
    return Locked(wave.id, weight_set.id, wave.code, wave.month, snapshot.manifest, figures, kept)


def _figures(session: Session, weight_set: WeightSet) -> list[Known]:
    """The stored figures of the sample, in the order they were made."""
    columns = [getattr(StoredEstimate, name) for name in Known._fields[1:]]
    query = (
        sa.select(Area.code, *columns)
        .join(Area, Area.id == StoredEstimate.area_id)
        .where(StoredEstimate.weight_set_id == weight_set.id, StoredEstimate.stream == "sample")
        .order_by(StoredEstimate.id)
    )
    return [Known(*row) for row in session.execute(query)]


def _cells(office: Office, session: Session, snapshot: Snapshot, weight_set: WeightSet) -> Cells:
    stored = cells.of(session, weight_set.id)
    kept = None if stored is None else cells.read(office, stored)
    if kept is not None and "with" in kept.totals.column_names:
        return kept
    # Locked by an earlier release, which kept no cells, or none of what links communities.
    return cells.make(weighed.read(office, session, snapshot, weight_set))
