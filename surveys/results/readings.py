"""What staff read: plain questions to the record, answered without touching it."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from surveys import areas
from surveys.areas import LEVELS, Area
from surveys.keys import Keys
from surveys.people import User
from surveys.questionnaires.published import PublishedQuestionnaire
from surveys.results.estimates import StoredEstimate
from surveys.sampling.frames import Address
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from surveys.weighting.weight_sets import WeightSet


def figures(session: Session, wave: Wave, area_ids: Collection[int]) -> list[StoredEstimate]:
    """The figures of a locked wave in some areas, from its newest weight set."""
    return list(
        session.scalars(
            sa.select(StoredEstimate)
            .where(StoredEstimate.weight_set_id == _newest_weights(wave.id))
            .where(StoredEstimate.area_id.in_(area_ids))
        )
    )


def series(session: Session, area_ids: Collection[int]) -> list[tuple[Wave, StoredEstimate]]:
    """The figures of some areas in every locked measurement wave, the oldest first."""
    rows = session.execute(
        sa.select(Wave, StoredEstimate)
        .join(StoredEstimate, StoredEstimate.wave_id == Wave.id)
        .where(Wave.state == "locked", Wave.kind == "measurement")
        .where(StoredEstimate.weight_set_id == _newest_weights(Wave.id))
        .where(StoredEstimate.area_id.in_(area_ids))
        .order_by(Wave.month, Wave.code, StoredEstimate.id)
    )
    return [(wave, figure) for wave, figure in rows]


def weights(session: Session, wave: Wave) -> WeightSet | None:
    """The newest weight set of a wave."""
    return session.scalar(sa.select(WeightSet).where(WeightSet.id == _newest_weights(wave.id)))


def _newest_weights(wave_id: int | InstrumentedAttribute[int]) -> sa.ScalarSelect[int]:
    return (
        sa.select(WeightSet.id)
        .where(WeightSet.wave_id == wave_id)
        .order_by(WeightSet.number.desc())
        .limit(1)
        .scalar_subquery()
    )


def drawn(session: Session, wave: Wave) -> dict[int, int]:
    """Addresses drawn for a wave, by community; reserves count once they are released."""
    rows = session.execute(
        sa.select(SampledUnit.community_id, sa.func.count())
        .where(SampledUnit.wave_id == wave.id, SampledUnit.released_at.is_not(None))
        .group_by(SampledUnit.community_id)
    )
    return dict(rows.all())


def questionnaires(session: Session) -> list[PublishedQuestionnaire]:
    """Every published version, the newest first."""
    query = sa.select(PublishedQuestionnaire).order_by(PublishedQuestionnaire.id.desc())
    return list(session.scalars(query))


def places(session: Session, area_id: int | None, *, above: str = "grid") -> list[Area]:
    """The areas of a branch from the top down to, but not with, a level; a wave belongs to one."""
    levels = LEVELS[: LEVELS.index(above)]
    of_branch = Area.id.in_(areas.branch(session, area_id))
    found = session.scalars(sa.select(Area).where(of_branch, Area.level.in_(levels)))
    return sorted(found, key=lambda area: (LEVELS.index(area.level), area.code))


def ancestors(session: Session, area_id: int | None) -> list[int]:
    """The ids of everything above an area."""
    found = []
    while area_id is not None:
        area_id = session.scalar(sa.select(Area.parent_id).where(Area.id == area_id))
        if area_id is not None:
            found.append(area_id)
    return found


def accounts(session: Session) -> list[tuple[User, Area | None]]:
    """Everyone with an account and the branch of each, in the order of their names."""
    rows = session.execute(
        sa.select(User, Area).outerjoin(Area, Area.id == User.area_id).order_by(User.name)
    )
    return [(user, area) for user, area in rows]


def dwellings(
    session: Session, keys: Keys, wave: Wave, community: Area
) -> list[tuple[SampledUnit, str]]:
    """The released units of a community with their addresses, in the order of the list."""
    rows = session.execute(
        sa.select(SampledUnit, Address.sealed)
        .join(Address, Address.id == SampledUnit.address_id)
        .where(SampledUnit.wave_id == wave.id, SampledUnit.community_id == community.id)
        .where(SampledUnit.released_at.is_not(None))
        .order_by(Address.position, SampledUnit.id)
    )
    return [(unit, keys.unseal(sealed)) for unit, sealed in rows]


def address(session: Session, keys: Keys, unit: SampledUnit) -> str:
    """Where a unit is."""
    return keys.unseal(session.get_one(Address, unit.address_id).sealed)
