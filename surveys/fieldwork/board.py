"""The fieldwork board: how a wave stands in each community. Counts and response, never rates."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import areas
from surveys.areas import Area
from surveys.fieldwork import quality, visits
from surveys.fieldwork.dispositions import INTERVIEWS, Rates, rates
from surveys.responses import Response
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave


@dataclass(frozen=True)
class Row:
    """One community, or all of them.

    Parameters
    ----------
    area : Area
    drawn : int
        Addresses of the sample, reserves included.
    counts : Counter of str
        Released addresses by disposition.
    attempted : int
        Released addresses where someone has been, or that have answered.
    to_visit : int
        Those where attempts are left.
    answers, told, hasty : int
        Eligible responses of the sample; those told how to answer (I1); those much too quick.
    floor : float or None
        RR2 set before the wave, below which no *met* is issued.
    """

    area: Area
    drawn: int
    counts: Counter[str]
    attempted: int
    to_visit: int
    answers: int
    told: int
    hasty: int
    floor: float | None

    @property
    def released(self) -> int:
        """已发: addresses of the batches that are out."""
        return self.counts.total()

    @property
    def due(self) -> int:
        """应访户: released addresses that are not known to be ineligible."""
        return self.released - self.ineligible

    @property
    def complete(self) -> int:
        """完成: interviews, partial ones included."""
        return sum(self.counts[name] for name in INTERVIEWS)

    @property
    def refused(self) -> int:
        """拒访, break-offs included."""
        return self.counts["refusal"]

    @property
    def nobody(self) -> int:
        """无人: nobody reached."""
        return self.counts["noncontact"]

    @property
    def ineligible(self) -> int:
        """不合格."""
        return self.counts["ineligible"]

    @property
    def rates(self) -> Rates:
        """Response, cooperation, refusal and contact rates; 应答率 is ``rates.rr2``."""
        return rates(self.counts)

    @property
    def gap(self) -> int | None:
        """缺口: interviews that are missing to the floor; None where none is set."""
        if self.floor is None:
            return None
        return max(0, math.ceil(self.floor * self.due - 1e-9) - self.complete)

    @property
    def told_share(self) -> float | None:
        """I1“有”占比: of the interviews, those told how to answer."""
        return self.told / self.answers if self.answers else None


def board(
    session: Session, wave: Wave, communities: Sequence[Area] | None = None
) -> tuple[list[Row], Row]:
    """A row per community, in the order of codes, and one for all of them together.

    Some eight statements, whatever the number of communities.

    Parameters
    ----------
    communities : sequence of Area, optional
        Those to be shown; by default all of the wave's area.
    """
    if communities is None:
        communities = areas.communities(session, wave.area_id)
    ids = [community.id for community in communities]
    by_community: defaultdict[int, list[visits.Case]] = defaultdict(list)
    for case in visits.cases(session, wave, ids):
        by_community[case.community_id].append(case)
    drawn = _drawn(session, wave)
    answers, told, hasty = _answers(session, wave)
    rows = []
    for community in communities:
        cases = by_community[community.id]
        row = Row(
            area=community,
            drawn=drawn[community.id],
            counts=Counter(case.disposition for case in cases),
            attempted=sum(bool(case.visits or case.answered) for case in cases),
            to_visit=sum(case.attempts_left > 0 for case in cases),
            answers=answers[community.id],
            told=told[community.id],
            hasty=hasty[community.id],
            floor=wave.response_floor,
        )
        rows.append(row)
    return rows, _together(session.get_one(Area, wave.area_id), rows, wave.response_floor)


def _together(area: Area, rows: Sequence[Row], floor: float | None) -> Row:
    return Row(
        area=area,
        drawn=sum(row.drawn for row in rows),
        counts=sum((row.counts for row in rows), Counter()),
        attempted=sum(row.attempted for row in rows),
        to_visit=sum(row.to_visit for row in rows),
        answers=sum(row.answers for row in rows),
        told=sum(row.told for row in rows),
        hasty=sum(row.hasty for row in rows),
        floor=floor,
    )


def _drawn(session: Session, wave: Wave) -> Counter[int]:
    query = (
        sa.select(SampledUnit.community_id, sa.func.count())
        .where(SampledUnit.wave_id == wave.id)
        .group_by(SampledUnit.community_id)
    )
    return Counter(dict(session.execute(query).all()))


def _answers(session: Session, wave: Wave) -> tuple[Counter[int], Counter[int], Counter[int]]:
    """Per community: interviews of the sample, those told how to answer, those much too quick."""
    question, code = quality.TELLING["told"]
    query = sa.select(
        Response.id,
        Response.community_id,
        Response.mode,
        Response.started_at,
        Response.submitted_at,
        Response.answers[question].as_string(),
    ).where(Response.wave_id == wave.id, Response.stream == "sample", Response.eligible)
    found = session.execute(query).all()
    hasty = quality.speeders(
        (id_, mode, (submitted - started).total_seconds())
        for id_, _community, mode, started, submitted, _answer in found
    )
    return (
        Counter(community for _id, community, *_rest in found),
        Counter(community for _id, community, *_rest, answer in found if answer == code),
        Counter(community for id_, community, *_rest in found if id_ in hasty),
    )
