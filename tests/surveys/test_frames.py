"""The list of addresses, the draw, and the slips."""

from __future__ import annotations

import io
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from surveys import areas, frames, waves
from surveys.frames import Address, SampledUnit
from surveys.keys import Keys
from surveys.office import Office
from surveys.problems import Refused
from surveys.waves import Wave
from tests.support import record


def imported(office: Office, text: str) -> int:
    with office.database.write() as session:
        return frames.import_csv(session, office.keys, io.BytesIO(text.encode()))


def texts(office: Office) -> list[str]:
    with office.database.read() as session:
        sealed = session.scalars(sa.select(Address.sealed).order_by(Address.position))
        return [office.keys.unseal(one) for one in sealed]


def draw(office: Office, per_community: int | dict[str, int] = 12) -> list[SampledUnit]:
    with office.database.write() as session:
        wave = waves.get(session, "2026-11")
        return frames.draw(session, office.keys, wave, per_community, "test")


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


@pytest.mark.parametrize(
    "heading", ["community,housing,address,grid", "\ufeff社区,住房类型,地址,网格"]
)
def test_a_lists_columns_are_named_in_english_or_chinese(township: Office, heading: str) -> None:
    assert imported(township, f"{heading}\neast,managed,河口路3号,1\neast,自建房,7号,2\n") == 2
    with township.database.read() as session:
        kept = session.execute(sa.select(Address.housing, Address.grid)).all()
    assert sorted(kept) == [("managed", "1"), ("selfbuilt", "2")]


def test_an_address_is_one_text_or_building_unit_and_door(sqlite_township: Office) -> None:
    imported(sqlite_township, "社区,住房类型,楼栋,单元,室\neast,managed,3,2,501\n")
    imported(sqlite_township, "社区,住房类型,楼栋,室\neast,managed,8,102\n")
    assert texts(sqlite_township) == ["3-2-501", "8-102"]


def test_a_list_with_faults_names_them_all_and_adds_nothing(sqlite_township: Office) -> None:
    text = (
        "community,housing,address\n"
        "east,managed,河口路3号\n"
        "mars,managed,河口路4号\n"
        "east,castle,\n"
        "east,managed,河口路 ３号\n"
        "hekou,managed,河口路5号\n"
    )
    with pytest.raises(Refused) as refused:
        imported(sqlite_township, text)
    unknown = "There is no community with the code"
    assert [str(problem).partition(";")[0] for problem in refused.value.problems] == [
        f"Line 3: {unknown} “mars”.",
        "Line 4: “castle” is no type of housing",
        "Line 4: The address is missing.",
        "Line 5: The address stands in line 2 already.",
        f"Line 6: {unknown} “hekou”.",
    ]
    assert texts(sqlite_township) == []


def test_an_address_that_is_known_keeps_its_household(township: Office) -> None:
    imported(township, "community,housing,address\neast,managed,3号\n")
    with township.database.read() as session:
        before = session.scalar(sa.select(Address.household))
    again = "community,housing,address\neast,managed,1号\neast,managed, ３号\n"
    assert imported(township, again) == 1
    with township.database.read() as session:
        kept = session.execute(sa.select(Address.position, Address.household)).all()
    assert (1, before) in kept
    assert len(kept) == 2


def test_the_same_door_may_be_in_two_villages(sqlite_township: Office) -> None:
    text = "community,housing,address\neast,managed,3号\nwest,managed,3号\n"
    assert imported(sqlite_township, text) == 2


def test_no_address_can_be_read_in_the_file(sqlite_township: Office) -> None:
    imported(sqlite_township, "community,housing,address\neast,managed,河口路三号\n")
    sqlite_township.database.engine.dispose()
    held = b"".join(file.read_bytes() for file in sqlite_township.data.glob("minyi.sqlite*"))
    assert "河口路三号".encode() not in held


def test_addresses_are_counted_by_village_and_housing(sqlite_township: Office) -> None:
    with sqlite_township.database.write() as session:
        frames.import_csv(session, sqlite_township.keys, record.addresses(5))
        counts = frames.counts(session)
        east = areas.get(session, "east").id
    assert counts[east] == Counter(managed=5, rural=5)
    assert len(counts) == 2


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
        again = [frames.pick(session, 7, village, 24) for village in villages]
        other = [frames.pick(session, 8, village, 24) for village in villages]
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


def test_every_unit_has_a_code_that_finds_it(township: Office) -> None:
    imported(township, UNEVEN)
    units = draw(township, 4)
    with township.database.read_connection() as connection:
        for unit in units:
            code = frames.code_of(township.keys, unit)
            typed = code.replace("-", "").lower().replace("0", "o")
            found = frames.find_unit(connection, township.keys, typed)
            assert found is not None
            assert (found.unit_id, found.community_id) == (unit.id, unit.community_id)
            assert (found.wave_code, found.wave_state) == ("2026-11", "draft")


def test_a_slip_carries_the_address_and_its_code(sqlite_township: Office) -> None:
    imported(sqlite_township, "community,housing,address\neast,managed,河口路3号\n")
    (unit,) = draw(sqlite_township)
    with sqlite_township.database.read() as session:
        wave = session.get_one(Wave, unit.wave_id)
        (slip,) = frames.slips(session, sqlite_township.keys, wave)
    assert (slip.community, slip.address) == ("east", "河口路3号")
    assert slip.code == frames.code_of(sqlite_township.keys, unit)


def test_a_code_that_was_never_given_finds_nothing(sqlite_township: Office) -> None:
    with sqlite_township.database.read_connection() as connection:
        for typed in ("0000-0000-00", "0000-0000-01", "hello", ""):
            assert frames.find_unit(connection, sqlite_township.keys, typed) is None


def test_a_new_issue_has_another_code(sqlite_office: Office) -> None:
    first = SampledUnit(wave_id=1, address_id=1, code_issue=1)
    second = SampledUnit(wave_id=1, address_id=1, code_issue=2)
    keys = sqlite_office.keys
    assert frames.code_of(keys, first) != frames.code_of(keys, second)


def test_another_office_derives_other_codes(sqlite_office: Office) -> None:
    unit = SampledUnit(wave_id=1, address_id=1, code_issue=1)
    other = Keys.load(sqlite_office.data / "other")
    assert frames.code_of(sqlite_office.keys, unit) != frames.code_of(other, unit)
