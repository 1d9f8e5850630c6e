"""When the app sends, tries again and gives up: its own files, under a clock turned by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.node import node

SCRIPT = Path(__file__).with_name("sending.mjs")


def run(situation: str, **given: object) -> Any:
    """What came of a situation; moments are in seconds since its beginning."""
    return node(SCRIPT, {"situation": situation, "given": given})


# ---- trouble on the phone itself -----------------------------------------------------------------


def test_a_busy_storage_is_tried_again_as_after_a_failed_try() -> None:
    found = run("trouble", error="AbortError", seconds=20)
    waits = [round(b - a) for a, b in zip(found["tries"], found["tries"][1:], strict=False)]
    assert waits[:4] == [2, 4, 8, 16]
    assert found["standing"] == "waiting"
    assert (found["sent"], found["left"]) == (1, 0)


def test_a_full_phone_waits_for_room_and_then_goes_on_by_itself() -> None:
    found = run("trouble", error="QuotaExceededError", seconds=20)
    assert round(found["tries"][1] - found["tries"][0]) == 300
    assert found["standing"] == "full"
    assert (found["sent"], found["left"]) == (1, 0)


# ---- a server that says nothing ------------------------------------------------------------------


@pytest.mark.parametrize(("size", "patience"), [(0, 60), (90_000, 150), (2_000_000, 2060)])
def test_an_upload_is_given_up_when_even_a_slow_line_had_carried_it(
    size: int, patience: int
) -> None:
    assert run("silence", bytes=size, signs=[]) == [patience, 0]


def test_every_sign_of_life_makes_it_wait_anew() -> None:
    assert run("silence", bytes=0, signs=[50, 100, 150]) == [210, 0]
    assert run("silence", bytes=0, signs=[50, 150]) == [110, 0]


# ---- many phones at once -------------------------------------------------------------------------


def came(found: Any) -> list[tuple[float, float]]:
    """When each upload began and was answered, to a tenth of a second."""
    return [(round(at, 1), round(over, 1)) for kind, at, over in found["asked"] if kind == "shifts"]


@pytest.mark.parametrize(("random", "begins"), [(0, 0), (0.5, 1.5), (0.999, 2.997)])
def test_phones_that_come_online_together_begin_over_three_seconds(
    random: float, begins: float
) -> None:
    found = run("online", count=1, random=random, after=0.1)
    assert found["asked"][0][:2] == ["bundle", begins]
    assert found["standing"] == "idle"  # shown as: waiting to be sent
    assert len(came(found)) == 1


@pytest.mark.parametrize(("answer", "pause"), [(0.3, 0.9), (1.5, 4.5), (7, 5)])
def test_between_two_uploads_lies_thrice_what_the_last_answer_took_at_most_five_seconds(
    answer: float, pause: float
) -> None:
    found = came(run("online", count=4, random=0, after=answer))
    ends, begins = [over for _, over in found[:-1]], [at for at, _ in found[1:]]
    assert [round(b - a, 1) for a, b in zip(ends, begins, strict=True)] == [pause] * 3


def test_whoever_taps_send_now_waits_for_nothing() -> None:
    found = run("online", count=3, random=0.9, after=1, press=0)
    assert found["asked"][0][:2] == ["bundle", 0]
    assert came(found) == [(0.1, 1.1), (1.1, 2.1), (2.1, 3.1)]


def test_a_tap_ends_a_rest_that_has_begun() -> None:
    found = came(run("online", count=3, random=0, after=4, press=5))
    assert found == [(0.1, 4.1), (5.0, 9.0), (9.0, 13.0)]


@pytest.mark.parametrize("when", [{"at": 0.5}, {"at": 1.5}, {"at": 9, "change": 3}])
def test_what_is_taken_back_before_its_turn_is_not_sent(when: dict[str, float]) -> None:
    """During an upload, during a rest, and when it is just about to go."""
    assert run("taken_back", **when) == 1
