"""The probability sample's figures: weighted, estimated and judged.

A wave is one design, an area a domain of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from surveys.questionnaires.definition import Indicator
from surveys.results import judging
from surveys.results.figures import Figure
from surveys.results.floors import Floors
from surveys.results.judging import Judged
from surveys.results.respondents import Respondents
from surveys.results.weighed import Weighed
from surveys.weighting import weight_sets

Place = tuple[str, str]  # an indicator and an area


def compute(weighed: Weighed) -> Iterator[Figure]:
    """Every figure of the sample.

    Yields
    ------
    Figure
        By indicator in the questionnaire's order, then area: the wave's own first, then its
        communities by code, those where nobody answered included.
    """
    sample, manifest = weighed.sample, weighed.manifest
    measured = weighed.questionnaire.indicators
    judged, everyone = _judged(weighed, measured), _with_excluded(weighed, measured)
    floors = Floors.of(weighed.material)
    for indicator in measured:
        target = manifest["targets"].get(indicator.name, indicator.target)
        base = sample.contribution(indicator).base
        for figure, weight in zip(
            counted(sample, indicator), sample.counted(base, weighed.weight), strict=True
        ):
            place = indicator.name, figure.area
            one = replace(
                figure,
                n_weighted=weight,
                target=target,
                with_excluded=everyone.get(place),
                response_rate=floors.rates.get(figure.area),
            )
            yield floors.withheld(_estimated(one, judged.get(place)))


def counted(respondents: Respondents, indicator: Indicator) -> Iterable[Figure]:
    """What can be said of an indicator without weights, area by area."""
    said = respondents.contribution(indicator)
    columns = (
        respondents.areas,
        respondents.counted(said.base),
        respondents.counted(said.base, said.y),
        respondents.counted(said.missing),
        respondents.by_mode(said.base),
    )
    for area, n, total, missing, modes in zip(*columns, strict=True):
        yield Figure(
            area=area,
            stream=respondents.stream,
            indicator=indicator.name,
            definition_version=indicator.version,
            kind=indicator.kind,
            unweighted=total / n if n else None,
            n=int(n),
            missing=int(missing),
            modes=modes,
        )


def _judged(weighed: Weighed, measured: Sequence[Indicator]) -> Mapping[Place, Judged]:
    """The weighted estimates."""
    declared = weighed.declared
    if declared is None:
        return {}

    def judge(names: Sequence[str], by: Sequence[str], kind: str) -> Mapping[Any, Judged]:
        if by:
            return judging.larger(weighed.by_community[kind], by, declared.basis)
        return judging.judged(declared, names, by, kind)

    columns = weighed.sample.measured(measured)
    return judging.everywhere(judge, columns, measured, weighed.sample.whole)


def _with_excluded(weighed: Weighed, measured: Sequence[Indicator]) -> Mapping[Place, float]:
    """The estimates with the weights that would be, had staff excluded nobody."""
    if not weighed.settings["excluded"]:
        return {}
    weights, _ = weight_sets.make(weighed.material, weighed.settings["asked"], everyone=True)
    weight = weights["weight"].to_numpy()
    everyone = Respondents.of(weighed.material, "sample", everyone=True)
    found = {}
    for indicator in measured:
        said = everyone.contribution(indicator)
        totals = everyone.counted(said.base, weight * said.y)
        bases = everyone.counted(said.base, weight)
        for area, total, base in zip(everyone.areas, totals, bases, strict=True):
            if base:
                found[indicator.name, area] = total / base
    return found


def _estimated(counted: Figure, found: Judged | None) -> Figure:
    judged_by = counted.target if counted.kind == "rate" else None
    if found is None:
        return replace(counted, verdict=None if judged_by is None else "too_few")
    verdict = None if judged_by is None else found.verdict(judged_by)
    return replace(counted, **found.numbers(), basis=found.basis, verdict=verdict)
