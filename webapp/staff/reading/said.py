"""Findings and caveats in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape

from surveys.questionnaires.definition import Question
from surveys.reading import concerns, overview
from surveys.reading.concerns import Concern
from surveys.reading.overview import Caveat, Overview
from surveys.results.likeness import TOO_MANY
from webapp.staff import words
from webapp.staff.reading.changes import Change
from webapp.staff.reading.figures import Figure

ALPHA = 0.05


def concern(one: Concern, wave: str) -> Markup:
    """One finding of a wave in one sentence."""
    figure = Figure(one.figure)
    path = figure.path(wave)
    rate = "" if figure.estimate is None else f"{figure.estimate:.1f}"
    said = {
        "place": words.area(one.area),
        "indicator": words.text(one.indicator.label) if one.indicator else "",
        "rate": words.figure(f"{path}/estimate", rate) + "%",
    }
    if one.kind == concerns.NOT_MET:
        return words.run(_below(one, figure, path, said))
    if one.kind in (concerns.FALL, concerns.RISE) and one.comparison:
        change = Change(one.comparison)
        points = words.figure(f"{change.path(wave)}/size", f"{abs(change.points):.1f}")
        if one.kind == concerns.FALL:
            text = _(
                "%(indicator)s in %(place)s fell by %(points)s points since the wave before, to "
                "%(rate)s: more than chance."
            )
        else:
            text = _(
                "%(indicator)s in %(place)s rose by %(points)s points since the wave before, to "
                "%(rate)s: more than chance."
            )
        return words.sentence(text, points=points, **said)
    if one.kind == concerns.LOWEST:
        text = _(
            "Of the environments people are least satisfied with this one: %(indicator)s, %(rate)s."
        )
        return words.sentence(text, **said)
    share = words.figure(f"{path}/response_rate", words.share(one.figure.response_rate))
    return Markup(  # noqa: S704  (our own words; parameters are escaped)
        ngettext(
            "In %(num)d community the response rate is below the floor: %(place)s, %(share)s.",
            "In %(num)d communities the response rate is below the floor; lowest in %(place)s, "
            "%(share)s.",
            one.count,
            place=escape(said["place"]),
            share=share,
        )
    )


def _below(one: Concern, figure: Figure, path: str, said: Mapping[str, object]) -> Iterator[Markup]:
    yield words.sentence(
        _(
            "%(indicator)s: %(place)s is farthest below the target, %(rate)s, and even the upper "
            "end of its interval (%(upper)s%%) stays under %(target)s%%."
        ),
        upper=words.figure(f"{path}/upper", f"{figure.upper or 0:.1f}"),
        target=f"{figure.target or 0:g}",
        **said,
    )
    if one.count > 1:
        yield escape(
            ngettext(
                "%(num)d community in all does not meet it.",
                "%(num)d communities in all do not meet it.",
                one.count,
            )
        )


def alike(asked: Question, test: Mapping[str, Any]) -> list[str]:
    """Whether the groups of a table answered alike, in words."""
    if test["why"] == TOO_MANY:
        return [_("There are too many groups for one test.")]
    if test["why"]:
        return [_("There is nothing to test: one group, or one answer.")]
    if asked.type != "select_multiple":
        (one,) = test["tests"]
        if one["p"] <= ALPHA:
            return [_("The groups answer differently by more than chance.")]
        return [_("That the groups differ may be chance.")]
    beyond = [
        words.text(asked.choice(one["answer"]).label)
        for one in test["tests"]
        if one["p_holm"] <= ALPHA
    ]
    if not beyond:
        return [_("That the groups differ may be chance, answer by answer.")]
    named = _(", ").join(beyond)
    return [_("The groups differ by more than chance (Holm) in: %(answers)s.", answers=named)]


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
