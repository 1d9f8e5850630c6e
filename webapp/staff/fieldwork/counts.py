"""How a wave's fieldwork stands: counts per community, stream and mode."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from surveys import responses
from surveys.areas import Area
from surveys.fieldwork import campaigns
from surveys.fieldwork.campaigns import Breach
from surveys.problems import Problem
from surveys.questionnaires import published
from surveys.questionnaires.definition import Questionnaire
from surveys.results import readings
from surveys.waves import Wave, warnings
from surveys.weighting.recipes import Recipe
from webapp.office import settings
from webapp.staff import scope
from webapp.staff.steps import Step, next_of


@dataclass(frozen=True)
class Fieldwork:
    """A wave's counts for those communities that the reader may see; no answers, no rates."""

    wave: Wave
    area: Area
    questionnaire: Questionnaire
    communities: Sequence[Area]
    drawn: dict[int, int]
    came: Counter[tuple[int, str, str]]  # community, stream, mode
    ineligible: int
    held: int
    breaches: Sequence[Breach]
    runs: bool

    @property
    def ways(self) -> list[tuple[str, str]]:
        """Stream and mode of each column: the usual ones, and others that did occur."""
        usual = [("sample", "web"), ("sample", "door"), ("open", "web")]
        seen = {(stream, mode) for _community, stream, mode in self.came}
        return usual + sorted(seen - set(usual))

    def count(self, way: tuple[str, str], place: Area | None = None) -> int:
        """Eligible responses that came one way, in one community or in all that are shown."""
        places = [place] if place else self.communities
        return sum(self.came[each.id, *way] for each in places)

    def drawn_in(self, place: Area | None = None) -> int:
        """Addresses drawn."""
        return sum(self.drawn.get(each.id, 0) for each in ([place] if place else self.communities))

    @property
    def next_step(self) -> Step | None:
        return next_of(self.wave.state) if self.runs else None

    @property
    def recipe(self) -> Recipe:
        """How its answers are weighted."""
        return Recipe.of(self.wave.weighting)

    @property
    def warnings(self) -> list[Problem]:
        """What residents should be told, and this wave or the installation leaves blank."""
        return [*warnings(self.wave), *settings().warnings()]


def fieldwork_of(session: Session, wave: Wave) -> Fieldwork:
    """The fieldwork of a wave for whoever is logged in."""
    communities = scope.communities(session, wave)
    mine = {place.id for place in communities}
    counts = [count for count in responses.counts(session, wave) if count.community_id in mine]
    return Fieldwork(
        wave=wave,
        area=session.get_one(Area, wave.area_id),
        questionnaire=published.load(session, wave.questionnaire_id),
        communities=communities,
        drawn=readings.drawn(session, wave),
        came=Counter({(c.community_id, c.stream, c.mode): c.eligible for c in counts}),
        ineligible=sum(count.ineligible for count in counts),
        held=sum(responses.held(session, wave).values()),
        breaches=[
            breach for breach in campaigns.embargo(session, wave) if breach.community.id in mine
        ],
        runs=scope.mine(session).runs(wave),
    )
