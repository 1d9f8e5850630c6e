"""Volunteers are sent to released addresses of their branch, never to their own grid."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import areas, people, waves
from surveys.fieldwork import assignments
from surveys.office import Office
from surveys.people import User
from surveys.problems import Refused
from surveys.sampling.units import SampledUnit
from tests.support import record


@dataclass
class Township:
    office: Office
    small: record.Small

    def volunteer(self, name: str, area: str = "hekou", grid: str = "") -> None:
        with self.office.database.write() as session:
            where = areas.get(session, area)
            user, _ = people.add_user(session, name, "volunteer", where, actor="test")
            user.grid = grid

    def units(self, session: Session, number: int = 2) -> list[SampledUnit]:
        return [session.get_one(SampledUnit, id_) for id_ in self.small.units[:number]]

    def assign(self, name: str, number: int = 2, **more: str) -> list[int]:
        with self.office.database.write() as session:
            user, units = people.get(session, name), self.units(session, number)
            done = assignments.assign(session, user, units, "staff", **more)
            return [one.id for one in done]

    def holders(self) -> list[str | None]:
        """Who has the first two units."""
        with self.office.database.read() as session:
            units = self.units(session)
            current = assignments.current(session, units)
            return [
                session.get_one(User, current[unit.id].user_id).name if unit.id in current else None
                for unit in units
            ]


@pytest.fixture
def township(office: Office) -> Township:
    one = Township(office, record.begin(office))
    one.volunteer("wang")
    one.volunteer("li")
    return one


def test_an_address_is_one_volunteers_at_a_time(township: Township) -> None:
    township.assign("wang", partner="li")
    with pytest.raises(Refused, match="2 of these addresses are assigned already, to wang"):
        township.assign("li")
    assert township.holders() == ["wang", "wang"]


def test_assigning_the_same_again_changes_nothing(township: Township) -> None:
    assert township.assign("wang", partner="li") == township.assign("wang", partner="li")


def test_what_is_moved_belongs_to_the_other_and_the_first_is_remembered(
    township: Township,
) -> None:
    township.assign("wang")
    with township.office.database.write() as session:
        units = township.units(session, 1)
        assignments.move(session, people.get(session, "li"), units, "staff")
    assert township.holders() == ["li", "wang"]
    with township.office.database.read() as session:
        (unit,) = township.units(session, 1)
        rows = session.scalars(
            sa.select(assignments.Assignment).where(assignments.Assignment.unit_id == unit.id)
        ).all()
    assert [row.withdrawn_at is None for row in sorted(rows, key=lambda row: row.id)] == [
        False,
        True,
    ]


def test_what_is_withdrawn_is_nobodys_and_may_be_given_anew(township: Township) -> None:
    township.assign("wang")
    with township.office.database.write() as session:
        assert assignments.withdraw(session, township.units(session), "staff") == 2
        assert assignments.withdraw(session, township.units(session), "staff") == 0
    assert township.holders() == [None, None]
    township.assign("li")
    assert township.holders() == ["li", "li"]


@pytest.mark.parametrize("partner", ["", "zhao"])
def test_nobody_is_sent_to_the_grid_they_live_in(township: Township, partner: str) -> None:
    township.volunteer("zhao", grid=" G3 ")
    with township.office.database.write() as session:
        for unit in township.units(session, 1):
            unit.grid = "g3"
    sent = "wang" if partner else "zhao"
    with pytest.raises(Refused, match="1 of these addresses are in the own grid of zhao"):
        township.assign(sent, partner=partner)
    assert township.holders() == [None, None]


def test_everything_that_is_wrong_is_said_at_once(township: Township) -> None:
    township.volunteer("chen", area="west")
    with township.office.database.write() as session:
        units = township.units(session)
        units[0].released_at = None
        wave = waves.get(session, "2026-11")
        waves.close(session, wave, "test")
        user = people.get(session, "chen")
        people.deactivate(session, user, actor="test")
    with pytest.raises(Refused) as refusal:
        township.assign("chen", partner="chen")
    said = str(refusal.value)
    for part in (
        "chen is no volunteer with an open account",
        "partner must be someone else",
        "Wave 2026-11 is closed: nobody is sent out",
        "1 of these addresses are in a reserve batch",
        "2 of these addresses lie outside the area of chen",
    ):
        assert part in said


def test_a_volunteers_list_holds_what_is_theirs_in_open_waves(township: Township) -> None:
    township.assign("wang")
    with township.office.database.write() as session:
        wang = people.get(session, "wang").id
        listed = [unit.id for _, unit, _ in assignments.of_user(session, wang)]
        assert listed == list(township.small.units[:2])
        waves.close(session, waves.get(session, "2026-11"), "test")
    with township.office.database.read() as session:
        assert assignments.of_user(session, wang) == []
