"""The area tree."""

from __future__ import annotations

import io

import pytest

from surveys import areas
from surveys.areas import Area
from surveys.office import Office
from surveys.problems import Refused
from tests.support import record

LIST = """编码,上级,级别,名称
west,hekou,community,西村
east,hekou,community,东村
hekou,district,township,河口镇
district,,district,某区
east-1,east,grid,第一网格
"""


def imported(office: Office, text: str) -> int:
    with office.database.write() as session:
        return areas.import_csv(session, io.BytesIO(text.encode()))


def test_a_branch_is_an_area_and_everything_below_it(office: Office) -> None:
    imported(office, LIST)
    with office.database.read() as session:
        of = {area.code: area.id for area in session.query(Area)}
        assert set(areas.branch(session, of["hekou"])) == set(of.values()) - {of["district"]}
        assert set(areas.branch(session, of["east"])) == {of["east"], of["east-1"]}
        assert set(areas.branch(session, None)) == set(of.values())


def test_communities_come_in_the_order_of_their_codes(office: Office) -> None:
    imported(office, LIST)
    with office.database.read() as session:
        assert [area.code for area in areas.communities(session, None)] == ["east", "west"]
        east = areas.get(session, "east").id
        assert [area.code for area in areas.communities(session, east)] == ["east"]


def test_a_list_may_begin_with_a_byte_order_mark_and_name_its_columns_in_english(
    sqlite_office: Office,
) -> None:
    text = "\ufeffcode,parent,level,name,name_en\nhekou,,township,河口镇,Hekou\n"
    assert imported(sqlite_office, text) == 1
    with sqlite_office.database.read() as session:
        hekou = areas.get(session, "hekou")
    assert (hekou.name_zh, hekou.name_en) == ("河口镇", "Hekou")


def test_a_list_with_faults_names_them_all_and_adds_nothing(sqlite_office: Office) -> None:
    text = (
        "code,parent,level,name\n"
        "hekou,,township,河口镇\n"
        "hekou,,township,再来一次\n"
        "东村,hekou,community,东村\n"
        "west,nowhere,community,西村\n"
        "south,hekou,village,南村\n"
        "north,hekou,township,\n"
    )
    with pytest.raises(Refused) as refused:
        imported(sqlite_office, text)
    assert list(map(str, refused.value.problems)) == [
        "Line 3: There is already an area with the code hekou.",
        "Line 4: “东村” is no code: letters, digits and dashes, at most 32.",
        "Line 5: There is no area with the code nowhere.",
        "Line 6: “village” is no level; there are: city, district, township, community, grid.",
        "Line 7: A name of at most 80 characters is missing.",
        "Line 7: A township does not lie in a township.",
    ]
    with sqlite_office.database.read() as session:
        assert areas.branch(session, None) == []


def test_a_list_grows_on_what_is_there_already(sqlite_office: Office) -> None:
    imported(sqlite_office, LIST)
    assert imported(sqlite_office, "code,parent,level,name\nsouth,hekou,community,南村\n") == 1


def test_a_code_is_given_once(sqlite_office: Office) -> None:
    with sqlite_office.database.write() as session:
        record.township(session)
        with pytest.raises(Refused, match="already an area with the code east"):
            areas.add(session, "east", "东村", "", "community", areas.get(session, "hekou"))


def test_a_community_does_not_contain_a_township(sqlite_office: Office) -> None:
    with sqlite_office.database.write() as session:
        record.township(session)
        with pytest.raises(Refused, match="does not lie in a community"):
            areas.add(session, "n", "北镇", "", "township", areas.get(session, "east"))


def test_an_unknown_area_is_refused_by_name(sqlite_office: Office) -> None:
    with (
        sqlite_office.database.read() as session,
        pytest.raises(Refused, match="no area with the code mars"),
    ):
        areas.get(session, "mars")
