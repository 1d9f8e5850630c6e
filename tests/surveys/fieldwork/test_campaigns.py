"""Campaign visits and the embargo before fieldwork."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from surveys import areas, waves
from surveys.fieldwork import campaigns
from surveys.fieldwork.campaigns import CampaignVisit
from surveys.fieldwork.visits import CHINA
from surveys.office import Office
from surveys.problems import Refused
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from tests.support import record


def day(number: int) -> dt.date:
    return dt.date(2026, 11, number)


@dataclass
class Campaign:
    office: Office
    small: record.Small

    def visit(
        self, where: str, starts: dt.date, ends: dt.date | None = None, **more: object
    ) -> None:
        with self.office.database.write() as session:
            area = areas.get(session, where)
            campaigns.register(session, area, "发放手册", starts, ends, actor="test", **more)  # type: ignore[arg-type]

    def breaches(self) -> list[tuple[str, dt.date, int]]:
        with self.office.database.read() as session:
            found = campaigns.embargo(session, waves.get(session, "2026-11"))
            return [(one.community.code, one.visit.starts, one.days) for one in found]

    def flagged(self) -> set[int]:
        with self.office.database.read() as session:
            return campaigns.flagged(session, waves.get(session, "2026-11"))


@pytest.fixture
def campaign(office: Office) -> Campaign:
    """A wave whose fieldwork is from 16 to 20 November: the embargo begins on the 2nd."""
    small = record.begin(office)
    with office.database.write() as session:
        wave = session.get_one(Wave, small.wave_id)
        record.settle(session, wave, fieldwork_from=day(16), fieldwork_until=day(20))
    return Campaign(office, small)


def test_a_visit_in_the_embargo_is_a_breach_with_its_days(campaign: Campaign) -> None:
    campaign.visit("east", dt.date(2026, 10, 30), day(3))
    campaign.visit("west", day(20), day(30))
    assert campaign.breaches() == [("east", dt.date(2026, 10, 30), 2), ("west", day(20), 1)]


def test_a_visit_before_or_after_is_none(campaign: Campaign) -> None:
    campaign.visit("east", day(1))
    campaign.visit("east", day(21))
    assert campaign.breaches() == []
    assert campaign.flagged() == set()


def test_a_campaign_of_the_township_reaches_every_community(campaign: Campaign) -> None:
    campaign.visit("hekou", day(10), day(12))
    assert campaign.breaches() == [("east", day(10), 3), ("west", day(10), 3)]


def test_a_wave_without_dates_has_an_embargo_from_its_opening(campaign: Campaign) -> None:
    with campaign.office.database.write() as session:
        wave = session.get_one(Wave, campaign.small.wave_id)
        record.settle(session, wave, fieldwork_from=None, fieldwork_until=None)
        assert wave.opened_at
        opened = wave.opened_at.astimezone(CHINA).date()
    campaign.visit("east", opened - dt.timedelta(days=14))
    campaign.visit("west", opened - dt.timedelta(days=15))
    assert [code for code, _starts, _days in campaign.breaches()] == ["east"]


def test_the_households_of_a_community_with_a_breach_are_flagged(campaign: Campaign) -> None:
    campaign.visit("east", day(10))
    assert campaign.flagged() == set(campaign.small.units)


def test_a_visit_of_one_grid_flags_the_households_of_that_grid(campaign: Campaign) -> None:
    with campaign.office.database.write() as session:
        first = campaign.small.units[0]
        session.execute(sa.update(SampledUnit).where(SampledUnit.id == first).values(grid="3"))
    campaign.visit("east", day(10), grid="3")
    assert campaign.flagged() == {first}


@pytest.mark.parametrize(
    ("where", "ends", "more", "said"),
    [
        ("east", day(9), {}, "The last day lies before the first"),
        ("hekou", None, {"grid": "3"}, "Name the community"),
        ("east", None, {"reach": -1}, "Fewer than no households"),
    ],
)
def test_a_visit_that_cannot_be_is_refused(
    campaign: Campaign, where: str, ends: dt.date | None, more: dict[str, object], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        campaign.visit(where, day(10), ends, **more)
    with campaign.office.database.read() as session:
        assert session.scalars(sa.select(CampaignVisit)).all() == []


def test_visits_are_listed_for_a_branch_the_latest_first(campaign: Campaign) -> None:
    campaign.visit("hekou", day(1))
    campaign.visit("east", day(2))
    campaign.visit("west", day(3))
    with campaign.office.database.read() as session:
        everywhere = [area.code for _visit, area in campaigns.visits(session)]
        east = [area.code for _visit, area in campaigns.visits(session, campaign.small.east)]
    assert everywhere == ["west", "east", "hekou"]
    assert east == ["east"]
