"""``accept`` is the only way in: once, whatever arrives how often and at the same time."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from surveys import responses
from surveys.office import Office
from surveys.responses import Count, HeldResponse, Receipt, Response
from surveys.waves import Wave
from tests.support import record
from tests.support.record import Small, accept

NO = {"S1": "no"}


@pytest.fixture
def small(office: Office) -> Small:
    return record.begin(office)


def stored(office: Office) -> list[Response]:
    with office.database.read() as session:
        return list(session.scalars(sa.select(Response)))


def held(office: Office) -> list[HeldResponse]:
    with office.database.read() as session:
        return list(session.scalars(sa.select(HeldResponse)))


def test_a_response_names_what_it_answered_and_nobody(office: Office, small: Small) -> None:
    submission = small.submission()
    receipt = accept(office, submission)
    (response,) = stored(office)
    assert receipt == Receipt("stored", None, response.id, eligible=True)
    assert response.answers == submission.answers
    assert response.questionnaire_id == 1
    assert (response.started_at, response.submitted_at) == (
        submission.started_at,
        submission.submitted_at,
    )


def test_an_identical_repeat_has_no_second_effect(office: Office, small: Small) -> None:
    submission = small.submission()
    first = accept(office, submission)
    again = accept(office, submission)
    assert again == replace(first, status="repeated")
    assert len(stored(office)) == 1
    assert held(office) == []


def test_the_order_of_answers_makes_no_difference(office: Office, small: Small) -> None:
    submission = small.submission()
    accept(office, submission)
    turned = replace(submission, answers=dict(reversed(submission.answers.items())))
    assert accept(office, turned).status == "repeated"


def test_other_answers_under_the_same_name_are_held_as_a_conflict(
    office: Office, small: Small
) -> None:
    submission = small.submission()
    accept(office, submission)
    other = replace(submission, answers={"S1": "yes", "K1": "no", "Z1": "no"})
    for _ in range(2):
        assert accept(office, other) == Receipt("held", "conflict", None, eligible=True)
    (response,), (kept,) = stored(office), held(office)
    assert response.answers == submission.answers
    assert kept.submission["answers"] == other.answers
    assert kept.submission["submitted_at"] == other.submitted_at.isoformat()


def test_what_arrives_together_is_let_in_as_if_it_came_one_by_one(
    office: Office, small: Small
) -> None:
    first, other = small.submission(), small.submission(unit_id=small.units[1])
    repeated = small.submission(unit_id=None, stream="open")
    accept(office, repeated)
    together = [
        first, repeated, other, first,
        replace(other, answers=NO), small.submission(), small.submission(answers=NO),
    ]  # fmt: skip
    with office.database.write_connection() as connection:
        receipts = responses.accept_all(connection, together)
    assert [(r.status, r.reason, r.eligible) for r in receipts] == [
        ("stored", None, True),
        ("repeated", None, True),
        ("stored", None, True),
        ("repeated", None, True),
        ("held", "conflict", False),
        ("held", "second", True),
        ("stored", None, False),
    ]
    assert receipts[3].response_id == receipts[0].response_id != receipts[2].response_id
    names = {r.id: r.instance_id for r in stored(office)}
    assert names[receipts[0].response_id] == first.instance_id
    assert names[receipts[2].response_id] == other.instance_id
    with office.database.write_connection() as connection:
        assert responses.accept_all(connection, []) == []


def test_five_posts_of_one_instance_at_once_store_it_once(office: Office, small: Small) -> None:
    submission = small.submission()
    with ThreadPoolExecutor(5) as pool:
        receipts = list(pool.map(lambda _: accept(office, submission), range(5)))
    assert Counter(r.status for r in receipts) == {"stored": 1, "repeated": 4}
    assert len({r.response_id for r in receipts}) == 1
    assert len(stored(office)) == 1


def test_five_different_posts_of_one_instance_at_once_lose_none(
    office: Office, small: Small
) -> None:
    name = f"uuid:{uuid.uuid4()}"
    posts = [
        small.submission(
            instance_id=name, unit_id=None, stream="open",
            answers={"S1": "yes", "K1": str(number), "Z1": "-2"},
        )
        for number in range(5)
    ]  # fmt: skip
    with ThreadPoolExecutor(5) as pool:
        receipts = list(pool.map(lambda post: accept(office, post), posts))
    assert Counter(r.reason for r in receipts) == {None: 1, "conflict": 4}
    kept = [h.submission["answers"]["K1"] for h in held(office)]
    assert sorted([*kept, *(r.answers["K1"] for r in stored(office))]) == list("01234")


def test_a_second_interview_at_a_household_is_held(office: Office, small: Small) -> None:
    accept(office, small.submission())
    second = small.submission()
    for _ in range(2):
        assert accept(office, second) == Receipt("held", "second", None, eligible=True)
    assert len(stored(office)) == 1
    assert len(held(office)) == 1


def test_of_five_people_of_one_household_at_once_one_counts(office: Office, small: Small) -> None:
    with ThreadPoolExecutor(5) as pool:
        receipts = list(pool.map(lambda _: accept(office, small.submission()), range(5)))
    assert Counter(r.reason for r in receipts) == {None: 1, "second": 4}


def test_someone_ineligible_does_not_use_up_the_household(office: Office, small: Small) -> None:
    for _ in range(2):
        receipt = accept(office, small.submission(answers=NO))
        assert (receipt.status, receipt.eligible) == ("stored", False)
    assert accept(office, small.submission()).status == "stored"
    assert accept(office, small.submission(answers=NO)).status == "stored"
    assert accept(office, small.submission()).reason == "second"


def test_the_open_link_takes_any_number(office: Office, small: Small) -> None:
    for _ in range(3):
        assert accept(office, small.submission(unit_id=None, stream="open")).status == "stored"


def test_what_comes_after_the_close_is_held_and_not_lost(office: Office, small: Small) -> None:
    record.close(office, small.wave_id)
    late = small.submission()
    for _ in range(2):
        assert accept(office, late) == Receipt("held", "late", None, eligible=True)
    (kept,) = held(office)
    assert kept.submission["answers"] == late.answers
    assert stored(office) == []


def test_a_repeat_after_the_close_is_still_acknowledged(office: Office, small: Small) -> None:
    submission = small.submission()
    first = accept(office, submission)
    record.close(office, small.wave_id)
    assert accept(office, submission) == replace(first, status="repeated")


def test_whatever_is_held_leaves_the_transaction_usable(office: Office, small: Small) -> None:
    accept(office, small.submission())
    with office.database.write_connection() as connection:
        assert responses.accept(connection, small.submission()).reason == "second"
        after = responses.accept(connection, small.submission(unit_id=small.units[1]))
    assert after.status == "stored"
    assert len(stored(office)) == 2


def test_a_wave_closes_only_after_what_is_being_accepted(office: Office, small: Small) -> None:
    with ThreadPoolExecutor(1) as pool:
        with office.database.write_connection() as connection:
            assert responses.accept(connection, small.submission()).status == "stored"
            closing = pool.submit(record.close, office, small.wave_id)
            with pytest.raises(TimeoutError):
                closing.result(timeout=0.3)
        closing.result(timeout=10)


def test_an_open_wave_shows_counts_and_no_answers(office: Office, small: Small) -> None:
    accept(office, small.submission())
    accept(office, small.submission(unit_id=small.units[1], mode="door"))
    accept(office, small.submission(answers=NO))
    accept(office, small.submission(unit_id=None, stream="open", community_id=small.west))
    accept(office, small.submission())
    with office.database.read() as session:
        wave = session.get_one(Wave, small.wave_id)
        assert responses.counts(session, wave) == [
            Count(small.east, "sample", "door", 1, 0),
            Count(small.east, "sample", "web", 1, 1),
            Count(small.west, "open", "web", 1, 0),
        ]
        assert responses.held(session, wave) == {"second": 1}
