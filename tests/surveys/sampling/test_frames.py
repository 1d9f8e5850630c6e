"""The list of addresses."""

from __future__ import annotations

import io
from collections import Counter

import pytest
import sqlalchemy as sa

from surveys import areas
from surveys.office import Office
from surveys.problems import Refused
from surveys.sampling import frames
from surveys.sampling.frames import Address
from tests.support import record


def imported(office: Office, text: str) -> frames.Imported:
    with office.database.write() as session:
        return frames.import_list(session, office.keys, io.BytesIO(text.encode()))


def texts(office: Office) -> list[str]:
    with office.database.read() as session:
        sealed = session.scalars(sa.select(Address.sealed).order_by(Address.position))
        return [office.keys.unseal(one) for one in sealed]


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
    assert (
        imported(township, f"{heading}\neast,managed,河口路3号,1\neast,自建房,7号,2\n").added == 2
    )
    with township.database.read() as session:
        kept = session.execute(sa.select(Address.housing, Address.grid)).all()
    assert sorted(kept) == [("managed", "1"), ("selfbuilt", "2")]


def test_an_address_is_one_text_or_building_unit_and_door(sqlite_township: Office) -> None:
    imported(sqlite_township, "社区,住房类型,楼栋,单元,室\neast,managed,3,2,501\n")
    imported(sqlite_township, "社区,住房类型,楼栋,室\neast,managed,8,102\n")
    assert texts(sqlite_township) == ["3栋2单元501室", "8栋102室"]


def test_a_list_with_faults_names_them_all_and_adds_nothing(sqlite_township: Office) -> None:
    text = (
        "community,housing,address\n"
        "east,managed,河口路3号\n"
        "mars,managed,河口路4号\n"
        "east,castle,\n"
        "east,rural,河口路 ３号\n"
        "hekou,managed,河口路5号\n"
    )
    with pytest.raises(Refused) as refused:
        imported(sqlite_township, text)
    unknown = "There is no community with the code"
    assert [str(problem).partition(";")[0] for problem in refused.value.problems] == [
        f"Line 3: {unknown} “mars”.",
        "Line 4: “castle” is no type of housing",
        "Line 4: The address is missing.",
        "Line 5: The address stands in line 2 already, with another housing type or grid.",
        f"Line 6: {unknown} “hekou”.",
    ]
    assert texts(sqlite_township) == []


def test_a_door_that_stands_twice_counts_once_and_is_named(township: Office) -> None:
    text = (
        "community,housing,address\neast,managed,阳光小区12号楼1单元501室\n"
        "east,managed,阳光小区 十二栋 一单元 ５０１\neast,managed,阳光小区12-1-501\n"
        "east,managed,阳光小区1-21-501\n"
    )
    result = imported(township, text)
    assert (result.added, list(map(str, result.duplicates))) == (
        2,
        [
            "Line 3: The address stands in line 2 already; it counts once.",
            "Line 4: The address stands in line 2 already; it counts once.",
        ],
    )
    assert texts(township) == ["阳光小区12号楼1单元501室", "阳光小区1-21-501"]


def _stored(office: Office) -> dict[str, tuple[str, str, int, str]]:
    with office.database.read() as session:
        return {
            office.keys.unseal(one.sealed): (one.housing, one.grid, one.position, one.household)
            for one in session.scalars(sa.select(Address))
        }


def test_an_address_that_is_known_follows_the_list_and_keeps_its_household(
    township: Office,
) -> None:
    first = "community,housing,address,grid\neast,managed,3号,1\neast,managed,5号,1\n"
    assert imported(township, first) == frames.Imported(2, 0, 0)
    before = _stored(township)
    assert imported(township, first) == frames.Imported(0, 0, 2)
    assert _stored(township) == before
    again = (
        "community,housing,address,grid\neast,rural,1号,1\neast,rural, ３号,\neast,managed,5号,2\n"
    )
    assert imported(township, again) == frames.Imported(1, 2, 0)
    after = _stored(township)
    assert after["3号"] == ("rural", "1", 2, before["3号"][3])
    assert after["5号"] == ("managed", "2", 3, before["5号"][3])
    assert after["1号"][:3] == ("rural", "1", 1)


def test_one_list_may_follow_another(township: Office) -> None:
    for doors in (range(1, 4), range(4, 7)):
        lines = [f"east,managed,{door}号" for door in doors]
        imported(township, "\n".join(("community,housing,address", *lines)))
    assert texts(township) == [f"{door}号" for door in range(1, 7)]


def test_a_list_that_is_refused_changes_nothing(township: Office) -> None:
    imported(township, "community,housing,address\neast,managed,3号\n")
    before = _stored(township)
    with pytest.raises(Refused, match="Line 3"):
        imported(township, "community,housing,address\neast,rural,3号\nmars,rural,4号\n")
    assert _stored(township) == before


def test_an_import_says_how_far_it_is(sqlite_township: Office) -> None:
    told: list[tuple[int, int]] = []
    lines = "".join(f"east,managed,{door}号\n" for door in range(2 * frames.BATCH))
    file = io.BytesIO(f"community,housing,address\n{lines}".encode())
    with sqlite_township.database.write() as session:
        frames.import_list(
            session, sqlite_township.keys, file, progress=lambda *step: told.append(step)
        )
    assert {total for _, total in told} == {4 * frames.BATCH}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1]
    assert len(told) > 3


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        (("", "3", "2", "501"), "3栋2单元501室"),
        (("阳光小区", "3号楼", "", "501室"), "阳光小区3号楼501室"),
        (("阳光小区3栋501", "3", "", "501"), "阳光小区3栋501"),
        (("", "", "", "15"), "15号"),
        (("河口路3号", "", "", ""), "河口路3号"),
    ],
)
def test_the_columns_of_an_address_make_one_text(
    columns: tuple[str, str, str, str], text: str
) -> None:
    assert frames.written(*columns) == text


def test_the_same_door_may_be_in_two_villages(sqlite_township: Office) -> None:
    text = "community,housing,address\neast,managed,3号\nwest,managed,3号\n"
    assert imported(sqlite_township, text).added == 2


def test_no_address_can_be_read_in_the_file(sqlite_township: Office) -> None:
    imported(sqlite_township, "community,housing,address\neast,managed,河口路三号\n")
    sqlite_township.database.engine.dispose()
    held = b"".join(file.read_bytes() for file in sqlite_township.data.glob("minyi.sqlite*"))
    assert "河口路三号".encode() not in held


def test_addresses_are_counted_by_village_and_housing(sqlite_township: Office) -> None:
    with sqlite_township.database.write() as session:
        frames.import_list(session, sqlite_township.keys, record.addresses(5))
        counts = frames.counts(session)
        east = areas.get(session, "east").id
    assert counts[east] == Counter(managed=5, rural=5)
    assert len(counts) == 2
