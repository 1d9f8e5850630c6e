"""The fieldwork board."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
import sqlalchemy as sa

from surveys import waves
from surveys.areas import Area
from surveys.fieldwork import visits
from surveys.fieldwork.board import Row, board
from surveys.office import Office
from surveys.responses import Response
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from tests.support import record
from tests.support.record import MOMENT, Small


@pytest.fixture
def small(office: Office) -> Small:
    return record.begin(office)


def shown(office: Office, communities: list[int] | None = None) -> tuple[list[Row], Row]:
    with office.database.read() as session:
        wanted = None
        if communities is not None:
            wanted = [session.get_one(Area, one) for one in communities]
        return board(session, waves.get(session, "2026-11"), wanted)


def at_door(office: Office, unit: int, outcome: str) -> None:
    with office.database.write() as session:
        visits.record(session, session.get_one(SampledUnit, unit), outcome, MOMENT, "wang")


def test_it_counts_each_community_and_the_township_together(office: Office, small: Small) -> None:
    first, second, third, fourth, *_rest = small.units
    record.accept(office, small.submission(unit_id=first))
    at_door(office, second, "refused")
    at_door(office, third, "no_answer")
    at_door(office, fourth, "vacant")
    (east, west), township = shown(office)
    assert (east.area.code, west.area.code, township.area.code) == ("east", "west", "hekou")
    assert (east.drawn, east.released, east.due, east.complete) == (10, 10, 9, 1)
    assert (east.refused, east.nobody, east.ineligible) == (1, 1, 1)
    assert (east.attempted, east.to_visit) == (4, 7)
    assert east.rates.rr2 == pytest.approx(1 / 9)
    assert (township.drawn, township.complete, township.to_visit) == (20, 1, 17)
    assert (west.complete, west.rates.rr2, west.told_share) == (0, 0.0, None)


def test_the_gap_is_what_is_missing_to_the_floor(office: Office, small: Small) -> None:
    record.accept(office, small.submission())
    assert shown(office)[0][0].gap is None
    with office.database.write() as session:
        record.settle(session, session.get_one(Wave, small.wave_id), response_floor=0.3)
    assert shown(office)[0][0].gap == 2


def test_reserves_count_as_drawn_and_not_as_released(office: Office, small: Small) -> None:
    with office.database.write() as session:
        reserve = sa.update(SampledUnit).where(SampledUnit.id.in_(small.units[5:]))
        session.execute(reserve.values(batch=2, released_at=None))
    east = shown(office)[0][0]
    assert (east.drawn, east.released) == (10, 5)


def test_a_reader_of_one_community_sees_it_alone(office: Office, small: Small) -> None:
    rows, together = shown(office, [small.west])
    assert [row.area.code for row in rows] == ["west"]
    assert together.drawn == 10


def test_it_shows_who_was_told_how_to_answer_and_who_was_much_too_quick(
    office: Office, small: Small
) -> None:
    with office.database.write() as session:
        questionnaire = session.get_one(Wave, small.wave_id).questionnaire_id
        for number in range(20):
            minutes = 0.5 if number == 0 else 4
            response = Response(
                wave_id=small.wave_id,
                instance_id=f"uuid:{uuid.uuid4()}",
                questionnaire_id=questionnaire,
                community_id=small.east,
                unit_id=None,
                stream="sample",
                mode="web",
                language="zh",
                eligible=True,
                answers={"S1": "yes", "I1": "yes" if number < 5 else "no"},
                sha256="",
                started_at=MOMENT,
                submitted_at=MOMENT + dt.timedelta(minutes=minutes),
            )
            session.add(response)
    east = shown(office)[0][0]
    assert (east.answers, east.told_share, east.hasty) == (20, 0.25, 1)


def test_it_takes_as_many_statements_for_many_communities_as_for_few(
    office: Office, small: Small
) -> None:
    def statements() -> int:
        said: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            said.append(statement)

        sa.event.listen(office.database.engine, "before_cursor_execute", note)
        shown(office)
        sa.event.remove(office.database.engine, "before_cursor_execute", note)
        return len(said)

    few = statements()
    with office.database.write() as session:
        township = session.scalars(sa.select(Area).where(Area.code == "hekou")).one()
        session.add_all(
            Area(code=f"more-{number}", name_zh="村", level="community", parent=township)
            for number in range(50)
        )
    assert statements() <= few <= 12  # the first time reads the questionnaire as well
