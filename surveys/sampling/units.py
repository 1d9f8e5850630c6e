"""The units of a sample: the addresses drawn for a wave."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveys.database import Base, now


class SampledUnit(Base):
    """An address drawn for a wave, with the probability it had."""

    __tablename__ = "sampled_units"
    __table_args__ = (
        UniqueConstraint("wave_id", "address_id"),
        Index(None, "wave_id", "community_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"))
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    housing: Mapped[str] = mapped_column(String(16))  # with the community: the stratum
    probability: Mapped[float]  # inclusion probability of the address
    position: Mapped[int]  # place in the draw
    code_issue: Mapped[int] = mapped_column(default=1)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    drawn_at: Mapped[dt.datetime] = mapped_column(default=now)
    batch: Mapped[int] = mapped_column(default=1)  # 1: the main sample; further ones are reserves
    released_at: Mapped[dt.datetime | None]  # None: still in reserve
    grid: Mapped[str] = mapped_column(String(32), default="")  # of the frame, when it was drawn
    households: Mapped[int | None]  # counted at the door; one of them was chosen at random
    revoked_at: Mapped[dt.datetime | None]  # the code no longer opens anything
