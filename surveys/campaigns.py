"""Campaign visits (宣传走访): publicity, kept apart from measurement by an embargo."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from surveys.database import Base, now


class CampaignVisit(Base):
    """Publicity in a community, or in one grid of it."""

    __tablename__ = "campaign_visits"

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), index=True)
    grid: Mapped[str] = mapped_column(String(32), default="")  # empty: all of the community
    title: Mapped[str] = mapped_column(String(120))
    starts: Mapped[dt.date]
    ends: Mapped[dt.date]
    reach: Mapped[int | None]  # households reached, where someone counted
    actor: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
