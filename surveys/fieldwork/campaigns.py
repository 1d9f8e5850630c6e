"""Campaign visits (宣传走访): publicity, kept apart from measurement by an embargo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import areas, audit
from surveys.areas import Area
from surveys.database import Base, now
from surveys.fieldwork.visits import CHINA
from surveys.problems import N_, Problem, Refused
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave


class CampaignVisit(Base):
    """Publicity in an area and all that lies in it, or in one grid of a community."""

    __tablename__ = "campaign_visits"

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), index=True)
    grid: Mapped[str] = mapped_column(String(32), default="")  # empty: all of the area
    title: Mapped[str] = mapped_column(String(120))
    starts: Mapped[dt.date]
    ends: Mapped[dt.date]
    reach: Mapped[int | None]  # households reached, where someone counted
    actor: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


@dataclass(frozen=True)
class Breach:
    """A visit that fell into the embargo of a community: shown as a warning, named in the report.

    Parameters
    ----------
    days : int
        How many of the visit's days lie in the embargo.
    """

    community: Area
    visit: CampaignVisit
    days: int


def register(
    session: Session,
    area: Area,
    title: str,
    starts: dt.date,
    ends: dt.date | None = None,
    *,
    grid: str = "",
    reach: int | None = None,
    actor: str,
) -> CampaignVisit:
    """Write down a campaign visit, planned or past.

    Parameters
    ----------
    area : Area
        A community, or what lies above it.
    ends : date, optional
        Its last day; by default the first.
    grid : str, optional
        As the list of addresses names it, if only that part of a community was visited.

    Raises
    ------
    Refused
        With everything that is wrong at once.
    """
    ends = ends or starts
    problems = []
    if not title.strip() or len(title) > 120:
        problems.append(Problem(N_("A title of at most 120 characters is missing.")))
    if ends < starts:
        problems.append(Problem(N_("The last day lies before the first.")))
    if area.level == "grid" or (grid and area.level != "community"):
        problems.append(Problem(N_("Name the community, and the grid by its own name.")))
    if len(grid) > 32:
        problems.append(Problem(N_("The grid's name is longer than 32 characters.")))
    if reach is not None and reach < 0:
        problems.append(Problem(N_("Fewer than no households cannot have been reached.")))
    if problems:
        raise Refused(*problems)
    visit = CampaignVisit(
        area_id=area.id,
        grid=grid.strip(),
        title=title.strip(),
        starts=starts,
        ends=ends,
        reach=reach,
        actor=actor,
    )
    session.add(visit)
    session.flush()
    days = {"starts": starts.isoformat(), "ends": ends.isoformat()}
    audit.record(session, actor, "campaign.register", area.code, title=visit.title, **days)
    return visit


def visits(session: Session, area_id: int | None = None) -> list[tuple[CampaignVisit, Area]]:
    """The visits in an area and below it, each with its place; the latest first."""
    query = (
        sa.select(CampaignVisit, Area)
        .join(Area, Area.id == CampaignVisit.area_id)
        .order_by(CampaignVisit.starts.desc(), Area.code, CampaignVisit.id)
    )
    if area_id is not None:
        query = query.where(CampaignVisit.area_id.in_(areas.branch(session, area_id)))
    return [(visit, area) for visit, area in session.execute(query)]


def embargo_of(wave: Wave) -> tuple[dt.date, dt.date] | None:
    """First and last day on which a wave bears no campaign; None before its fieldwork has a date.

    From ``embargo_days`` before the first day of fieldwork until its last. Where these days were
    not planned they are those on which the wave was opened and closed.
    """
    first = wave.fieldwork_from or _day(wave.opened_at)
    last = wave.fieldwork_until or _day(wave.closed_at) or dt.date.max
    return (first - dt.timedelta(days=wave.embargo_days), last) if first else None


def _day(moment: dt.datetime | None) -> dt.date | None:
    return moment.astimezone(CHINA).date() if moment else None


def embargo(session: Session, wave: Wave) -> list[Breach]:
    """The visits that fell into the embargo of a wave, by community and day."""
    window = embargo_of(wave)
    if window is None:
        return []
    first, last = window
    communities = areas.communities(session, wave.area_id)
    above = _above(session, wave, communities)
    overlapping = sa.select(CampaignVisit).where(
        CampaignVisit.starts <= last, CampaignVisit.ends >= first
    )
    found = session.scalars(overlapping.order_by(CampaignVisit.starts, CampaignVisit.id)).all()
    return [
        Breach(community, visit, (min(visit.ends, last) - max(visit.starts, first)).days + 1)
        for community in communities
        for visit in found
        if visit.area_id in above[community.id]
    ]


def flagged(session: Session, wave: Wave) -> set[int]:
    """The ids of the sampled units where a campaign visit fell into the embargo."""
    grids: dict[int, set[str]] = {}
    for breach in embargo(session, wave):
        grids.setdefault(breach.community.id, set()).add(breach.visit.grid)
    if not grids:
        return set()
    query = sa.select(SampledUnit.id, SampledUnit.community_id, SampledUnit.grid).where(
        SampledUnit.wave_id == wave.id, SampledUnit.community_id.in_(grids)
    )
    return {
        unit_id
        for unit_id, community_id, grid in session.execute(query)
        if not grids[community_id].isdisjoint({"", grid})
    }


def _above(session: Session, wave: Wave, communities: Sequence[Area]) -> dict[int, set[int]]:
    """Of each community its own id and those of everything it lies in."""
    within = areas.branch(session, wave.area_id)
    query = sa.select(Area.id, Area.parent_id).where(Area.id.in_(within))
    parents = dict(session.execute(query).all())
    area = session.get_one(Area, wave.area_id)
    while area.parent is not None:
        parents[area.id] = area.parent.id
        area = area.parent
    return {community.id: set(_chain(community.id, parents)) for community in communities}


def _chain(place: int | None, parents: Mapping[int, int | None]) -> Iterator[int]:
    while place is not None:
        yield place
        place = parents.get(place)
