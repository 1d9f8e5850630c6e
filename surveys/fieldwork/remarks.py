"""Remarks: what came from a phone and counts, but should be looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.fieldwork.interviews import Interview
from surveys.fieldwork.uploads import STORED, Upload
from surveys.people import User
from surveys.problems import N_
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave

WORDS = {
    "moved": N_("The address had been given to someone else meanwhile."),
    "clock": N_("The phone’s clock ran ahead; the time of arrival was taken."),
    "selection": N_("Not the household or the adult was asked that the seed chose."),
    "households": N_("Another number of households was counted before; the first stands."),
    "recount": N_("The adults were counted a second time."),
    "reopened": N_("It was held until the wave’s key was back."),
}


@dataclass(frozen=True)
class Remarked:
    """Something that counts, and what is to be known of it.

    Parameters
    ----------
    remarks : sequence of str
        Keys of ``WORDS``.
    corrections : sequence of mapping
        Counts of adults before the last: ``adults``, ``chosen``, ``reason``, ``at``.
    """

    kind: str
    sender: str
    received_at: dt.datetime
    unit_id: int
    community_id: int
    remarks: Sequence[str]
    corrections: Sequence[Mapping[str, Any]]


def of_wave(session: Session, wave: Wave, communities: Collection[int]) -> list[Remarked]:
    """What of a wave should be looked at in some communities; the newest first."""
    columns = (
        *(Upload.kind, User.name, Upload.received_at, Upload.unit_id, SampledUnit.community_id),
        *(Upload.remarks, Interview.corrections),
    )
    query = (
        sa.select(*columns)
        .join(User, User.id == Upload.user_id)
        .join(SampledUnit, SampledUnit.id == Upload.unit_id)
        .outerjoin(Interview, Interview.upload_id == Upload.id)
        .where(Upload.wave_id == wave.id, Upload.status == STORED, Upload.remarks != "")
        .order_by(Upload.id.desc())
    )
    return [
        Remarked(kind, name, at, unit or 0, community, remarks.split(), corrections or ())
        for kind, name, at, unit, community, remarks, corrections in session.execute(query)
        if community in communities
    ]
