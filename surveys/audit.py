"""The trail: who did what, when. It only grows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys.database import Base, Json, now


class AuditEntry(Base):
    """One act."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(default=now)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(48))  # "wave.lock"
    subject: Mapped[str] = mapped_column(String(120))
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


def record(session: Session, actor: str, action: str, subject: str, **detail: Any) -> None:
    """Write one line of the trail in the transaction of the act itself."""
    session.add(AuditEntry(actor=actor, action=action, subject=subject, detail=detail))
