"""Invitations: the code of each sampled address, and what its slip says."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import codes
from surveys.areas import Area
from surveys.frames import Address
from surveys.keys import Keys
from surveys.units import SampledUnit
from surveys.waves import Wave


@dataclass(frozen=True)
class Slip:
    """What is printed for one household."""

    community: str
    address: str
    code: str


@dataclass(frozen=True)
class Invited:
    """A sampled unit, as its code finds it."""

    unit_id: int
    wave_id: int
    wave_code: str
    wave_state: str
    community_id: int
    community_code: str


def code_of(keys: Keys, unit: SampledUnit) -> str:
    """The code on a unit's slip. It is derived whenever it is printed and stored nowhere."""
    what = f"code/{unit.wave_id}/{unit.address_id}/{unit.code_issue}"
    derived = hmac.digest(keys.codes, what.encode(), "sha256")
    return codes.write(int.from_bytes(derived) >> (256 - codes.BITS))


normalise_code = codes.read


def find_unit(connection: sa.Connection, keys: Keys, code: str) -> Invited | None:
    """The unit a code belongs to, however the code was typed; None if it is none of ours."""
    normal = normalise_code(code)
    if normal is None:
        return None
    found = connection.execute(_FIND, {"code_hash": _hash(keys, normal)}).mappings()
    row = found.one_or_none()
    return None if row is None else Invited(**row)


def slips(session: Session, keys: Keys, wave: Wave) -> list[Slip]:
    """Every slip of a wave, by community and in the order of the list."""
    query = (
        sa.select(Area.code, Address.sealed, SampledUnit)
        .join(Address, Address.id == SampledUnit.address_id)
        .join(Area, Area.id == SampledUnit.community_id)
        .where(SampledUnit.wave_id == wave.id)
        .order_by(Area.code, Address.position)
    )
    return [
        Slip(community, keys.unseal(sealed), code_of(keys, unit))
        for community, sealed, unit in session.execute(query)
    ]


def code_hash(keys: Keys, unit: SampledUnit) -> str:
    """By what the record knows the code of a unit."""
    return _hash(keys, code_of(keys, unit))


def _hash(keys: Keys, code: str) -> str:
    """Keyed: 45 bits would not withstand guessing by someone who has the table alone."""
    return hmac.new(keys.codes, f"hash/{code}".encode(), hashlib.sha256).hexdigest()


_FIND = (
    sa.select(
        SampledUnit.id.label("unit_id"),
        SampledUnit.wave_id,
        SampledUnit.community_id,
        Wave.code.label("wave_code"),
        Wave.state.label("wave_state"),
        Area.code.label("community_code"),
    )
    .join(Wave, Wave.id == SampledUnit.wave_id)
    .join(Area, Area.id == SampledUnit.community_id)
    .where(SampledUnit.code_hash == sa.bindparam("code_hash"))
)
