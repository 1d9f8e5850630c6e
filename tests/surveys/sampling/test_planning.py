"""How many interviews the next wave needs."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from analysis.sample_size import Fieldwork, for_margin
from surveys import areas
from surveys.areas import Area
from surveys.office import Office
from surveys.problems import Refused
from surveys.results import locking
from surveys.sampling import frames, planning
from surveys.sampling.planning import Aims, Planning, Work
from surveys.weighting.margins import Margin
from tests.support import fieldwork, harvest, record


def planned(office: Office, interviews: int | None = None, **aims: object) -> Planning:
    with office.database.read() as session:
        area = session.scalars(sa.select(Area).where(Area.level == "township")).one()
        return planning.plan(session, area, Aims(**aims), Work(), interviews)  # type: ignore[arg-type]


@pytest.fixture
def listed(sqlite_office: Office) -> Office:
    """A township of two villages with addresses, and no wave yet."""
    with sqlite_office.database.write() as session:
        record.township(session)
        frames.import_list(session, sqlite_office.keys, record.addresses(400))
    return sqlite_office


def test_where_nothing_is_known_the_assumptions_are_named(listed: Office) -> None:
    found = planned(listed, deff=1.4, response=0.5, true_rate=0.85 + 0.05)
    for need in (*found.communities, found.township):
        assert need.experience.waves == ()
        assert (need.experience.deff, need.experience.response) == (1.4, 0.5)
        assert not need.is_counted
    east = found.communities[0]
    assert east.adults == round(800 * 2.2)
    assert east.for_margin == for_margin(0.1, 0.9, Fieldwork(east.adults, 1.4, 0.5))


def test_adults_come_from_the_margins_where_there_are_any(listed: Office) -> None:
    with listed.database.write() as session:
        east = areas.get(session, "east").id
        for housing, adults in (("managed", 700), ("rural", 500)):
            session.add(Margin(area_id=east, housing=housing, adults=adults, source="统计站"))
    found = planned(listed)
    assert [(need.adults, need.is_counted) for need in found.communities] == [
        (1200, True),
        (1760, False),
    ]
    assert (found.township.adults, found.township.is_counted) == (2960, False)


def test_every_rule_shares_out_the_same_interviews(listed: Office) -> None:
    found = planned(listed, interviews=100)
    assert [option.rule for option in found.options] == [
        "proportional",
        "equal",
        "neyman",
        "power",
    ]
    for option, load in zip(found.options, found.workloads, strict=True):
        assert sum(option.interviews) == found.interviews == 100
        assert option.addresses == (84, 84)
        assert option.margin < min(option.margins)
        assert load.attempts == 336
        assert load.pair_days == 336 / 24
        assert load.days == load.pair_days / 6


def test_a_verdict_that_takes_more_people_than_there_are_is_not_promised(listed: Office) -> None:
    found = planned(listed, true_rate=0.86)
    assert {need.for_verdict for need in found.communities} == {None}


def test_response_and_design_effect_come_from_locked_waves(sqlite_office: Office) -> None:
    field = fieldwork.begin(sqlite_office)
    harvest.gather(field)
    harvest.close(field)
    locking.lock(sqlite_office, "2026-11", "test")
    found = planned(sqlite_office)
    known = found.township.experience
    assert known.waves == ("2026-11",)
    assert 0 < known.response < 1
    assert known.deff > 0
    assert known.response != Aims().response


def test_a_township_without_addresses_cannot_be_planned(sqlite_office: Office) -> None:
    with sqlite_office.database.write() as session:
        record.township(session)
    with pytest.raises(Refused, match="no addresses to draw from"):
        planned(sqlite_office)


def test_an_impossible_figure_says_so(listed: Office) -> None:
    with pytest.raises(Refused, match="design effect lies above 0"):
        planned(listed, deff=0.0)
