"""Interviews at the door: how each was made (its paradata), and the pencil notes beside it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys.database import Base, Json
from surveys.responses import Response
from surveys.waves import Wave

LONGEST_NOTE = 5000  # characters


class Interview(Base):
    """How a response was asked for: by whom, of whom by which rule, in whose hands the phone was.

    The response itself carries only the pair's pseudonym; who they are stands here, apart.
    """

    __tablename__ = "interviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("responses.id"), unique=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("uploads.id"), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    partner: Mapped[str] = mapped_column(String(64), default="")
    is_private: Mapped[bool]  # the respondent answered on the phone, unseen
    selection: Mapped[str] = mapped_column(String(16))  # next_birthday | kish
    households: Mapped[int | None]  # at the address, as they counted them
    adults: Mapped[int | None]  # in the household, where they had to be counted
    chosen: Mapped[int | None]  # which adult was asked, the eldest being 1
    # Earlier counts of the adults, with what was wrong with them.
    corrections: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    started_at: Mapped[dt.datetime]  # by the phone's clock
    finished_at: Mapped[dt.datetime]


class Note(Base):
    """A pencil note of the interviewers beside a question. It never goes where the answers go."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("responses.id"), index=True)
    question: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(String(LONGEST_NOTE))


def of_response(session: Session, response: Response) -> Interview | None:
    """How a response was asked for; None if nobody asked at a door."""
    return session.scalar(sa.select(Interview).where(Interview.response_id == response.id))


def notes_of(session: Session, response: Response) -> dict[str, str]:
    """The pencil notes of an interview, by question."""
    query = sa.select(Note.question, Note.text).where(Note.response_id == response.id)
    return dict(session.execute(query.order_by(Note.id)).all())


def notes_of_wave(session: Session, wave: Wave) -> list[tuple[Response, Note]]:
    """The pencil notes of a wave with their interviews, in the order of these."""
    query = (
        sa.select(Response, Note)
        .join(Note, Note.response_id == Response.id)
        .where(Response.wave_id == wave.id)
        .order_by(Response.id, Note.id)
    )
    return [(response, note) for response, note in session.execute(query)]
