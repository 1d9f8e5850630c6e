"""Figures: snapshot + weights + definitions → analysis.

Every figure is made from a snapshot, its weights, its manifest and the published definitions, and
nothing else, in a fixed order of rows: made again it is the same, bit for bit. A township's figure
comes from its pooled records, never from its communities' figures. The open-link stream stands
beside the probability sample with pseudo-weights of its own; it is neither judged nor pooled.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analysis import Estimate
from surveys.fieldwork import dispositions
from surveys.problems import N_, Problem, Refused
from surveys.questionnaires.definition import REFUSED, SKIPPED, Indicator, Questionnaire
from surveys.results import indicators, judging, snapshots
from surveys.results.snapshots import Material
from surveys.weighting import designs, streams, weight_sets
from surveys.weighting.calibration import AGE, SEX
from surveys.weighting.factors import Booleans, Floats
from surveys.weighting.recipes import Recipe

Found = TypeVar("Found")
Y = "y:"  # before an indicator's name, in the columns that are estimated


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of a locked wave: of an indicator, in an area, from one stream.

    Parameters
    ----------
    area : str
        Code of the community, or of the wave's own area.
    stream : str
        ``sample`` is weighted, estimated and judged; ``open`` is pseudo-weighted where there are
        margins, and never judged.
    estimate, se, lower, upper : float or None
        0–1 for a rate (Korn–Graubard bounds), 0–100 for an index (t bounds).
    unweighted : float or None
        The plain share, or mean of points, of the base.
    n : int
        Respondents in the base; ``n_weighted`` the adults they stand for.
    missing : int
        Respondents who were asked and refused or skipped: item non-response.
    verdict : str or None
        met | not_met | undecided | too_few; None without a target.
    reason : str or None
        Why a verdict that would be *met* is not: ``response_rate`` (below the wave's floor) or
        ``few_grids`` (a two-stage draw with fewer than nine grids in the community).
    basis : str or None
        Whose errors the interval is from: ``household``, ``grid`` or, where theirs is larger,
        ``pairs`` of interviewers.
    response_rate : float or None
        RR2 of the area.
    with_excluded : float or None
        The estimate with the responses that staff excluded; None where there are none.
    difference, difference_lower, difference_upper : float or None
        Open link less sample, with its 95 % interval; of the open stream only.
    disagrees : bool or None
        Whether that interval leaves 0 out.
    modes : mapping
        Mode to respondents in the base.
    """

    area: str
    stream: str
    indicator: str
    definition_version: str
    kind: str
    estimate: float | None = None
    unweighted: float | None = None
    se: float | None = None
    lower: float | None = None
    upper: float | None = None
    df: float | None = None
    n: int
    n_weighted: float | None = None
    n_effective: float | None = None
    deff: float | None = None
    missing: int
    target: float | None = None
    verdict: str | None = None
    reason: str | None = None
    basis: str | None = None
    response_rate: float | None = None
    with_excluded: float | None = None
    difference: float | None = None
    difference_lower: float | None = None
    difference_upper: float | None = None
    disagrees: bool | None = None
    modes: Mapping[str, int]


def compute(
    material: Material,
    weights: pa.Table,
    settings: Mapping[str, Any],
    questionnaire: Questionnaire,
) -> list[Figure]:
    """Every figure of a wave.

    Parameters
    ----------
    material : Material
        Of the snapshot; its manifest has the area with its communities, the targets and the floor
        of response rates.
    weights : pyarrow.Table
        One of its weight files.
    settings : mapping
        Of that set of weights.
    questionnaire : Questionnaire
        The definitions.

    Returns
    -------
    list of Figure
        By stream, then indicator in the questionnaire's order, then area: the wave's own first,
        then its communities by code, those where nobody answered included.

    Raises
    ------
    Refused
        The weights are not those of the snapshot.
    """
    manifest = material.manifest
    areas = [manifest["area"], *(c for c in manifest["communities"] if c != manifest["area"])]
    sample, opened = (_Stream.of(material, stream) for stream in ("sample", "open"))
    if sample.table["instance_id"].to_pylist() != weights["instance_id"].to_pylist():
        raise Refused(Problem(N_("These are not the weights of this snapshot.")))
    measured = questionnaire.indicators
    judged = _judged(sample, weights, settings, measured)
    fieldwork = _Field.of(material)
    everyone = _with_excluded(material, settings, measured)
    weight = weights["weight"].to_numpy()
    figures = {}
    for indicator in measured:
        target = manifest["targets"].get(indicator.name, indicator.target)
        answers = sample.answers(indicator)
        for area in areas:
            rows = sample.rows(area, areas[0])
            counted = replace(
                sample.count(indicator, answers, area, rows),
                n_weighted=math.fsum(weight[rows & answers.base]),
                target=target,
                with_excluded=everyone.get((indicator.name, area)),
                response_rate=fieldwork.response_rate(area),
            )
            one = judged.get((indicator.name, area))
            figures[indicator.name, area] = fieldwork.verdict(_estimated(counted, one))
    beside = _opened(opened, settings, measured, areas)
    return [
        *figures.values(),
        *(_apart(one, figures[one.indicator, one.area]) for one in beside),
    ]


