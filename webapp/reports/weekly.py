"""The weekly supervision report (督查周报): counts and response of a wave, never its rates."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.areas import Area
from surveys.database import now
from surveys.fieldwork.attempts import Attempt
from surveys.fieldwork.board import Row, board
from surveys.problems import N_, Problem, Refused
from surveys.responses import Response
from surveys.sampling.units import SampledUnit
from surveys.waves import STATE_WORDS, Wave
from webapp.reports import chinese
from webapp.reports.bulletin import percent

WEEK = dt.timedelta(days=7)
LAST = 3  # places that are named as behind


@dataclass(frozen=True)
class Progress:
    """How a wave stands, and what the last seven days brought."""

    wave: Wave
    area: Area
    rows: list[Row]
    total: Row
    week_visits: int
    week_answers: int
    made_at: dt.datetime


def of_wave(session: Session, wave: Wave) -> Progress:
    """Read what the report needs.

    Raises
    ------
    Refused
        The wave was not opened yet: there is nothing to report.
    """
    if wave.opened_at is None:
        text = N_("Wave %(code)s is %(state)s: there is no fieldwork to report.")
        state = Problem(STATE_WORDS[wave.state])
        raise Refused(Problem(text, {"code": wave.code, "state": state}))
    rows, total = board(session, wave)
    made_at = now()
    end = min(made_at, wave.closed_at or made_at)
    visits = sa.select(sa.func.count()).select_from(Attempt).join(
        SampledUnit, SampledUnit.id == Attempt.unit_id
    ).where(SampledUnit.wave_id == wave.id, Attempt.at > end - WEEK)  # fmt: skip
    answers = sa.select(sa.func.count()).where(
        Response.wave_id == wave.id, Response.stream == "sample", Response.received_at > end - WEEK
    )
    return Progress(
        wave=wave,
        area=session.get_one(Area, wave.area_id),
        rows=rows,
        total=total,
        week_visits=session.scalar(visits) or 0,
        week_answers=session.scalar(answers) or 0,
        made_at=made_at,
    )


def content(progress: Progress) -> dict[str, Any]:
    """The values that the template names."""
    wave = progress.wave
    return {
        "synthetic": wave.synthetic,
        "sponsor": wave.sponsor,
        "place": progress.area.name_zh,
        "month": chinese.month(wave.month),
        "wave": wave.code,
        "made_day": chinese.day(progress.made_at),
        "made_at": chinese.moment(progress.made_at),
        "week_visits": chinese.whole(progress.week_visits),
        "week_answers": chinese.whole(progress.week_answers),
        **_row(progress.total),
        "places": [{"name": row.area.name_zh, **_row(row)} for row in progress.rows],
        "behind": _behind(progress.rows),
        "told": "、".join(row.area.name_zh for row in progress.rows if row.told),
    }


def _row(row: Row) -> dict[str, str]:
    counts = {
        name: chinese.whole(getattr(row, name))
        for name in (
            *("due", "released", "complete", "refused", "nobody", "ineligible"),
            *("to_visit", "gap", "hasty"),
        )
    }
    return counts | {"response": percent(row.rates.rr2)}


def _behind(rows: list[Row]) -> str:
    """The places with the lowest response, where some of their addresses may still be visited."""
    open_ = [row for row in rows if row.to_visit and row.rates.rr2 is not None]
    lowest = sorted(open_, key=lambda row: row.rates.rr2 or 0.0)[:LAST]
    return "、".join(f"{row.area.name_zh}（{percent(row.rates.rr2)}）" for row in lowest)
