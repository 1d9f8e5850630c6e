"""Re-checks: drawn at random, done by somebody else, compared afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress

import pytest

from surveys import people
from surveys.fieldwork import confirmation, pairs, rechecks
from surveys.fieldwork.rechecks import Recheck
from surveys.office import Office
from surveys.people import User
from surveys.problems import Refused
from surveys.responses import Response
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from tests.support import record
from tests.support.doors import interview, volunteer, wave_of

WANG, LI = ("王芳", "李强"), ("赵敏", "周杰")


@pytest.fixture
def small(office: Office) -> record.Small:
    """Ten interviews by two pairs, and four volunteers, one of whom was in neither."""
    small = record.begin(office, drawn=12)
    with office.database.write() as session:
        for number in range(10):
            interview(session, small, number, WANG if number % 2 else LI)
        for name in ("王芳", "李强", "陈静"):
            volunteer(session, name)
    return small


def drawn(office: Office) -> Recheck:
    """The one re-check of ten interviews."""
    with office.database.write() as session:
        rechecks.draw(session, wave_of(session), "chen")
        (one,) = rechecks.of_wave(session, wave_of(session))
        return one


def done(office: Office, **said: object) -> None:
    with office.database.write() as session:
        (one,) = rechecks.of_wave(session, wave_of(session))
        values = {"result": "reached", "took_place": "yes", "right_person": "yes", **said}
        rechecks.record(session, one, actor="陈静", **values)  # type: ignore[arg-type]


def test_one_in_ten_is_drawn_and_more_only_when_more_came_in(
    office: Office, small: record.Small
) -> None:
    first = drawn(office)
    assert drawn(office).id == first.id
    with office.database.write() as session:
        interview(session, small, 10, WANG)
        assert len(rechecks.draw(session, wave_of(session), "chen")) == 1


def test_the_draw_follows_from_the_seed_of_the_wave_and_nothing_else(
    office: Office, small: record.Small
) -> None:
    with office.database.write() as session:
        wave, found = wave_of(session), set()
        for seed in range(12):
            record.settle(session, wave, seed=seed)
            (one,) = rechecks.draw(session, wave, "chen")
            found.add(one.response_id)
            session.delete(one)
            session.flush()
            (again,) = rechecks.draw(session, wave, "chen")
            assert again.response_id == one.response_id
            session.delete(again)
            session.flush()
    assert len(found) > 4


def test_of_two_who_write_it_down_at_one_moment_one_does(
    office: Office, small: record.Small
) -> None:
    first = drawn(office)
    with ThreadPoolExecutor(1) as pool:
        with suppress(Refused), office.database.write() as session:
            one = session.get_one(Recheck, first.id)
            other = pool.submit(done, office, result="no_contact")
            wait([other], timeout=0.5)  # SQLite has them one after the other
            rechecks.record(session, one, "refused", "陈静")
        stands = "refused" if isinstance(other.exception(), Refused) else "no_contact"
    with office.database.read() as session:
        assert session.get_one(Recheck, first.id).result == stands


def test_whoever_was_there_does_not_confirm_it(office: Office, small: record.Small) -> None:
    first = drawn(office)
    with office.database.write() as session:
        one = session.get_one(Recheck, first.id)
        made = pairs.of_wave(session, wave_of(session))[one.response_id]
        for name in made:
            with pytest.raises(Refused, match="was at the interview"):
                rechecks.record(session, one, "no_contact", name)
        if "王芳" in made:
            with pytest.raises(Refused, match="was at the interview"):
                rechecks.assign(session, one, people.get(session, "王芳"), "chen")
        assert rechecks.distribute(session, wave_of(session), "chen") == 1
        assert session.get_one(User, one.user_id).name not in made


def test_nobody_confirms_in_their_own_grid_or_outside_their_area(
    office: Office, small: record.Small
) -> None:
    first = drawn(office)
    with office.database.write() as session:
        one = session.get_one(Recheck, first.id)
        unit_id = session.get_one(Response, one.response_id).unit_id
        session.get_one(SampledUnit, unit_id).grid = "G1"
        neighbour = volunteer(session, "邻居", grid="g1")
        stranger = volunteer(session, "外人", area="west")
        with pytest.raises(Refused, match=r"own grid of 邻居 \(g1\)"):
            rechecks.assign(session, one, neighbour, "chen")
        with pytest.raises(Refused, match="outside the area of 外人"):
            rechecks.assign(session, one, stranger, "chen")


def test_what_is_written_down_stands(office: Office, small: record.Small) -> None:
    drawn(office)
    done(office, answers={"K1": "yes", "Z1": "yes"})
    with pytest.raises(Refused, match="done already, by 陈静"):
        done(office)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"result": "perhaps"}, "Choose what came of it"),
        ({"took_place": ""}, "whether an interview took place"),
        ({"right_person": ""}, "whether the right person was asked"),
        ({"answers": {"K1": "maybe"}}, "no answer to K1"),
    ],
)
def test_what_is_missing_is_asked_for(
    office: Office, small: record.Small, said: dict[str, object], refusal: str
) -> None:
    drawn(office)
    with pytest.raises(Refused, match=refusal):
        done(office, **said)


def test_once_the_wave_is_locked_nothing_is_confirmed(office: Office, small: record.Small) -> None:
    drawn(office)
    with office.database.write() as session:
        session.get_one(Wave, small.wave_id).state = "locked"
    with pytest.raises(Refused, match="is locked: nothing is confirmed"):
        done(office)


def test_the_two_askings_are_compared_question_by_question(
    office: Office, small: record.Small
) -> None:
    first = drawn(office)
    done(office, answers={"K1": "yes", "Z1": "yes"})  # at the interview: yes and no
    with office.database.read() as session:
        found = confirmation.of_wave(session, wave_of(session))
        made = pairs.of_wave(session, wave_of(session))[first.response_id]
    assert (found.whole.drawn, found.whole.confirmed, found.whole.same) == (1, 1, 1)
    assert found.whole.answers.rate == 0.5
    assert found.by_pair[made].took_place.rate == 1
    assert {one.question.name: one.agreement.agreed for one in found.by_question} == {
        "K1": 1,
        "Z1": 0,
    }


def test_nobody_reached_says_nothing_about_the_interview(
    office: Office, small: record.Small
) -> None:
    drawn(office)
    done(office, result="no_contact", answers={"K1": "yes"})
    with office.database.read() as session:
        whole = confirmation.of_wave(session, wave_of(session)).whole
        (one,) = rechecks.of_wave(session, wave_of(session))
    assert (whole.done, whole.reached, whole.took_place.n) == (1, 0, 0)
    assert (one.took_place, one.right_person, one.answers) == ("", "", {})
