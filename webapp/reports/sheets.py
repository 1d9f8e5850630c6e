"""Community sheets (社区单页): a page of A4 for each community, as PDF."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from surveys import printing
from surveys.questionnaires.definition import Indicator
from webapp.reports import chinese
from webapp.reports.bulletin import numbers, percent
from webapp.reports.material import Figure, Material, Place
from webapp.reports.ranking import provenance

WAVES = 12  # of a trend, so that it can be read
COMMENTS, LONGEST = 3, 50  # on a page that is to stay one page

Comments = Mapping[str, Sequence[str]]


def content(
    material: Material, places: Sequence[Place], comments: Comments = MappingProxyType({})
) -> dict[str, Any]:
    """What the template names: all of it texts, but for what the charts draw.

    Parameters
    ----------
    comments : mapping
        By area code, the newest open words, masked.
    """
    return {
        "title": f"{material.whole.name}{chinese.month(material.wave.month)}社区单页",
        "place": material.whole.name,
        "month": chinese.month(material.wave.month),
        "synthetic": material.wave.synthetic,
        "provenance": provenance(material),
        "sheets": [sheet(material, place, comments.get(place.area.code, ())) for place in places],
    }


def sheet(material: Material, place: Place, comments: Sequence[str] = ()) -> dict[str, Any]:
    """One page."""
    trends = [trend(material, place, indicator) for indicator in material.headline]
    low, high = _axis(trends)
    field = place.field
    return {
        "name": place.name,
        "rates": [
            {"name": material.label(indicator), **numbers(place.figure(indicator))}
            for indicator in material.headline
        ],
        "trends": trends,
        "low": low,
        "high": high,
        "environments": [
            whisker(material.label(indicator).removesuffix("满意率"), figure)
            for indicator, figure in _environments(material, place)
        ],
        "field": {
            "due": chinese.whole(field.due),
            "complete": chinese.whole(field.complete),
            "refused": chinese.whole(field.refused),
            "nobody": chinese.whole(field.nobody),
            "response": percent(field.rates.rr2),
        },
        "comments": [_short(text) for text in comments[:COMMENTS]],
    }


def _short(text: str) -> str:
    """A comment in one line, as far as it goes; signs that the font lacks are marked 〓."""
    line = " ".join(text.split())
    line = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
    missing = set(printing.unprintable(line))
    return "".join("〓" if sign in missing else sign for sign in line)


def trend(material: Material, place: Place, indicator: Indicator) -> dict[str, Any]:
    """One rate over the last waves, for a chart."""
    series = material.series(place, indicator)[-WAVES:]
    figure = place.figure(indicator)
    return {
        "name": material.label(indicator),
        "target": figure.target if figure else None,
        "points": [
            {"month": wave.month[2:].replace("-", "."), **_drawn(one)} for wave, one in series
        ],
    }


def whisker(name: str, figure: Figure) -> dict[str, Any]:
    """One point with its interval, for a chart."""
    said = numbers(figure)
    return {"name": name, "text": f"{said['estimate']} {said['half']}", **_drawn(figure)}


def _drawn(figure: Figure) -> dict[str, float | None]:
    if figure.estimate is None or figure.lower is None or figure.upper is None:
        return {"estimate": None, "lower": None, "upper": None}
    return {"estimate": figure.estimate, "lower": figure.lower, "upper": figure.upper}


def _environments(material: Material, place: Place) -> list[tuple[Indicator, Figure]]:
    found = [
        (indicator, figure)
        for indicator in material.environments
        if (figure := place.figure(indicator)) and figure.estimate is not None
    ]
    return sorted(found, key=lambda one: -(one[1].estimate or 0.0))


def _axis(trends: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """One scale for all trends of a page: whole tens around everything that is drawn."""
    ends = [
        value
        for one in trends
        for point in one["points"]
        for value in (point["lower"], point["upper"])
        if value is not None
    ]
    ends += [one["target"] for one in trends if one["target"] is not None]
    if not ends:
        return 0, 100
    return math.floor(min(ends) / 10) * 10, min(100, math.ceil(max(ends) / 10) * 10)
