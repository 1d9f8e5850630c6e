"""What the home page of a demonstration offers to try."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import areas
from surveys.areas import Area
from surveys.keys import Keys
from surveys.responses import Response
from surveys.sampling import invitations
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave


@dataclass(frozen=True)
class Sample:
    """An open link to follow and a code to enter."""

    wave: str
    community: Area
    code: str | None


def of_demonstration(session: Session, keys: Keys) -> Sample | None:
    """The newest open wave of synthetic data, with a code nobody has used yet."""
    is_open = (Wave.synthetic, Wave.state == "open")
    wave = session.scalar(sa.select(Wave).where(*is_open).order_by(Wave.id.desc()).limit(1))
    if wave is None:
        return None
    answered = sa.select(Response.unit_id).where(
        Response.wave_id == wave.id, Response.unit_id.is_not(None)
    )
    unit = session.scalar(
        sa.select(SampledUnit)
        .where(SampledUnit.wave_id == wave.id, SampledUnit.id.not_in(answered))
        .order_by(SampledUnit.position)
        .limit(1)
    )
    community = areas.communities(session, wave.area_id)[0]
    return Sample(wave.code, community, invitations.code_of(keys, unit) if unit else None)
