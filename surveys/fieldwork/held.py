"""What is held aside: it came in, it is kept whole, it does not count, and it says why.

Nothing here lets it count after all: an answer that is let in by hand is an answer that was chosen.
(What did not open for want of the wave's key is opened when that is back, all of it at once:
:func:`surveys.fieldwork.receiving.reopen`.) Staff may write down what they found out; that stays
beside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import audit
from surveys.database import Base, now
from surveys.fieldwork.uploads import HELD, Upload
from surveys.people import User
from surveys.problems import N_, Problem, Refused
from surveys.responses import HeldResponse
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave

LONGEST_FINDING = 200  # characters

WHY = {
    "late": N_("It came when the wave was not open."),
    "second": N_("The household had answered already; the first one counts."),
    "conflict": N_("Something else had come under the same name; the first one counts."),
    "invalid": N_("It is not what it should be: an answer or a field that cannot be."),
    "unknown": N_("There is no such address in the wave."),
    "unassigned": N_("The volunteer was never given the address."),
    "sealed": N_(
        "It does not open: the wave’s key is missing here, or it was sealed with another or "
        "damaged on the way."
    ),
}
KINDS = {
    "web": N_("answers on the web"),
    "interview": N_("interview"),
    "attempt": N_("attempt"),
    "shift": N_("shift"),
    "recheck": N_("re-check"),
}


class Finding(Base):
    """What somebody found out about something that is held; a further one follows, none changes."""

    __tablename__ = "held_findings"

    id: Mapped[int] = mapped_column(primary_key=True)
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("uploads.id"), index=True)
    held_response_id: Mapped[int | None] = mapped_column(
        ForeignKey("held_responses.id"), index=True
    )
    text: Mapped[str] = mapped_column(String(LONGEST_FINDING))
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(default=now)


@dataclass(frozen=True)
class Held:
    """One thing that is held.

    Parameters
    ----------
    source, number : str, int
        ``upload`` (from a phone) or ``response`` (from the web), and its id there.
    kind, reason : str
        Keys of ``KINDS`` and ``WHY``.
    sender : str
        The volunteer; blank where a resident sent it.
    community_id, unit_id : int or None
        Where it belongs, as far as that is known.
    has_wave : bool
        Whether it is known to belong to the wave.
    """

    source: str
    number: int
    kind: str
    reason: str
    received_at: dt.datetime
    sender: str
    community_id: int | None
    unit_id: int | None
    has_wave: bool
    findings: tuple[Finding, ...] = ()


def of_wave(session: Session, wave: Wave) -> list[Held]:
    """What is held of a wave, and of no known wave at all; the newest first."""
    uploads = [
        (upload, name, community)
        for upload, name, community in session.execute(
            sa.select(Upload, User.name, SampledUnit.community_id)
            .join(User, User.id == Upload.user_id)
            .outerjoin(SampledUnit, SampledUnit.id == Upload.unit_id)
            .where(Upload.status == HELD)
            .where(sa.or_(Upload.wave_id == wave.id, Upload.wave_id.is_(None)))
        )
    ]
    by_phone = {upload.client_id for upload, _name, _community in uploads}
    responses = [
        one
        for one in session.scalars(sa.select(HeldResponse).where(HeldResponse.wave_id == wave.id))
        if one.instance_id not in by_phone
    ]
    found = [_of_upload(*row, _findings(session, upload=row[0].id)) for row in uploads]
    found += [_of_response(one, _findings(session, response=one.id)) for one in responses]
    return sorted(found, key=lambda one: (one.received_at, one.number), reverse=True)


def within(
    held: Collection[Held], communities: Collection[int], senders: Collection[str]
) -> list[Held]:
    """Those of some communities; of what belongs nowhere, what certain volunteers sent."""
    return [
        one
        for one in held
        if (one.community_id in communities if one.community_id else one.sender in senders)
    ]


def note(session: Session, held: Held, text: str, actor: str) -> Finding:
    """Write down what was found out about something that is held. It still does not count."""
    text = text.strip()
    if not text or len(text) > LONGEST_FINDING:
        missing = N_("Write down what was found out, in at most %(longest)d characters.")
        raise Refused(Problem(missing, {"longest": LONGEST_FINDING}))
    of_upload = held.source == "upload"
    finding = Finding(
        upload_id=held.number if of_upload else None,
        held_response_id=None if of_upload else held.number,
        text=text,
        actor=actor,
    )
    session.add(finding)
    session.flush()
    audit.record(session, actor, "held.note", f"{held.source}/{held.number}", text=text)
    return finding


def _findings(
    session: Session, *, upload: int | None = None, response: int | None = None
) -> tuple[Finding, ...]:
    of = Finding.upload_id == upload if upload else Finding.held_response_id == response
    return tuple(session.scalars(sa.select(Finding).where(of).order_by(Finding.id)))


def _of_upload(
    upload: Upload, sender: str, community_id: int | None, findings: tuple[Finding, ...]
) -> Held:
    return Held(
        source="upload",
        number=upload.id,
        kind=upload.kind,
        reason=upload.reason or "",
        received_at=upload.received_at,
        sender=sender,
        community_id=community_id,
        unit_id=upload.unit_id,
        has_wave=upload.wave_id is not None,
        findings=findings,
    )


def _of_response(held: HeldResponse, findings: tuple[Finding, ...]) -> Held:
    return Held(
        source="response",
        number=held.id,
        kind="web" if held.submission.get("mode") == "web" else "interview",
        reason=held.reason,
        received_at=held.received_at,
        sender="",
        community_id=held.submission.get("community_id"),
        unit_id=held.submission.get("unit_id"),
        has_wave=True,
        findings=findings,
    )
