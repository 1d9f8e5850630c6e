"""The respondents of one stream that count, column by column, each read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from surveys.questionnaires.definition import MISSING, REFUSED, SKIPPED, Indicator
from surveys.results import indicators, snapshots
from surveys.results.snapshots import Material
from surveys.texts import Coded, coded
from surveys.weighting import weight_sets
from surveys.weighting.factors import Booleans, Floats

Y = "y:"  # before an indicator's name, in the columns that are estimated


@dataclass(frozen=True)
class Contribution:
    """What each respondent contributes to an indicator.

    Parameters
    ----------
    y : array of float
        1 (a rate) or the points (an index); 0 outside the base.
    base, missing : array of bool
        Missing is who was asked and refused or skipped.
    """

    y: Floats
    base: Booleans
    missing: Booleans


@dataclass(frozen=True)
class Respondents:
    """The responses of a stream that count, in the snapshot's order.

    Parameters
    ----------
    stream : str
        ``sample`` or ``open``.
    table : pyarrow.Table
    areas : sequence of str
        The wave's own area, then its communities.
    """

    stream: str
    table: pa.Table
    areas: Sequence[str]
    _coded: dict[str, Coded] = field(default_factory=dict)
    _contributed: dict[str, Contribution] = field(default_factory=dict)

    @classmethod
    def of(cls, material: Material, stream: str, *, everyone: bool = False) -> Respondents:
        """Those of a snapshot; ``everyone``: the ones that staff excluded too."""
        manifest = material.manifest
        areas = [manifest["area"], *(c for c in manifest["communities"] if c != manifest["area"])]
        table = weight_sets.counting(material.responses, stream, everyone=everyone)
        return cls(stream, table, areas)

    @property
    def whole(self) -> str:
        """The code of the wave's own area."""
        return self.areas[0]

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def coded(self, name: str) -> Coded:
        """A column of text."""
        if name not in self._coded:
            self._coded[name] = coded(self.table[name])
        return self._coded[name]

    def said(self, question: str) -> Coded:
        """What was answered to a question, missing codes as they are; None where nobody asked."""
        column = snapshots.answer_column(question)
        if column not in self.table.column_names:
            return Coded(np.zeros(len(self), np.intp), [None])
        return self.coded(column)

    def given(self, question: str) -> pa.Array:
        """The answers to a question as text; null where one is missing."""
        said = self.said(question)
        known = [None if text in MISSING else text for text in said.distinct]
        return pa.array([*known, None], pa.string()).take(pa.array(said.place))

    def contribution(self, indicator: Indicator) -> Contribution:
        """What each contributes to an indicator."""
        if indicator.name not in self._contributed:
            said = {name: self.said(name) for name in indicators.references(indicator)}
            y, r = indicators.evaluate_columns(indicator, said, len(self))
            unanswered = np.zeros(len(self), bool)
            for name in indicator.base.references:
                unanswered |= said[name].holding((REFUSED, SKIPPED))
            found = Contribution(y, r > 0, unanswered & (r == 0))
            self._contributed[indicator.name] = found
        return self._contributed[indicator.name]

    def measured(self, measured: Sequence[Indicator]) -> dict[str, Floats]:
        """What each contributes to some indicators, by name; NaN outside their bases."""
        found = {indicator.name: self.contribution(indicator) for indicator in measured}
        return {Y + name: np.where(one.base, one.y, np.nan) for name, one in found.items()}

    def counted(self, inside: Booleans, values: Floats | None = None) -> list[float]:
        """How many of some rows are in each area, or what their values add up to."""
        weights = None if values is None else values[inside]
        sums = np.bincount(self._area[inside], weights, len(self.areas) + 1)
        sums[0] = sums.sum() if values is None else np.sum(values[inside])
        found: list[float] = sums[: len(self.areas)].tolist()
        return found

    def by_mode(self, inside: Booleans) -> list[Mapping[str, int]]:
        """How many of some rows each mode has, in each area."""
        mode = self.coded("mode")
        modes, size = len(mode.distinct), len(self.areas) + 1
        place = self._area[inside] * modes + mode.place[inside]
        counts = np.bincount(place, minlength=size * modes).reshape(size, modes)
        counts[0] = counts.sum(axis=0)
        return [
            {str(name): n for name, n in zip(mode.distinct, row, strict=True) if n}
            for row in counts[: len(self.areas)].tolist()
        ]

    @cached_property
    def _area(self) -> npt.NDArray[np.intp]:
        """Each row's place among the areas; the whole itself holds no row."""
        return 1 + self.coded("community").among(self.areas[1:])
