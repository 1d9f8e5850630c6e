"""A place through time and by its parts: trends, environments, groups, comments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import areas
from surveys.areas import Area
from surveys.fieldwork import campaigns
from surveys.fieldwork.campaigns import CampaignVisit
from surveys.questionnaires.definition import Indicator, Questionnaire
from surveys.reading import editions, masking
from surveys.reading.editions import Edition
from surveys.responses import Response
from surveys.results import breakdowns, comparisons, items, periods, readings
from surveys.results.comparisons import Comparison
from surveys.results.figures import Figure, GroupFigure
from surveys.results.periods import Period
from surveys.waves import Wave

MONTH = "month"
SPANS = (MONTH, periods.QUARTER, periods.YEAR)
COMMENTS = 8


@dataclass(frozen=True)
class Environment:
    """One of the environments in a place, with its change since the wave before."""

    indicator: Indicator
    figure: Figure
    comparison: Comparison | None


@dataclass(frozen=True)
class Comment:
    """What somebody wants fixed first, without personal data."""

    text: str
    month: str
    submitted_at: dt.datetime


@dataclass(frozen=True)
class Place:
    """One place as of a wave.

    Parameters
    ----------
    edition : Edition
    area : Area
    waves : sequence of Wave
        Locked ones up to that wave, the oldest first.
    figures : mapping
        By wave code and indicator, of the place.
    around : mapping
        The same of the whole that it belongs to; empty for the whole itself.
    spans : mapping
        By indicator, the pooled figures of quarters or years.
    visits : sequence of (CampaignVisit, Area)
        Campaigns that touched the place, the latest first.
    environments : sequence of Environment
        The highest rate first.
    groups : sequence of GroupFigure
    comments : sequence of Comment
        The newest first.
    changes : mapping
        Since the wave before, by area code and indicator.
    told : float or None
        The share of respondents who were told how to answer.
    """

    edition: Edition
    area: Area
    waves: Sequence[Wave]
    figures: Mapping[tuple[str, str], Figure]
    around: Mapping[tuple[str, str], Figure]
    spans: Mapping[str, Sequence[Period]]
    visits: Sequence[tuple[CampaignVisit, Area]]
    environments: Sequence[Environment] = ()
    groups: Sequence[GroupFigure] = ()
    comments: Sequence[Comment] = ()
    changes: Mapping[tuple[str, str], Comparison] = field(default_factory=dict)
    told: float | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the place is what the waves belong to."""
        return self.area.id == self.edition.whole.id

    def figure(self, wave: Wave, indicator: Indicator) -> Figure | None:
        """One figure; None where the wave did not have it."""
        return self.figures.get((wave.code, indicator.name))

    def newest(self, indicator: Indicator) -> Figure | None:
        """The figure of the wave that is read."""
        return self.figure(self.edition.wave, indicator)


def of(
    session: Session,
    edition: Edition,
    area: Area,
    *,
    shown: Sequence[Indicator],
    within: Collection[int],
    span: str = MONTH,
) -> Place:
    """A place as of a wave, by some definitions of the headline rates.

    Parameters
    ----------
    within : collection of int
        Ids of the places whose people's own words and campaigns the reader may see. Campaigns of
        the place itself, and of what lies above it, are seen by whoever may see the place.
    """
    trends = trend(session, edition, area, shown=shown, within=within, span=span)
    changes = comparisons.by_place(comparisons.of(session, edition.wave, [area.id]))
    return replace(
        trends,
        environments=_environments(session, edition, area, changes),
        groups=breakdowns.group_figures(session, edition.weight_set_id, area),
        comments=comments(session, edition.questionnaire, area, trends.waves, within=within),
        changes=changes,
        told=_told(session, edition, area),
    )


def trend(
    session: Session,
    edition: Edition,
    area: Area,
    *,
    shown: Sequence[Indicator],
    within: Collection[int],
    span: str = MONTH,
) -> Place:
    """The same without its parts: what a chart is drawn from."""
    waves = editions.before(session, edition.wave)
    names = [one.name for one in shown]
    is_whole = area.id == edition.whole.id
    spans: dict[str, Sequence[Period]] = {}
    if span != MONTH:
        spans = {name: periods.of(session, area, name, span) for name in names}
    return Place(
        edition=edition,
        area=area,
        waves=waves,
        figures=editions.history(session, area, names, waves),
        around={} if is_whole else editions.history(session, edition.whole, names, waves),
        spans=spans,
        visits=touching(session, area, within),
    )


def _told(session: Session, edition: Edition, area: Area) -> float | None:
    """Of those who say whether they were told how to answer, those who were."""
    whole = area.id == edition.whole.id
    by = items.EVERYONE if whole else items.COMMUNITY
    found = breakdowns.table(session, edition.weight_set_id, "I1", by, {area.code})
    if not found or not found.groups:
        return None
    return next((one.unweighted for one in found.groups[0].shares if one.answer == "yes"), None)


def touching(
    session: Session, area: Area, within: Collection[int]
) -> list[tuple[CampaignVisit, Area]]:
    """The campaigns in an area and above it, and below it within some places, the latest first."""
    seen = {area.id, *readings.ancestors(session, area.id)}
    seen |= {*areas.branch(session, area.id)} & {*within}
    return [(visit, place) for visit, place in campaigns.visits(session) if place.id in seen]


def comments(
    session: Session,
    questionnaire: Questionnaire,
    area: Area,
    waves: Sequence[Wave],
    *,
    within: Collection[int],
    most: int = COMMENTS,
) -> list[Comment]:
    """The newest open words from a place, masked; of locked waves only."""
    asked = [name for name, one in questionnaire.questions.items() if one.type == "text"]
    if not asked or not waves:
        return []
    # No more is read than can be shown: somebody may have pasted a book.
    words = sa.func.substr(Response.answers[asked[0]].as_string(), 1, 2 * masking.LONGEST)
    months = {wave.id: wave.month for wave in waves}
    query = (
        sa.select(words, Response.wave_id, Response.submitted_at)
        .where(Response.wave_id.in_(months), Response.eligible, words.is_not(None))
        .where(words.not_in(["", "-1", "-2", "-3"]))
        .where(Response.community_id.in_({*areas.branch(session, area.id)} & {*within}))
        .order_by(Response.submitted_at.desc(), Response.id.desc())
        .limit(most)
    )
    return [
        Comment(masking.masked(text), months[wave_id], at)
        for text, wave_id, at in session.execute(query)
    ]


def _environments(
    session: Session,
    edition: Edition,
    area: Area,
    changes: Mapping[tuple[str, str], Comparison],
) -> list[Environment]:
    figures = editions.figures(session, edition, [area], edition.environments)
    found = [
        Environment(indicator, figure, changes.get((area.code, indicator.name)))
        for indicator in edition.environments
        if (figure := figures.get((area.code, indicator.name))) and figure.estimate is not None
    ]
    return sorted(found, key=lambda one: -(one.figure.estimate or 0.0))
