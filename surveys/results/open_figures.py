"""The open link's figures: beside the sample's, pseudo-weighted, neither judged nor pooled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from surveys.questionnaires.definition import Indicator
from surveys.results import judging
from surveys.results.figures import Figure
from surveys.results.judging import Judged
from surveys.results.sample_figures import counted
from surveys.results.weighed import Weighed
from surveys.weighting import streams, weight_sets
from surveys.weighting.calibration import AGE, SEX
from surveys.weighting.recipes import Recipe

Sampled: TypeAlias = Mapping[tuple[str, str], Figure]  # the sample's figures, by indicator and area


def compute(weighed: Weighed, sampled: Sampled) -> Iterator[Figure]:
    """Every figure of the open link, with its distance from the sample's; in the sample's order."""
    measured = weighed.questionnaire.indicators
    found = _estimates(weighed, measured)
    for indicator in measured:
        for figure in counted(weighed.opened, indicator):
            place = indicator.name, figure.area
            judged = found.get(place)
            if judged is not None and judged.one.n > 1:
                weighted = judged.one.n_weighted
                estimated = replace(figure, **judged.numbers(), n_weighted=weighted)
                yield _apart(estimated, sampled[place])
            else:
                yield figure


def _estimates(weighed: Weighed, measured: Sequence[Indicator]) -> Mapping[tuple[str, str], Judged]:
    """Pseudo-weighted estimates, where that can be done."""
    opened, settings, manifest = weighed.opened, weighed.settings, weighed.manifest
    columns = opened.measured(measured)
    design = streams.pseudo_weighted(
        streams.Opened(
            instance_id=opened.table["instance_id"].to_pylist(),
            community=opened.table["community"].to_pylist(),
            answers={
                name: opened.given(code).to_pylist() for name, code in (("sex", SEX), ("age", AGE))
            },
        ),
        weight_sets.population_of({**manifest, **settings["asked"]}),
        manifest["seed"],
        Recipe.of(settings["recipe"]),
        columns,
    )
    if design is None:
        return {}
    return judging.everywhere(partial(judging.estimates, design), columns, measured, opened.whole)


def _apart(opened: Figure, sample: Figure) -> Figure:
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