def measured(
    material: Material, questionnaire: Questionnaire
) -> tuple[pa.Table, dict[str, Floats]]:
    """The sample's responses that count, and what each contributes to every indicator.

    NaN outside an indicator's base; in the order of the weights.
    """
    sample = _Stream.of(material, "sample")
    return sample.table, sample.measured(questionnaire.indicators)


@dataclass(frozen=True)
class _Field:
    """What fieldwork came to, by area, as far as verdicts depend on it."""

    rates: Mapping[str, float | None]
    floor: float | None
    grids: Mapping[str, int]  # of a two-stage draw
    whole: str

    @classmethod
    def of(cls, material: Material) -> _Field:
        units, manifest = material.units, material.manifest
        whole = manifest["area"]
        came: defaultdict[str, Counter[str]] = defaultdict(Counter)
        names = ("community", "grid", "disposition")
        grids: set[tuple[str, str]] = set()
        for area, grid, disposition in zip(*(units[n].to_pylist() for n in names), strict=True):
            came[area][disposition] += 1
            grids.add((area, grid))
        came[whole] = sum(came.values(), Counter())
        rates = {area: dispositions.rates(counts).rr2 for area, counts in came.items()}
        is_staged = manifest["draw"] == "two_stage"
        by_area = Counter(area for area, _ in grids) if is_staged else Counter()
        return cls(rates, manifest["response_floor"], by_area, whole)

    def response_rate(self, area: str) -> float | None:
        """RR2: interviews over all released addresses but the ineligible ones."""
        return self.rates.get(area)

    def verdict(self, figure: Figure) -> Figure:
        """Issue no *met* below the floor of response rates, nor from too few grids."""
        if figure.verdict != "met":
            return figure
        rate = self.response_rate(figure.area)
        if self.floor is not None and (rate is None or rate < self.floor):
            return replace(figure, verdict="undecided", reason="response_rate")
        is_part = figure.area != self.whole
        if self.grids and is_part and self.grids[figure.area] < designs.ENOUGH_GRIDS:
            return replace(figure, verdict="undecided", reason="few_grids")
        return figure


@dataclass(frozen=True)
class _Answers:
    """What each row of a stream contributes to an indicator."""

    y: Floats
    base: Booleans
    missing: Booleans  # asked, and refused or skipped


@dataclass(frozen=True)
class _Stream:
    """The responses of one stream that count, in the snapshot's order."""

    name: str
    table: pa.Table
    community: npt.NDArray[np.str_]
    mode: npt.NDArray[np.str_]
    manifest: Mapping[str, Any]
    said: dict[str, _Answers] = field(default_factory=dict)  # what was evaluated already
    places: dict[str, Booleans] = field(default_factory=dict)

    @classmethod
    def of(cls, material: Material, name: str, *, everyone: bool = False) -> _Stream:
        table = weight_sets.counting(material.responses, name, everyone=everyone)
        community, mode = (np.array(table[c].to_pylist(), str) for c in ("community", "mode"))
        return cls(name, table, community, mode, material.manifest)

    def rows(self, area: str, whole: str) -> Booleans:
        """The rows of a community, or of the whole wave."""
        if area not in self.places:
            every = np.ones(self.table.num_rows, bool)
            self.places[area] = every if area == whole else self.community == area
        return self.places[area]

    def answers(self, indicator: Indicator) -> _Answers:
        if indicator.name in self.said:
            return self.said[indicator.name]
        columns = {
            name: self.table[snapshots.answer_column(name)].to_pylist()
            for name in indicators.references(indicator)
        }
        y, r = indicators.evaluate_columns(indicator, columns, self.table.num_rows)
        unanswered = np.zeros(self.table.num_rows, bool)
        for name in indicator.base.references:
            unanswered |= np.isin(np.array(columns[name], str), (REFUSED, SKIPPED))
        return self.said.setdefault(indicator.name, _Answers(y, r > 0, unanswered & (r == 0)))

    def measured(self, measured: Sequence[Indicator]) -> dict[str, Floats]:
        """What each row contributes to every indicator; NaN outside its base."""
        said = {indicator.name: self.answers(indicator) for indicator in measured}
        return {Y + name: np.where(one.base, one.y, np.nan) for name, one in said.items()}

    def given(self, question: str) -> list[str | None]:
        """The answers to a question; None where one is missing."""
        return weight_sets.given(self.table, question)

    def count(self, indicator: Indicator, answers: _Answers, area: str, rows: Booleans) -> Figure:
        """What can be said of an indicator without weights."""
        base = rows & answers.base
        n = int(base.sum())
        modes, times = np.unique(self.mode[base], return_counts=True)
        return Figure(
            area=area,
            stream=self.name,
            indicator=indicator.name,
            definition_version=indicator.version,
            kind=indicator.kind,
            unweighted=math.fsum(answers.y[base]) / n if n else None,
            n=n,
            missing=int((rows & answers.missing).sum()),
            modes=dict(zip(modes.tolist(), times.tolist(), strict=True)),
        )


