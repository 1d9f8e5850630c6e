"""Responses that staff leave out, each with its reason; the answers stay where they are."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import audit
from surveys.database import Base, now
from surveys.problems import N_, Problem, Refused
from surveys.responses import Response
from surveys.waves import STATE_WORDS, Wave

LONGEST_REASON = 200


class Exclusion(Base):
    """Why a response of a closed wave does not count."""

    __tablename__ = "exclusions"

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("responses.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(200))
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(default=now)


def exclude(session: Session, response: Response, reason: str, actor: str) -> Exclusion:
    """Leave a response out of the rates of its wave, which is closed and not yet locked.

    While a wave is open nobody leaves anything out, so that nobody steers it; once it is locked
    its figures stand.

    Raises
    ------
    Refused
        The wave is not closed, the reason is missing or too long, or the response is left out.
    """
    wave = _closed(session, response)
    reason = reason.strip()
    problems = []
    if not reason or len(reason) > LONGEST_REASON:
        text = N_("A reason of at most %(longest)d characters is missing.")
        problems.append(Problem(text, {"longest": LONGEST_REASON}))
    if of_response(session, response):
        twice = N_("Response %(instance)s is left out already.")
        problems.append(Problem(twice, {"instance": response.instance_id}))
    if problems:
        raise Refused(*problems)
    exclusion = Exclusion(response_id=response.id, reason=reason, actor=actor)
    session.add(exclusion)
    session.flush()
    what = {"instance": response.instance_id, "reason": reason}
    audit.record(session, actor, "response.exclude", wave.code, **what)
    return exclusion


def revoke(session: Session, response: Response, actor: str) -> None:
    """Let a response count again; that it was left out stays in the trail.

    Raises
    ------
    Refused
        The wave is not closed, or the response is not left out.
    """
    wave = _closed(session, response)
    exclusion = of_response(session, response)
    if exclusion is None:
        text = N_("Response %(instance)s is not left out.")
        raise Refused(Problem(text, {"instance": response.instance_id}))
    session.delete(exclusion)
    session.flush()
    what = {"instance": response.instance_id, "reason": exclusion.reason}
    audit.record(session, actor, "response.include", wave.code, **what)


def of_response(session: Session, response: Response) -> Exclusion | None:
    """The exclusion of a response, if there is one."""
    return session.scalar(sa.select(Exclusion).where(Exclusion.response_id == response.id))


def of_wave(session: Session, wave: Wave) -> list[tuple[Exclusion, Response]]:
    """What is left out of a wave, by instance."""
    query = (
        sa.select(Exclusion, Response)
        .join(Response, Response.id == Exclusion.response_id)
        .where(Response.wave_id == wave.id)
        .order_by(Response.instance_id)
    )
    return [(exclusion, response) for exclusion, response in session.execute(query)]


def response_of(session: Session, wave: Wave, instance: str) -> Response:
    """The response of a wave with an instance id, ``uuid:…``; an unknown one is refused."""
    query = sa.select(Response).where(
        Response.wave_id == wave.id, Response.instance_id.in_((instance, f"uuid:{instance}"))
    )
    response = session.scalar(query)
    if response is None:
        text = N_("Wave %(code)s has no response %(instance)s.")
        raise Refused(Problem(text, {"code": wave.code, "instance": instance}))
    return response


def _closed(session: Session, response: Response) -> Wave:
    """The wave of a response, held (on PostgreSQL) so that it is not locked meanwhile."""
    query = sa.select(Wave).where(Wave.id == response.wave_id).with_for_update()
    wave = session.scalars(query.execution_options(populate_existing=True)).one()
    if wave.state != "closed":
        params = {"code": wave.code, "state": Problem(STATE_WORDS[wave.state])}
        text = N_("Wave %(code)s is %(state)s: responses are left out while it is closed.")
        raise Refused(Problem(text, params))
    return wave
