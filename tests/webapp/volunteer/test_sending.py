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
