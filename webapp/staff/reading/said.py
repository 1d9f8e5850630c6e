"""Findings and caveats in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import ngettext

from surveys.reading import concerns, overview
from surveys.reading.concerns import Concern
from surveys.reading.overview import Caveat, Overview
from webapp.staff import words
from webapp.staff.reading.changes import Change
from webapp.staff.reading.figures import Figure


def concern(one: Concern) -> str:
    """One finding in one sentence."""
    figure = Figure(one.figure)
    said = {
        "place": words.area(one.area),
        "indicator": words.text(one.indicator.label) if one.indicator else "",
        "rate": "" if figure.estimate is None else f"{figure.estimate:.1f}%",
    }
    if one.kind == concerns.NOT_MET:
        return words.run(_below(one, figure, said))
    if one.kind in (concerns.FALL, concerns.RISE) and one.comparison:
        said["points"] = f"{abs(Change(one.comparison).points):.1f}"
        if one.kind == concerns.FALL:
            return _(
                "%(indicator)s in %(place)s fell by %(points)s points since the wave before, to "
                "%(rate)s: more than chance.",
                **said,
            )
        return _(
            "%(indicator)s in %(place)s rose by %(points)s points since the wave before, to "
            "%(rate)s: more than chance.",
            **said,
        )
    if one.kind == concerns.LOWEST:
        return _(
            "Of the environments people are least satisfied with this one: "
            "%(indicator)s, %(rate)s.",
            **said,
        )
    return ngettext(
        "In %(num)d community the response rate is below the floor: %(place)s, %(share)s.",
        "In %(num)d communities the response rate is below the floor; lowest in %(place)s, "
        "%(share)s.",
        one.count,
        place=said["place"],
        share=words.share(one.figure.response_rate),
    )


def _below(one: Concern, figure: Figure, said: dict[str, str]) -> Iterator[str]:
    yield _(
        "%(indicator)s: %(place)s is farthest below the target, %(rate)s, and even the upper end "
        "of its interval (%(upper)s%%) stays under %(target)s%%.",
        upper=f"{figure.upper or 0:.1f}",
        target=f"{figure.target or 0:g}",
        **said,
    )
    if one.count > 1:
        yield ngettext(
            "%(num)d community in all does not meet it.",
            "%(num)d communities in all do not meet it.",
            one.count,
        )


def caveats(of: Overview) -> list[str]:
    """What is to be known of the data before the figures are believed."""
    return [_caveat(one) for one in of.caveats]


def _caveat(one: Caveat) -> str:
    count = int(one.number)
    if one.kind == overview.TOLD:
        share = words.share(one.number)
        return _("%(share)s of the respondents were told how to answer.", share=share)
    if one.kind == overview.EXCLUDED:
        return _(
            "Staff left responses out, each with a reason; the figures with them stand under "
            "Quality."
        )
    return {
        overview.BELOW_FLOOR: ngettext(
            "%(num)d community is below the floor of response rates: it is never said to meet its "
            "target.",
            "%(num)d communities are below the floor of response rates: they are never said to "
            "meet their targets.",
            count,
        ),
        overview.FEW: ngettext(
            "%(num)d community has too few interviews to be judged.",
            "%(num)d communities have too few interviews to be judged.",
            count,
        ),
        overview.EMBARGO: ngettext(
            "In %(num)d community a campaign visit fell into the embargo before fieldwork.",
            "In %(num)d communities campaign visits fell into the embargo before fieldwork.",
            count,
        ),
    }[one.kind]
