"""Calibration: weights that meet the population's margins, and the rules that make it possible.

A category that too few respondents hold joins its neighbour; one that respondents hold and the
record says is empty is a fault of the record, and refused by name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from analysis import DesignError, SurveyDesign
from analysis.calibration import Margins
from surveys.problems import N_, Problem, Refused
from surveys.texts import coded, crossed
from surveys.weighting.factors import Floats, Indices, Population, Sample, Step, Texts

SEX, AGE = "D1", "D2"  # the questions that calibration asks
WIDER = (1, 1.25, 1.5, 2, 3)  # margins come first: what the largest weight is multiplied by
PREFIX = "margin:"  # of the weight file's columns of categories

Category = tuple[str, ...]
RULE = (
    "raking ratio to residents aged 18 and over; a category with fewer than %(least)d respondents "
    "joins its neighbour: the next age of the same sex, the next community by code"
)


@dataclass(frozen=True)
class Margin:
    """One margin as it is raked to.

    Parameters
    ----------
    name : str
    totals : dict of str to float
        By (joined) category.
    joined : dict of str to str
        Category of the record to the one it is part of.
    """

    name: str
    totals: dict[str, float]
    joined: dict[str, str]


def calibration(sample: Sample, weight: Floats) -> Step:
    """Scale the weights to the margins, and trim them, in turn until both hold.

    Raises
    ------
    Refused
        Respondents fall into a category that the margins say is empty, or margins contradict each
        other or the sample.
    """
    if not sample.population.cells:
        skipped = "the record has no margins: weights are not calibrated and not trimmed"
        return Step("calibration", np.ones(len(weight)), {"margins": [], "skipped": skipped})
    answers, flags, imputed = _complete(sample)
    margins: list[Margin] = []
    columns: dict[str, Texts] = {}
    passed_over: dict[str, str] = {}
    for name in sample.recipe.margins if len(weight) else ():
        if any(answers.get(one) is None for one in _dimensions(name)):
            passed_over[name] = "not asked"
        elif (totals := population(sample.population, name)) is None:
            passed_over[name] = "not in the record"
        else:
            held, place = _categories(name, sample, answers)
            counts = dict(zip(held, np.bincount(place).tolist(), strict=True))
            margin = _joined(name, totals, counts, sample.recipe.least_in_cell)
            margins.append(margin)
            joined = np.array([margin.joined["/".join(one)] for one in held], str)
            columns[PREFIX + name] = joined[place]
    settings: dict[str, Any] = {
        "rule": RULE % {"least": sample.recipe.least_in_cell},
        "imputed": imputed,
        "margins": [vars(margin) for margin in margins],
        "passed_over": passed_over,
    }
    if not margins:
        return Step("calibration", np.ones(len(weight)), settings, flags)
    design, trim = raked(weight, columns, {m.name: m.totals for m in margins}, sample.recipe.trim)
    wanted = sample.recipe.trim * float(design.weights().mean())
    settings |= {
        "trim_wanted": wanted or None,
        "trim": trim,
        "trimmed": _trimmed(design.weights(), trim),
    }
    return Step("calibration", design.weights() / weight, settings, columns | flags)


def raked(
    weight: Floats, columns: Mapping[str, Texts], totals: Mapping[str, Any], times: float
) -> tuple[SurveyDesign, float | None]:
    """A design of raked weights, and the largest weight where any had to be trimmed.

    Where the margins cannot be met with so small a largest weight, it may be larger, step by step,
    and in the end as large as it comes.
    """
    most = times * sum(next(iter(totals.values())).values()) / len(weight)
    margins: Margins = {PREFIX + name: totals[name] for name in totals}
    try:
        design = SurveyDesign({"weight": weight, **columns}, weights="weight")
        plain = design.rake(margins)
    except DesignError as error:
        raise Refused(Problem(error.text, error.params)) from error
    if not times or plain.weights().max() <= most:
        return plain, None
    for wider in WIDER:
        try:
            return design.rake(margins, trim=(0, most * wider)), most * wider
        except DesignError:
            continue
    return plain, None


def population(known: Population, name: str) -> dict[Category, float] | None:
    """The totals of a margin; None where the record does not have it for everyone.

    A township's figures are its own where the record has them, else its communities' summed.
    """
    dimensions = _dimensions(name)
    cells: defaultdict[str, list[tuple[Category, float]]] = defaultdict(list)
    for area, *words, number in known.cells:
        cells[area].append((tuple(words), number))
    by_area = {area: _of_area(cells[area], dimensions) for area in (known.area, *known.communities)}
    if not _by_community(name):
        if (own := by_area[known.area]) is not None:
            return own
        summed: defaultdict[Category, float] = defaultdict(float)
        for community in known.communities:
            for category, number in (by_area[community] or {}).items():
                summed[category] += number
        is_whole = all(by_area[community] for community in known.communities)
        return dict(summed) if summed and is_whole else None
    totals: dict[Category, float] = {}
    for community in known.communities:
        if (own := by_area[community]) is None:
            return None
        totals |= {(community, *category): number for category, number in own.items()}
    return totals


_WORDS = ("sex", "age", "housing")  # of a cell of the record


def _of_area(
    cells: Sequence[tuple[Category, float]], dimensions: Sequence[str]
) -> dict[Category, float] | None:
    """The totals of an area, from the coarsest cells that tell these dimensions apart."""
    places = [_WORDS.index(one) for one in dimensions]
    kinds: defaultdict[tuple[bool, ...], dict[Category, float]] = defaultdict(dict)
    for words, number in cells:
        kind = tuple(word != "" for word in words)
        if all(kind[place] for place in places):
            category = tuple(words[place] for place in places)
            kinds[kind][category] = kinds[kind].get(category, 0) + number
    return kinds[min(kinds, key=lambda kind: (sum(kind), kind))] if kinds else None


def join(categories: Sequence[Category], counts: Mapping[Category, int], least: int) -> list[Any]:
    """Join thin categories to a neighbour until none is thin.

    Parameters
    ----------
    categories : sequence of tuple of str
        In their order; the neighbours of the last word's ends are those of the next first word.
    counts : mapping of category to int
        Respondents.
    least : int
        Respondents that let a category stand alone.

    Returns
    -------
    list of list of category
        In order.

    Examples
    --------
    >>> ages = [("18-24",), ("25-34",), ("35-44",)]
    >>> join(ages, {("18-24",): 1, ("25-34",): 9, ("35-44",): 7}, 2)
    [[('18-24',), ('25-34',)], [('35-44',)]]
    """
    groups = [[category] for category in categories]

    def size(at: int) -> int:
        return sum(counts.get(category, 0) for category in groups[at])

    while len(groups) > 1:
        thin = min(range(len(groups)), key=lambda at: (size(at), at))
        if size(thin) >= least:
            break
        beside = [at for at in (thin - 1, thin + 1) if 0 <= at < len(groups)]
        host = min(beside, key=lambda at: (_strange(groups[thin], groups[at]), size(at), at))
        first, second = sorted((thin, host))
        groups[first : second + 1] = [groups[first] + groups[second]]
    return groups


def _strange(one: Sequence[Category], other: Sequence[Category]) -> bool:
    """Whether two groups have no first word in common (of categories with several)."""
    return len(one[0]) > 1 and not {c[0] for c in one} & {c[0] for c in other}


def _joined(
    name: str, totals: Mapping[Category, float], counts: Mapping[Category, int], least: int
) -> Margin:
    for category, number in sorted(counts.items()):
        if not totals.get(category, 0) > 0:
            empty = N_(
                "Margin %(margin)s: %(number)d respondents are %(category)s, of whom the record "
                "says there are none. Correct the margin, or leave it out of the weighting."
            )
            params = {"margin": name, "number": number, "category": "/".join(category)}
            raise Refused(Problem(empty, params))
    groups = join(_in_order([c for c, number in totals.items() if number > 0]), counts, least)
    named = {category: _name(group) for group in groups for category in group}
    return Margin(
        name,
        {_name(group): float(sum(totals[c] for c in group)) for group in groups},
        {"/".join(category): group for category, group in named.items()},
    )


def _in_order(categories: Sequence[Category]) -> list[Category]:
    """Sorted, each second first word backwards: the oldest men stand beside the oldest women."""
    if len(categories[0]) == 1:
        return sorted(categories)
    ordered: list[Category] = []
    for at, first in enumerate(sorted({category[0] for category in categories})):
        own = sorted(category for category in categories if category[0] == first)
        ordered += own[::-1] if at % 2 else own
    return ordered


def _name(group: Sequence[Category]) -> str:
    """``female/18-24+25-34``; first words that differ are all spelled out."""
    firsts = {category[0] for category in group}
    if len(group[0]) == 1 or len(firsts) > 1:
        return "+".join("/".join(category) for category in group)
    return f"{group[0][0]}/{'+'.join(category[1] for category in group)}"


def _complete(
    sample: Sample,
) -> tuple[dict[str, Sequence[str | None] | None], dict[str, Any], dict[str, Any]]:
    """Sex and age of every respondent, missing ones by seeded hot deck, flagged and counted."""
    answers: dict[str, Sequence[str | None] | None] = {}
    flags, imputed = {}, {}
    for name, question in (("sex", SEX), ("age", AGE)):
        given = sample.answers.get(name, ())
        if all(answer is None for answer in given):
            answers[name] = None
            continue
        answers[name], flags[f"{name}_imputed"], imputed[name] = sample.completed(question, given)
    answers["housing"] = sample.answers.get("housing")
    return answers, flags, imputed


def _categories(
    name: str, sample: Sample, answers: Mapping[str, Any]
) -> tuple[list[Category], Indices]:
    """The categories that respondents hold, and each one's place among them."""
    columns = [answers[one] for one in _dimensions(name)]
    if _by_community(name):
        columns.insert(0, sample.community)
    return crossed([coded(pa.array(column, pa.string())) for column in columns])


def _dimensions(name: str) -> list[str]:
    return [part for part in name.split("*") if part != "community"]


def _by_community(name: str) -> bool:
    return name.startswith("community")


def _trimmed(weight: Floats, most: float | None) -> int:
    return 0 if most is None else int((weight >= most * (1 - 1e-9)).sum())
