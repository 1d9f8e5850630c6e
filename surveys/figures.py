"""Figures: snapshot + weights + definitions → analysis.

Every figure is made from a snapshot, its weights, its manifest and the published definitions, and
nothing else, in a fixed order of rows: made again it is the same, bit for bit. A township's figure
comes from its pooled records, never from its communities' figures. The open-link stream is counted
beside the probability sample; it is neither weighted nor judged nor pooled with it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from analysis import Estimate, SurveyDesign
from surveys import indicators, snapshots, strata
from surveys.factors import Booleans, Floats
from surveys.problems import N_, Problem, Refused
from surveys.questionnaires.definition import REFUSED, SKIPPED, Indicator, Questionnaire

LEVEL = 0.95  # of every stored interval


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of a locked wave: of an indicator, in an area, from one stream.

    Parameters
    ----------
    area : str
        Code of the community, or of the wave's own area.
    stream : str
        ``sample`` is weighted, estimated and judged; ``open`` has counts and its share only.
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
    modes: Mapping[str, int]


def compute(
    responses: pa.Table,
    weights: pa.Table,
    manifest: Mapping[str, Any],
    questionnaire: Questionnaire,
) -> list[Figure]:
    """Every figure of a wave.

    Parameters
    ----------
    responses, weights : pyarrow.Table
        A snapshot and one of its weight files.
    manifest : mapping
        The snapshot's: the area with its communities, and the targets.
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
    areas = [manifest["area"], *(c for c in manifest["communities"] if c != manifest["area"])]
    sample, opened = (_Stream.of(responses, stream) for stream in ("sample", "open"))
    if sample.table["instance_id"].to_pylist() != weights["instance_id"].to_pylist():
        raise Refused(Problem(N_("These are not the weights of this snapshot.")))
    weight = weights["weight"].to_numpy()
    answers = {i.name: sample.answers(i) for i in questionnaire.indicators}
    estimates = _estimates(sample, weights, questionnaire.indicators, answers, areas[0])
    figures = []
    for indicator in questionnaire.indicators:
        target = manifest["targets"].get(indicator.name, indicator.target)
        for area in areas:
            rows = sample.rows(area, areas[0])
            counted = sample.count(indicator, answers[indicator.name], area, rows)
            estimate = estimates.get((indicator.name, area))
            in_base = weight[rows & answers[indicator.name].base]
            figures.append(
                replace(
                    counted,
                    n_weighted=math.fsum(in_base),
                    target=target,
                    **_judged(estimate, indicator, target),
                )
            )
    for indicator in questionnaire.indicators:
        said = opened.answers(indicator)
        for area in areas:
            figures.append(opened.count(indicator, said, area, opened.rows(area, areas[0])))
    return figures


@dataclass(frozen=True)
class _Answers:
    """What each row of a stream contributes to an indicator."""

    y: Floats
    base: Booleans
    missing: Booleans  # asked, and refused or skipped


@dataclass(frozen=True)
class _Stream:
    """The eligible responses of one stream, in the snapshot's order."""

    name: str
    table: pa.Table
    community: npt.NDArray[np.str_]
    mode: npt.NDArray[np.str_]

    @classmethod
    def of(cls, responses: pa.Table, name: str) -> _Stream:
        own = pc.and_(pc.equal(responses["stream"], name), responses["eligible"])
        table = responses.filter(own)
        community, mode = (np.array(table[c].to_pylist(), str) for c in ("community", "mode"))
        return cls(name, table, community, mode)

    def rows(self, area: str, whole: str) -> Booleans:
        """The rows of a community, or of the whole wave."""
        if area == whole:
            return np.ones(self.table.num_rows, bool)
        return np.asarray(self.community == area, bool)

    def answers(self, indicator: Indicator) -> _Answers:
        columns = {
            name: self.table[snapshots.answer_column(name)].to_pylist()
            for name in indicators.references(indicator)
        }
        y, r = indicators.evaluate_columns(indicator, columns, self.table.num_rows)
        unanswered = np.zeros(self.table.num_rows, bool)
        for name in indicator.base.references:
            unanswered |= np.isin(np.array(columns[name], str), (REFUSED, SKIPPED))
        return _Answers(y, r > 0, unanswered & (r == 0))

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


def _estimates(
    sample: _Stream,
    weights: pa.Table,
    measured: Sequence[Indicator],
    answers: Mapping[str, _Answers],
    whole: str,
) -> dict[tuple[str, str], Estimate]:
    """The weighted estimates by indicator and area: the wave is one design, an area a domain."""
    _, respondents = np.unique(weights["stratum"].to_pylist(), return_counts=True)
    if not respondents.size or respondents.min() < strata.ENOUGH:
        return {}  # fewer than two respondents in the whole wave
    design = SurveyDesign(
        {
            "community": sample.community,
            "stratum": weights["stratum"].to_pylist(),
            "weight": weights["weight"].to_numpy(),
            "fpc": weights["fpc"].to_numpy(),
            **{f"y:{name}": np.where(a.base, a.y, np.nan) for name, a in answers.items()},
        },
        strata="stratum",  # no psu: every row is a household, drawn directly
        weights="weight",
        fpc="fpc",
    )
    found = {}
    for kind, estimate in (("rate", design.rate), ("index", design.mean)):
        names = [f"y:{i.name}" for i in measured if i.kind == kind and answers[i.name].base.any()]
        if not names:
            continue
        for domain in (None, "community"):
            for one in estimate(names, by=domain).estimates:
                area = one.by["community"] if domain else whole
                found[one.variable.removeprefix("y:"), area] = one
    return found


def _judged(
    estimate: Estimate | None, indicator: Indicator, target: float | None
) -> dict[str, Any]:
    judged_by = target if indicator.kind == "rate" else None
    if estimate is None:
        return {"verdict": None if judged_by is None else "too_few"}
    interval = "korn-graubard" if indicator.kind == "rate" else "normal"
    lower, upper = estimate.interval(interval, LEVEL)
    return {
        "estimate": _finite(estimate.estimate),
        "se": _finite(estimate.se),
        "lower": _finite(lower),
        "upper": _finite(upper),
        "df": _finite(estimate.df),
        "n_effective": _finite(estimate.n_effective),
        "deff": _finite(estimate.deff),
        "verdict": None if judged_by is None else estimate.verdict(judged_by),
    }


def _finite(value: float) -> float | None:
    """A number a database can keep; what is not one is absent."""
    return float(value) if math.isfinite(value) else None