Estimated = dict[tuple[str, str], tuple[Estimate, str]]  # by indicator and area: and its basis


def _judged(
    sample: _Stream,
    weights: pa.Table,
    settings: Mapping[str, Any],
    measured: Sequence[Indicator],
) -> Estimated:
    """The weighted estimates: the wave is one design, an area a domain of it."""
    columns = sample.measured(measured)
    declared = designs.declare(sample.table, weights, settings, sample.manifest["draw"], columns)
    if declared is None:
        return {}
    judge = partial(judging.judged, declared)
    return _everywhere(judge, columns, measured, sample.manifest["area"])


def _everywhere(
    estimate: Callable[
        [Sequence[str], Sequence[str], str], dict[tuple[str, judging.Domain], Found]
    ],
    columns: designs.Columns,
    measured: Sequence[Indicator],
    whole: str,
) -> dict[tuple[str, str], Found]:
    """Rates and indices, in every community and as a whole."""
    found = {}
    for kind in ("rate", "index"):
        names = [Y + i.name for i in measured if i.kind == kind and _is_known(columns[Y + i.name])]
        for by in (("community",), ()) if names else ():
            for (name, domain), one in estimate(names, by, kind).items():
                found[name.removeprefix(Y), domain[0] if domain else whole] = one
    return found


def _is_known(column: npt.NDArray[Any]) -> bool:
    return not np.isnan(column).all()


def _with_excluded(
    material: Material, settings: Mapping[str, Any], measured: Sequence[Indicator]
) -> dict[tuple[str, str], float]:
    """The estimates with the weights that would be, had staff excluded nobody."""
    if not settings["excluded"]:
        return {}
    weights, _ = weight_sets.make(material, settings["asked"], everyone=True)
    weight, manifest = weights["weight"].to_numpy(), material.manifest
    stream = _Stream.of(material, "sample", everyone=True)
    found = {}
    for indicator in measured:
        answers = stream.answers(indicator)
        for area in (manifest["area"], *manifest["communities"]):
            base = stream.rows(area, manifest["area"]) & answers.base
            if base.any():
                total = math.fsum(weight[base] * answers.y[base])
                found[indicator.name, area] = total / math.fsum(weight[base])
    return found


def _opened(
    opened: _Stream,
    settings: Mapping[str, Any],
    measured: Sequence[Indicator],
    areas: Sequence[str],
) -> list[Figure]:
    """The figures of the open link, pseudo-weighted where that can be done."""
    columns = opened.measured(measured)
    design = streams.pseudo_weighted(
        streams.Opened(
            instance_id=opened.table["instance_id"].to_pylist(),
            community=opened.table["community"].to_pylist(),
            answers={name: opened.given(code) for name, code in (("sex", SEX), ("age", AGE))},
        ),
        weight_sets.population_of({**opened.manifest, **settings["asked"]}),
        opened.manifest["seed"],
        Recipe.of(settings["recipe"]),
        columns,
    )
    found: dict[tuple[str, str], Estimate] = {}
    if design is not None:
        found = _everywhere(partial(judging.estimates, design), columns, measured, areas[0])
    figures = []
    for indicator in measured:
        answers = opened.answers(indicator)
        for area in areas:
            counted = opened.count(indicator, answers, area, opened.rows(area, areas[0]))
            one = found.get((indicator.name, area))
            if one is not None and one.n > 1:
                counted = replace(counted, **judging.numbers(one), n_weighted=one.n_weighted)
            figures.append(counted)
    return figures


def _apart(opened: Figure, sample: Figure) -> Figure:
    """The open link's figure with its distance from the sample's."""
    if opened.estimate is None or sample.estimate is None:
        return opened
    if not (opened.se and sample.se):
        return opened
    found = streams.apart(opened.estimate, opened.se, sample.estimate, sample.se, judging.LEVEL)
    return replace(
        opened,
        difference=found.difference,
        difference_lower=found.lower,
        difference_upper=found.upper,
        disagrees=found.disagrees,
    )


def _estimated(counted: Figure, found: tuple[Estimate, str] | None) -> Figure:
    judged_by = counted.target if counted.kind == "rate" else None
    if found is None:
        return replace(counted, verdict=None if judged_by is None else "too_few")
    one, basis = found
    verdict = None if judged_by is None else one.verdict(judged_by)
    return replace(counted, **judging.numbers(one), basis=basis, verdict=verdict)
