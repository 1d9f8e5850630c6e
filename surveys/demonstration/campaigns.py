"""Campaign visits of the demonstration: two in good time, one too close to a wave."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from surveys import areas
from surveys.demonstration.places import PLACES, TOWNSHIP
from surveys.fieldwork import campaigns

TOO_CLOSE = PLACES[6].code  # visited within the embargo of the wave of September 2026

VISITS = (
    (
        TOWNSHIP,
        "",
        "文明公约入户宣传（演示数据）",
        dt.date(2025, 10, 18),
        dt.date(2025, 10, 26),
        2860,
    ),
    (
        PLACES[5].code,
        "",
        "志愿宣传进小区（演示数据）",
        dt.date(2026, 4, 11),
        dt.date(2026, 4, 12),
        310,
    ),
    (TOO_CLOSE, "第2网格", "网格员入户宣传（演示数据）", dt.date(2026, 8, 26), None, 96),
)


def register(session: Session, actor: str) -> None:
    """Enter the visits in the register."""
    for code, grid, title, starts, ends, reach in VISITS:
        area = areas.get(session, code)
        campaigns.register(session, area, title, starts, ends, grid=grid, reach=reach, actor=actor)
