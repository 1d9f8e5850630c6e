"""The draw."""

from __future__ import annotations

import io
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from surveys import areas, draws, frames, waves
from surveys.office import Office
from surveys.problems import Refused
from surveys.units import SampledUnit
from tests.support import record


def imported(office: Office, text: str) -> int:
    with office.database.write() as session:
        return frames.import_csv(session, office.keys, io.BytesIO(text.encode()))


def draw(office: Office, per_community: int | dict[str, int] = 12) -> list[SampledUnit]:
    with office.database.write() as session:
        wave = waves.get(session, "2026-11")
        return draws.draw(session, office.keys, wave, per_community, "test")


@pytest.fixture
def township(office: Office) -> Office:
    """An office with two villages and a wave to be drawn, on both engines."""
    return _prepared(office)


@pytest.fixture
def sqlite_township(sqlite_office: Office) -> Office:
    return _prepared(sqlite_office)


def _prepared(office: Office) -> Office:
    with office.database.write() as session:
        record.wave(session, record.township(session), record.publish(session))
    return office


UNEVEN = "community,housing,address\n" + "".join(
    f"{village},{housing},{housing} {number}\n"
    for village, housing, size in (
        ("east", "managed", 60),
        ("east", "rural", 30),
        ("east", "selfbuilt", 3),
        ("west", "rural", 50),
    )
    for number in range(size)
)


def test_a_draw_is_stratified_with_four_in_each_stratum_or_all(township: Office) -> None:
    imported(township, UNEVEN)
    units = draw(township, 24)
    with township.database.read() as session:
        east = areas.get(session, "east").id
    drawn = Counter((unit.community_id == east, unit.housing) for unit in units)
    assert drawn == {
        (True, "managed"): 14,
        (True, "rural"): 7,
        (True, "selfbuilt"): 3,
        (False, "rural"): 24,
    }


def test_every_unit_knows_the_probability_it_had(township: Office) -> None:
    imported(township, UNEVEN)
    sizes = {"managed": 14 / 60, "selfbuilt": 1.0}
    for unit in draw(township, 24):
        if unit.housing in sizes:
            assert unit.probability == sizes[unit.housing]


def test_the_weights_of_a_sample_add_up_to_the_list(township: Office) -> None:
    imported(township, UNEVEN)
    assert sum(1 / unit.probability for unit in draw(township, 20)) == pytest.approx(143)


def test_the_same_seed_draws_the_same_addresses(sqlite_township: Office) -> None:
    imported(sqlite_township, UNEVEN)
    drawn = [unit.address_id for unit in draw(sqlite_township, 24)]
    with sqlite_township.database.read() as session:
        villages = areas.communities(session, None)
        again = [draws.pick(session, 7, village, 24) for village in villages]
        other = [draws.pick(session, 8, village, 24) for village in villages]
    assert [one.address_id for picked in again for one in picked] == drawn
    assert [one.address_id for picked in other for one in picked] != drawn


def test_villages_may_get_different_numbers(sqlite_township: Office) -> None:
    imported(sqlite_township, UNEVEN)
    assert len(draw(sqlite_township, {"west": 10})) == 10


def test_a_wave_is_drawn_once(township: Office) -> None:
    imported(township, UNEVEN)
    draw(township)
    with pytest.raises(Refused, match="was drawn already"):
        draw(township)


def test_of_two_draws_at_once_one_is_refused(township: Office) -> None:
    imported(township, UNEVEN)

    def drawn(_: int) -> int:
        try:
            return len(draw(township))
        except Refused:
            return 0

    with ThreadPoolExecutor(2) as pool:
        numbers = sorted(pool.map(drawn, range(2)))
    with township.database.read() as session:
        stored = session.scalar(sa.select(sa.func.count()).select_from(SampledUnit))
    assert numbers == [0, stored]


def test_a_closed_wave_is_not_drawn(sqlite_township: Office) -> None:
    imported(sqlite_township, UNEVEN)
    with sqlite_township.database.write() as session:
        wave = waves.get(session, "2026-11")
        waves.open_(session, wave, "test")
        waves.close(session, wave, "test")
    with pytest.raises(Refused, match="2026-11 is closed: too late to draw"):
        draw(sqlite_township)


@pytest.mark.parametrize(
    ("per_community", "said"),
    [
        ({"mars": 5}, "no community with the code “mars”"),
        ({"east": 0}, "At least one address"),
        (5, "no addresses to draw from"),
    ],
)
def test_what_cannot_be_drawn_says_why(
    sqlite_township: Office, per_community: int | dict[str, int], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        draw(sqlite_township, per_community)
