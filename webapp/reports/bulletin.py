"""The bulletin (通报): what a Word template is filled with.

The sentences stand in the template, which an office may replace by its own; here are the figures
and lists that they name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from surveys.questionnaires.definition import Indicator, text_in
from surveys.results.rankings import Rank
from webapp.reports import chinese
from webapp.reports.material import Figure, Material, Place

WEAKEST = 2  # environments that are named as the least satisfying
TOLD = 0.02  # share told how to answer above which it is named


def content(material: Material) -> dict[str, Any]:
    """The values that the template names."""
    wave, rates = material.wave, material.rates
    field = material.whole.field
    return {
        "synthetic": wave.synthetic,
        "sponsor": wave.sponsor,
        "approval": wave.approval_number,
        "valid_until": chinese.day(wave.valid_until) if wave.valid_until else "",
        "place": material.whole.name,
        "wave": wave.code,
        "title": wave.title_zh,
        "month": chinese.month(wave.month),
        "made_day": chinese.day(material.made_at),
        "made_at": chinese.moment(material.made_at),
        "weights": material.weights.number,
        "fieldwork": _days(material),
        "communities": len(material.places),
        "released": chinese.whole(field.released),
        "due": chinese.whole(field.due),
        "complete": chinese.whole(field.complete),
        "refused": chinese.whole(field.refused),
        "nobody": chinese.whole(field.nobody),
        "ineligible": chinese.whole(field.ineligible),
        "response": percent(rates.rr2),
        "floor": percent(wave.response_floor) if wave.response_floor else "",
        "below_floor": _below_floor(material),
        "modes": [
            {"name": chinese.MODES[mode], "count": chinese.whole(count)}
            for mode, count in material.modes.items()
        ],
        "rates": [rate(material, indicator) for indicator in material.headline],
        "environments": environments(material),
        "weakest": [one["name"] for one in environments(material)[-WEAKEST:]],
        "told": percent(field.told_share) if (field.told_share or 0) > TOLD else "",
        "disagreeing": "、".join(
            material.label(indicator)
            for indicator in material.headline
            if (opened := material.opened.get(indicator.name)) and opened.stored.disagrees
        ),
        "places": [place_row(material, place) for place in material.places],
        "whole": place_row(material, material.whole),
        "definitions": [
            {
                "name": material.label(indicator),
                "text": text_in(indicator.describes, "zh"),
                "version": indicator.version,
            }
            for indicator in material.headline
        ],
    }


def rate(material: Material, indicator: Indicator) -> dict[str, Any]:
    """One pooled figure, and how the communities stand."""
    figure = material.whole.figure(indicator)
    by_verdict = {name: list(_named(material, indicator, name)) for name in chinese.VERDICTS}
    return {
        "name": material.label(indicator),
        **numbers(figure),
        **{name: "、".join(places) for name, places in by_verdict.items()},
        **{f"{name}_count": len(places) for name, places in by_verdict.items()},
    }


def environments(material: Material) -> list[dict[str, str]]:
    """The eight environments, the most satisfying first."""
    found = [
        (figure.estimate, material.label(indicator), figure)
        for indicator in material.environments
        if (figure := material.whole.figure(indicator)) and figure.estimate is not None
    ]
    ordered = sorted(found, key=lambda one: -one[0])
    return [{"name": name, **numbers(figure)} for _estimate, name, figure in ordered]


def place_row(material: Material, place: Place) -> dict[str, Any]:
    """A line of the appended table."""
    return {
        "name": place.name,
        "response": percent(place.field.rates.rr2),
        "rates": [numbers(place.figure(indicator)) for indicator in material.headline],
    }


def percent(share: float | None) -> str:
    """A share of fieldwork.

    >>> percent(0.6789), percent(None)
    ('67.9%', '—')
    """
    return chinese.NONE if share is None else f"{share * 100:.1f}%"


def numbers(figure: Figure | None) -> dict[str, str]:
    """A figure in words; every value is a text, the empty one where there is nothing to say."""
    if figure is None or figure.estimate is None:
        return dict.fromkeys(_SAID, chinese.NONE) | _UNSAID
    unit = "%" if figure.scale == 100 else ""
    stored = figure.stored
    return {
        "estimate": chinese.number(figure.estimate) + unit,
        "half": "±" + chinese.number(figure.half),
        "interval": f"{chinese.number(figure.lower)}–{chinese.number(figure.upper)}{unit}",
        "n": chinese.whole(stored.n),
        "n_effective": chinese.whole(stored.n_effective),
        "target": chinese.number(figure.target) + unit if figure.target is not None else "",
        "verdict": chinese.verdict(stored.verdict),
        "reason": chinese.REASONS.get(stored.reason or "", ""),
        **_movement(figure),
        **standing(figure.rank),
    }


def _movement(figure: Figure) -> dict[str, str]:
    """The change since the wave before, and whether it is more than chance."""
    change = figure.change
    if change is None:
        return {"change": "", "significance": ""}
    return {
        "change": chinese.change(change.change * figure.scale),
        "significance": chinese.SIGNIFICANCE[change.significant],
    }


def standing(rank: Rank | None) -> dict[str, str]:
    """The interval of a rank, and the band."""
    if rank is None or rank.rank_from is None or rank.rank_to is None:
        return {"rank": "", "band": ""}
    return {
        "rank": chinese.ranks(rank.rank_from, rank.rank_to),
        "band": chinese.BANDS.get(rank.band or "", ""),
    }


_SAID = ("estimate", "half", "interval", "n", "n_effective", "target", "verdict")
_UNSAID = dict.fromkeys(("reason", "change", "significance", "rank", "band"), "")


def _named(material: Material, indicator: Indicator, verdict: str) -> Iterator[str]:
    for place in material.places:
        figure = place.figure(indicator)
        if figure and figure.stored.verdict == verdict:
            yield place.name


def _below_floor(material: Material) -> str:
    floor = material.wave.response_floor
    if not floor:
        return ""
    return "、".join(
        place.name for place in material.places if (place.field.rates.rr2 or 0) < floor
    )


def _days(material: Material) -> str:
    wave = material.wave
    first = wave.fieldwork_from or wave.opened_at
    last = wave.fieldwork_until or wave.closed_at
    return f"{chinese.day(first)}至{chinese.day(last)}"
