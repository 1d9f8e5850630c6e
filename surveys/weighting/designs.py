"""The design that a locked wave declares to :mod:`analysis`.

One stage: the household is drawn within community × housing type, thin strata collapsed, and the
sampling fraction is interviews over estimated adults. A two-stage draw declares its grids as
primary units instead, drawn with replacement. Calibrated weights bring their margins along, so that
variances are those of calibrated residuals.

Interviewers cluster what is said at the door. A second design has each pair of interviewers as a
unit, and whoever judges takes the larger of the two errors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa

from analysis import SurveyDesign
from analysis.columns import Columns
from surveys.texts import coded
from surveys.weighting import strata
from surveys.weighting.calibration import PREFIX
from surveys.weighting.factors import Booleans, Floats, Texts

HOUSEHOLD, PAIRS, GRID = "household", "pairs", "grid"
ENOUGH_GRIDS = 9  # of a community, or a two-stage draw says nothing of it
MANY = 1e15  # interviewers there might have been: theirs is no sampling fraction

Arrays = Mapping[str, Any]  # arrays, one element per respondent


@dataclass(frozen=True)
class Designs:
    """The designs a figure is judged by.

    Parameters
    ----------
    basis : {"household", "grid"}
        What was drawn first.
    drawn : SurveyDesign
    pairs : SurveyDesign or None
        With interviewer pairs as units; None where no door interview names its pair.
    """

    basis: str
    drawn: SurveyDesign
    pairs: SurveyDesign | None

    def holding(self, columns: Arrays) -> Designs:
        """The same designs over more columns: what is to be estimated, or by what."""
        if not columns:
            return self
        once = Columns(columns)  # converted here, and not by each of the designs
        held = {name: once.array(name) for name in once.names}
        pairs = None if self.pairs is None else self.pairs.with_columns(held)
        return Designs(self.basis, self.drawn.with_columns(held), pairs)


def declare(
    responses: pa.Table,
    weights: pa.Table,
    settings: Mapping[str, Any],
    draw: str | None,
) -> Designs | None:
    """Declare a wave's designs, over a column ``community``; None with too few respondents.

    Parameters
    ----------
    responses : pyarrow.Table
        The snapshot's rows that count, in the order of ``weights``.
    weights : pyarrow.Table
    settings : mapping
        Of the weight set.
    draw : str or None
        ``two_stage``, else the households were drawn directly.
    """
    stratum = _texts(weights["stratum"])
    _, respondents = np.unique(stratum, return_counts=True)
    if not respondents.size or respondents.min() < strata.ENOUGH:
        return None
    last = settings["steps"][-1]
    community = _texts(responses["community"])
    data = {
        "community": community,
        "weight": before_calibration(weights, settings),
        **{PREFIX + m["name"]: weights[PREFIX + m["name"]] for m in last["margins"]},
    }
    if draw == "two_stage":
        grid = np.char.add(np.char.add(community, "/"), _texts(responses["grid"]))
        drawn = SurveyDesign(
            {**data, "grid": grid},
            strata="community", psu="grid", weights="weight", lonely_psu="adjust",
        )  # fmt: skip
    else:
        drawn = SurveyDesign(
            {**data, "stratum": stratum, "fpc": weights["fpc"].to_numpy()},
            strata="stratum", weights="weight", fpc="fpc",
        )  # fmt: skip
    pairs = _by_pairs(responses, weights["weight"].to_numpy(), data)
    return Designs(
        GRID if draw == "two_stage" else HOUSEHOLD,
        _calibrated(drawn, last),
        None if pairs is None else _calibrated(pairs, last),
    )


def before_calibration(weights: pa.Table, settings: Mapping[str, Any]) -> Floats:
    """The product of the factors but for the last."""
    factors = [weights[step["step"]].to_numpy() for step in settings["steps"][:-1]]
    return np.asarray(reduce(np.multiply, factors, np.ones(weights.num_rows)))


def _calibrated(design: SurveyDesign, step: Mapping[str, Any]) -> SurveyDesign:
    if not step["margins"]:
        return design
    margins: Any = {PREFIX + margin["name"]: margin["totals"] for margin in step["margins"]}
    if step["trim"] is None:
        return design.rake(margins)
    return design.rake(margins, trim=(0, step["trim"]))


def _by_pairs(responses: pa.Table, weight: Floats, data: Arrays) -> SurveyDesign | None:
    """The design with pairs as units: of door interviews; the others are households as ever.

    Pairs that keep to one community each are its stratum; where they go about, there is one
    stratum of pairs.
    """
    interviewer = _texts(responses["interviewer"])
    at_door = (interviewer != "") & (_texts(responses["mode"]) == "door")
    if len(np.unique(interviewer[at_door])) < strata.ENOUGH:
        return None
    community, housing = data["community"], _texts(responses["housing"])
    elsewhere = list(zip(community[~at_door].tolist(), housing[~at_door].tolist(), strict=True))
    collapsed = strata.collapse(Counter(elsewhere))
    stratum = np.empty(len(weight), object)
    stratum[at_door] = _of_pairs(interviewer[at_door], community[at_door])
    stratum[~at_door] = [collapsed[cell] for cell in elsewhere]
    if len(elsewhere) < strata.ENOUGH:
        stratum[~at_door] = stratum[at_door][0]
    stratum = stratum.astype(str)
    rows = np.arange(len(weight)).astype(str)
    size = _listed(stratum, at_door, weight)
    return SurveyDesign(
        {**data, "stratum": stratum, "unit": np.where(at_door, interviewer, rows), "size": size},
        strata="stratum", psu="unit", weights="weight", fpc="size", nest=True,
    )  # fmt: skip


def _of_pairs(pair: Texts, community: Texts) -> Texts:
    seen = set(zip(pair.tolist(), community.tolist(), strict=True))
    in_pair, in_community = Counter(one for one, _ in seen), Counter(one for _, one in seen)
    if max(in_pair.values()) > 1 or min(in_community.values()) < strata.ENOUGH:
        return np.full(len(pair), "pairs")
    return np.char.add("pairs of ", community)


def _listed(stratum: Texts, at_door: Booleans, weight: Floats) -> Floats:
    """The units there are in each row's stratum: adults, or no end of pairs."""
    _, row_of, units = np.unique(stratum, return_inverse=True, return_counts=True)
    adults = np.maximum(np.bincount(row_of, weight), units)
    with_pairs = np.bincount(row_of, at_door) > 0
    return np.asarray(np.where(with_pairs, MANY, np.maximum(adults, 1.5))[row_of], float)


def _texts(column: pa.ChunkedArray) -> Texts:
    return coded(column).texts()
