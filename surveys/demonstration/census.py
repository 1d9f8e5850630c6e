"""The register of residents of the demonstration township: the margins of its weights."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from surveys.demonstration.population import AGE_BANDS, SEXES, Population
from surveys.sampling.frames import HOUSING

SOURCE = "演示街道常住人口登记（演示数据）"
AS_OF = dt.date(2025, 5, 31)


def margins(who: Population, areas: list[int]) -> list[dict[str, Any]]:
    """Adults by community, sex, age band and housing type, as rows of the record.

    Parameters
    ----------
    who : Population
    areas : list of int
        The communities' ids, in the order of the places.
    """
    household = who.household
    cells = np.column_stack([who.place[household], who.sex, who.age, who.housing[household]])
    found, adults = np.unique(cells, axis=0, return_counts=True)
    return [
        {
            "area_id": areas[place],
            "sex": SEXES[sex],
            "age": AGE_BANDS[age],
            "housing": HOUSING[housing],
            "adults": number,
            "source": SOURCE,
            "as_of": AS_OF,
        }
        for (place, sex, age, housing), number in zip(found.tolist(), adults.tolist(), strict=True)
    ]
