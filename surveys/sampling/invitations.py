"""Invitations: the code of each sampled address, and what its slip says."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import audit, drafts
from surveys.areas import Area
from surveys.database import now
from surveys.keys import Keys
from surveys.problems import N_, Problem, Refused
from surveys.sampling import codes
from surveys.sampling.frames import Address
from surveys.sampling.units import SampledUnit
from surveys.waves import STATE_WORDS, Wave

ISSUES = 5  # codes that one address may have in a wave


@dataclass(frozen=True)
class Slip:
    """What is printed for one household."""

    community: str
    address: str
    code: str
    place: str  # the community's name, in Chinese


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
    return _code(keys, unit.wave_id, unit.address_id, unit.code_issue)


def hash_of(keys: Keys, wave_id: int, address_id: int, issue: int) -> str:
    """By what the record knows the code of an address in a wave."""
    return _hash(keys, _code(keys, wave_id, address_id, issue))


def _code(keys: Keys, wave_id: int, address_id: int, issue: int) -> str:
    what = f"code/{wave_id}/{address_id}/{issue}"
    derived = hmac.digest(keys.codes, what.encode(), "sha256")
    return codes.write(int.from_bytes(derived) >> (256 - codes.BITS))


normalise_code = codes.read


def find_unit(connection: sa.Connection, keys: Keys, code: str) -> Invited | None:
    """The unit a code belongs to, however the code was typed.

    None if it is none of ours, was revoked, or belongs to a reserve that is not released.
    """
    normal = normalise_code(code)
    if normal is None:
        return None
    found = connection.execute(_FIND, {"code_hash": _hash(keys, normal)}).mappings()
    row = found.one_or_none()
    return None if row is None else Invited(**row)


def slips(session: Session, keys: Keys, wave: Wave) -> list[Slip]:
    """Every slip of a wave whose code works, by community and in the order of the list."""
    query = (
        sa.select(Area.code, Area.name_zh, Address.sealed, SampledUnit)
        .join(Address, Address.id == SampledUnit.address_id)
        .join(Area, Area.id == SampledUnit.community_id)
        .where(
            SampledUnit.wave_id == wave.id,
            SampledUnit.released_at.is_not(None),
            SampledUnit.revoked_at.is_(None),
        )
        .order_by(Area.code, Address.position)
    )
    return [
        Slip(community, keys.unseal(sealed), code_of(keys, unit), place)
        for community, place, sealed, unit in session.execute(query)
    ]


def reissue(session: Session, keys: Keys, unit: SampledUnit, actor: str) -> str:
    """Give an address a new code, for a slip that was lost; the old one opens nothing any more.

    Raises
    ------
    Refused
        The wave is over, the address is still in reserve, or it had all the codes it may have.
    """
    wave = _running(session, unit)
    if unit.released_at is None:
        raise Refused(Problem(N_("This address is in reserve: it has no code yet.")))
    if unit.code_issue >= ISSUES:
        text = N_("This address had %(issues)d codes already.")
        raise Refused(Problem(text, {"issues": unit.code_issue}))
    unit.code_issue += 1
    unit.code_hash = hash_of(keys, unit.wave_id, unit.address_id, unit.code_issue)
    unit.revoked_at = None
    session.flush()
    subject = f"{wave.code}/{unit.id}"
    audit.record(session, actor, "code.reissue", subject, issue=unit.code_issue)
    return code_of(keys, unit)


def revoke(session: Session, unit: SampledUnit, actor: str) -> None:
    """Let a code open nothing any more, nor a draft that was begun with it go on.

    What was answered stays.

    Raises
    ------
    Refused
        The wave is over, or the code was revoked before.
    """
    wave = _running(session, unit)
    if unit.revoked_at is not None:
        raise Refused(Problem(N_("This code was revoked already.")))
    unit.revoked_at = now()
    session.flush()
    drafts.revoke(session.connection(), unit.id)
    audit.record(session, actor, "code.revoke", f"{wave.code}/{unit.id}", issue=unit.code_issue)


def _running(session: Session, unit: SampledUnit) -> Wave:
    wave = session.get_one(Wave, unit.wave_id)
    if wave.state not in ("draft", "open"):
        text = N_("Wave %(code)s is %(state)s: its codes open nothing any more.")
        params = {"code": wave.code, "state": Problem(STATE_WORDS[wave.state])}
        raise Refused(Problem(text, params))
    return wave


def _hash(keys: Keys, code: str) -> str:
    """Keyed: 45 bits would not withstand guessing by someone who has the table alone."""
    return hmac.digest(keys.codes, f"hash/{code}".encode(), "sha256").hex()


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
    .where(
        SampledUnit.code_hash == sa.bindparam("code_hash"),
        SampledUnit.released_at.is_not(None),
        SampledUnit.revoked_at.is_(None),
    )
)
