"""Re-checks by phone: given with the bundle, sealed, stored once, never a response."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from surveys import waves
from surveys.fieldwork import confirmation, rechecks
from surveys.fieldwork.rechecks import Recheck
from surveys.fieldwork.uploads import Upload
from surveys.office import Office
from surveys.people import User
from surveys.responses import Response
from tests.support.record import Small
from tests.support.volunteer import Phone


@pytest.fixture
def number(office: Office, phone: Phone, other: Phone, small: Small) -> int:
    """The re-check of wang's one interview, which zhao is to make."""
    assert phone.send("interviews", phone.interview(small.units[0])) == ("stored", None)
    with office.database.write() as session:
        (one,) = rechecks.draw(session, waves.get(session, "2026-11"), "staff")
    give(office, one.id, "zhao")
    other.partner = "sun"  # who was not at the interview
    return one.id


def give(office: Office, number: int, name: str) -> None:
    with office.database.write() as session:
        user = session.scalars(sa.select(User).where(User.name == name)).one()
        rechecks.assign(session, session.get_one(Recheck, number), user, "staff")


def of(office: Office, number: int) -> Recheck:
    with office.database.read() as session:
        return session.get_one(Recheck, number)


def test_the_bundle_names_a_re_check_as_such_and_tells_nothing_that_was_answered(
    number: int, other: Phone
) -> None:
    bundle = other.client.get("/api/v1/bundle").get_json()
    assert bundle["assignments"] == []
    (task,) = bundle["rechecks"]
    assert (task["id"], task["wave"]) == (number, "2026-11")
    assert set(task) == {"id", "wave", "community", "address", "households", "chosen_household"}
    (wave,) = bundle["waves"]
    assert wave["recheck_questions"] == ["K1", "Z1"]
    assert [one["code"] for one in bundle["recheck_results"]] == list(rechecks.RESULTS)


def test_it_is_stored_once_and_is_no_response(number: int, office: Office, other: Phone) -> None:
    body = other.recheck(number)
    assert other.send("rechecks", body) == ("stored", None)
    assert other.send("rechecks", body) == ("repeated", None)
    done = of(office, number)
    assert (done.done_by, done.partner, done.result) == ("zhao", "sun", "reached")
    assert done.answers == {"K1": "yes"}
    assert other.client.get("/api/v1/bundle").get_json()["rechecks"] == []
    with office.database.read() as session:
        whole = confirmation.of_wave(session, waves.get(session, "2026-11")).whole
        assert (whole.took_place.rate, whole.answers.rate) == (1, 1)
        assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == 1


def test_of_two_who_confirm_the_second_is_kept_aside(
    number: int, office: Office, enlist: Callable[..., Phone], other: Phone
) -> None:
    """Moved to qian while zhao is offline: whoever comes first counts."""
    qian = enlist("qian")
    qian.partner = ""
    give(office, number, "qian")
    assert other.send("rechecks", other.recheck(number)) == ("stored", None)
    body = qian.recheck(number, {"took_place": "no", "right_person": "", "answers": {}})
    assert qian.send("rechecks", body) == ("held", "second")
    assert of(office, number).done_by == "zhao"
    with office.database.read() as session:
        first = session.scalars(sa.select(Upload).where(Upload.kind == "recheck")).first()
        assert first is not None
        assert first.remarks == "moved"


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ({"answers": {"K1": "perhaps"}}, "invalid"),
        ({"took_place": ""}, "invalid"),
        ({"result": "perhaps"}, "invalid"),
        ({"recheck": 99}, "invalid"),
        ({"partner": "wang"}, "invalid"),  # who was at the interview
    ],
)
def test_what_cannot_be_is_held(
    number: int, office: Office, other: Phone, inside: dict[str, object], reason: str
) -> None:
    assert other.send("rechecks", other.recheck(number, inside)) == ("held", reason)
    assert of(office, number).done_at is None


def test_nobody_confirms_what_was_never_given_to_them(
    number: int, office: Office, phone: Phone, other: Phone
) -> None:
    assert phone.send("rechecks", phone.recheck(number)) == ("held", "unassigned")
    assert other.send("rechecks", other.recheck(number + 7)) == ("held", "unknown")
    assert of(office, number).done_at is None


def test_after_the_lock_it_is_held_as_late(number: int, office: Office, other: Phone) -> None:
    with office.database.write() as session:
        waves.get(session, "2026-11").state = "locked"
    assert other.send("rechecks", other.recheck(number)) == ("held", "late")
