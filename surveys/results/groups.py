"""Groups: the headline rates of women and men, of each age and housing type, place by place."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from surveys.results import judging
from surveys.results.figures import GroupFigure
from surveys.results.judging import Judged
from surveys.results.respondents import Respondents, Y
from surveys.results.weighed import Weighed
from surveys.texts import coded
from surveys.weighting.calibration import AGE, SEX
from surveys.weighting.factors import Floats

VARIABLES = ("sex", "age", "housing")


def compute(weighed: Weighed) -> list[GroupFigure]:
    """The headline rates by sex, age and housing type, in every community and as a whole.

    Returns
    -------
    list of GroupFigure
        By variable, area and indicator, those where somebody is in the base.
    """
    sample = weighed.sample
    headline = [i for i in weighed.questionnaire.indicators if i.headline and i.kind == "rate"]
    columns = sample.measured(headline)
    known = [name for name, column in columns.items() if not np.isnan(column).all()]
    if weighed.designs is None or not known:
        return []
    categories = {
        "sex": sample.given(SEX),
        "age": sample.given(AGE),
        "housing": sample.table["housing"],
    }
    declared = weighed.designs.holding(columns | {f"by:{v}": c for v, c in categories.items()})
    found = []
    for variable in VARIABLES:
        column = categories[variable]
        if column.null_count == len(sample):
            continue
        plain = _unweighted(sample, column, {name: columns[name] for name in known})
        for domains in ([f"by:{variable}"], ["community", f"by:{variable}"]):
            for (name, domain), judged in judging.judged(declared, known, domains).items():
                area, category = (domain[0] if len(domain) > 1 else sample.whole), domain[-1]
                if judged.one.n:
                    unweighted = plain[name, area, category]
                    place = area, name.removeprefix(Y), variable, category
                    found.append(_figure(place, unweighted, judged))
    return found


def _figure(place: tuple[str, str, str, str], unweighted: float, judged: Judged) -> GroupFigure:
    area, indicator, variable, category = place
    numbers = judged.numbers()
    del numbers["deff"]
    return GroupFigure(
        area=area, indicator=indicator, variable=variable, category=category,
        unweighted=unweighted, n=judged.one.n, basis=judged.basis, **numbers,
    )  # fmt: skip


def _unweighted(
    sample: Respondents, column: pa.ChunkedArray, measured: dict[str, Floats]
) -> dict[tuple[str, str, str], float]:
    """The plain shares, by name, area and category."""
    by = coded(column)
    found = {}
    for at, category in enumerate(by.distinct):
        for name, y in measured.items():
            base = (by.place == at) & ~np.isnan(y)
            n, total = sample.counted(base), sample.counted(base, y)
            for area, size, count in zip(sample.areas, n, total, strict=True):
                if category is not None and size:
                    found[name, area, category] = count / size
    return found
