"""The list of addresses."""

from __future__ import annotations

import io
from collections import Counter

import pytest
import sqlalchemy as sa

from surveys import areas, frames
from surveys.frames import Address
from surveys.office import Office
from surveys.problems import Refused
from tests.support import record


def imported(office: Office, text: str) -> int:
    with office.database.write() as session:
        return frames.import_csv(session, office.keys, io.BytesIO(text.encode()))


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
