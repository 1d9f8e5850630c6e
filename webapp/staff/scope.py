"""What of the area tree someone may read, and what they may run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import abort
from flask_login import current_user
from sqlalchemy.orm import Session

from surveys import areas, waves
from surveys.areas import Area
from surveys.problems import Refused
from surveys.results import readings
from surveys.waves import Wave


@dataclass(frozen=True)
class Scope:
    """A branch of the tree. Waves of the branch may be run; waves of a place above it concern the
    branch too and may be read, for the branch's own communities and the pooled figure."""

    branch: frozenset[int]
    above: frozenset[int]

    def runs(self, wave: Wave) -> bool:
        """Whether the wave may be opened, closed, locked, drawn."""
        return wave.area_id in self.branch

    def reads(self, wave: Wave) -> bool:
        return wave.area_id in self.branch | self.above

    def within(self, places: Iterable[Area]) -> list[Area]:
        """Those of the places that lie in the branch."""
        return [place for place in places if place.id in self.branch]


def mine(session: Session) -> Scope:
    """The scope of whoever is logged in."""
    branch = areas.branch(session, current_user.area_id)
    above = readings.ancestors(session, current_user.area_id)
    return Scope(frozenset(branch), frozenset(above))


def wave_to_read(session: Session, code: str) -> Wave:
    """A wave that concerns the reader; any other is a page that does not exist."""
    try:
        wave = waves.get(session, code)
    except Refused:
        abort(404)
    return wave if mine(session).reads(wave) else abort(404)


def wave_to_run(session: Session, code: str) -> Wave:
    """A wave that whoever is logged in may act upon."""
    wave = wave_to_read(session, code)
    return wave if mine(session).runs(wave) else abort(403)


def communities(session: Session, wave: Wave) -> list[Area]:
    """The communities of a wave that the reader may see."""
    return mine(session).within(areas.communities(session, wave.area_id))
