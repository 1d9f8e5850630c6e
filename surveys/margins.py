"""Population margins: how many adults live where, by sex, age band and housing type.

The population is the residents (常住, six months or more) aged 18 and over, not the registered
ones; every figure says where it comes from and of which day it is.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveys.database import Base


class Margin(Base):
    """Adults of an area in one cell; an empty word stands for all of that kind."""

    __tablename__ = "margins"
    __table_args__ = (UniqueConstraint("area_id", "sex", "age", "housing"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    sex: Mapped[str] = mapped_column(String(8), default="")  # codes of D1
    age: Mapped[str] = mapped_column(String(8), default="")  # codes of D2
    housing: Mapped[str] = mapped_column(String(16), default="")  # codes of the frame
    adults: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))
    as_of: Mapped[dt.date | None]
