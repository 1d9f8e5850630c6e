"""The frame: addresses, the draw, and the codes on the slips."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveys.database import Base, now


class Address(Base):
    """A dwelling on the list. Its text is sealed; answers never point here but through a unit."""

    __tablename__ = "addresses"
    __table_args__ = (
        UniqueConstraint("community_id", "lookup"),
        Index(None, "community_id", "housing", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    grid: Mapped[str] = mapped_column(String(32), default="")
    housing: Mapped[str] = mapped_column(String(16))
    position: Mapped[int]  # place in the list: the implicit order of a systematic draw
    lookup: Mapped[str] = mapped_column(String(64))  # keyed hash of the normalised text
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  # the text, encrypted
    household: Mapped[str] = mapped_column(String(32), unique=True)  # stable pseudonymous id


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
