"""The area tree."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import sqlalchemy as sa

from surveys import areas
from surveys.areas import Area
from surveys.office import Office
from surveys.problems import Refused
from tests.support import record
from tests.support.workbooks import table as workbook

LIST = """编码,上级,级别,名称
west,hekou,community,西村
east,hekou,community,东村
hekou,district,township,河口镇
district,,district,某区
east-1,east,grid,第一网格
"""


DISTRICT = Path(__file__).parent / "data" / "340111.csv"  # a real one, as its office keeps it


def imported(office: Office, text: str) -> areas.Imported:
    with office.database.write() as session:
        return areas.import_list(session, io.BytesIO(text.encode()))


def faults(office: Office, text: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        imported(office, text)
    return list(map(str, refused.value.problems))


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
    assert imported(sqlite_office, text) == areas.Imported(1, 0, 0)
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
        "south,hekou,hamlet,南村\n"
        "north,hekou,township,\n"
        "3.40111E+11,hekou,社区,官塘社区\n"
    )
    levels = "province, city, district, township, community, grid"
    assert faults(sqlite_office, text) == [
        "Line 3: The code hekou stands in line 2 already.",
        "Line 4: “东村” is no code: letters, digits and dashes, at most 32.",
        "Line 5: There is no area with the code nowhere.",
        f"Line 6: “hamlet” is no level; there are: {levels}.",
        "Line 7: A name of at most 80 characters is missing.",
        "Line 7: A township does not lie in a township.",
        "Line 8: “3.40111E+11” was a code that a spreadsheet rounded; format its cells as text.",
    ]
    with sqlite_office.database.read() as session:
        assert areas.branch(session, None) == []


def test_the_list_of_a_real_district_comes_in_as_it_is(office: Office) -> None:
    with office.database.write() as session, DISTRICT.open("rb") as file:
        assert areas.import_list(session, file) == areas.Imported(150, 0, 0)
    with office.database.read() as session:
        assert len(areas.communities(session, areas.get(session, "340111").id)) == 136
        village = areas.get(session, "340111001008")
        assert village.parent is not None
        assert (village.name_zh, village.parent.name_zh) == ("官塘社区居民委员会", "骆岗街道")


def test_a_list_in_a_workbook_may_say_its_levels_in_chinese(sqlite_office: Office) -> None:
    rows = [
        ("区划代码", "上级", "级别", "名称"),
        (340000, None, "省", "安徽省"),
        (340100, 340000, "市", "合肥市"),
        (340111, 340100, "区", "包河区"),
        (340111100, 340111, "镇", "淝河镇"),
        (340111100200, 340111100, "村", "某村"),
        ("340111100200-01", 340111100200, "网格", "第一网格"),
    ]
    with sqlite_office.database.write() as session:
        areas.import_list(session, workbook(rows))
        found = session.execute(sa.select(Area.code, Area.level).order_by(Area.id)).all()
    assert [level for _, level in found] == list(areas.LEVELS)
    assert found[-1].code == "340111100200-01"


def test_statistical_codes_lie_where_they_say(sqlite_office: Office) -> None:
    text = (
        "code,parent,level,name\n"
        "340100,,市,合肥市\n"
        "340111,340100,区,包河区\n"
        "340202,340100,区,镜湖区\n"
        "340111001,340111,社区,骆岗街道\n"
        "340111002,,街道,常青街道\n"
        "340111003001,340111002,社区,某社区\n"
    )
    assert faults(sqlite_office, text) == [
        "Line 4: 340202 does not lie in 340100: its code does not begin with 3401.",
        "Line 5: 340111001 is the code of a township, not of a community.",
        "Line 6: 340111002 names no parent, though 340111 is there.",
        "Line 7: 340111003001 does not lie in 340111002: its code does not begin with 340111002.",
    ]


def test_a_city_without_districts_has_townships_of_its_own(sqlite_office: Office) -> None:
    text = (
        "code,parent,level,name\n44,,省,广东省\n4419,44,市,东莞市\n"
        "441900,4419,district,东莞市\n441900003,441900,街道,东城街道\n"
    )
    assert imported(sqlite_office, text).added == 4


def test_an_undivided_place_may_stand_for_itself_one_level_down(sqlite_office: Office) -> None:
    text = (
        "code,parent,level,name\n350527,,县,金门县\n350527000,350527,镇,金门县\n"
        "350527000000,350527000,村,金门县\n"
    )
    assert [str(remark) for remark in imported(sqlite_office, text).remarks] == [
        "Line 3: 350527000 stands for the whole of 350527.",
        "Line 4: 350527000000 stands for the whole of 350527000.",
    ]


def test_an_offices_own_numbers_are_no_statistical_codes(sqlite_office: Office) -> None:
    text = "code,parent,level,name\n1,,镇,某镇\n1101,1,村,东村\n35,1,村,西村\n"
    assert imported(sqlite_office, text).added == 3


def test_a_list_grows_on_what_is_there_already(sqlite_office: Office) -> None:
    imported(sqlite_office, LIST)
    south = "code,parent,level,name\nsouth,hekou,community,南村\n"
    assert imported(sqlite_office, south) == areas.Imported(1, 0, 0)


def test_a_list_that_comes_again_renames_and_never_doubles(office: Office) -> None:
    imported(office, LIST + "north,hekou,community,北村\n")
    named = LIST.replace("级别,名称", "级别,名称,英文名称").replace("西村", "新西村,West")
    assert imported(office, named) == areas.Imported(0, 1, 4)
    again = LIST.replace("西村", "西新村")
    with office.database.write() as session:
        before = areas.get(session, "west")
        assert before.name_zh == "新西村"
        areas.import_list(session, io.BytesIO(again.encode()))
        assert (before.name_zh, before.name_en) == ("西新村", "West")
        assert len(areas.branch(session, None)) == 6


def test_a_list_does_not_move_a_place(sqlite_office: Office) -> None:
    imported(sqlite_office, LIST)
    text = "code,parent,level,name\neast,district,community,东村\nwest,hekou,grid,西村\n"
    assert faults(sqlite_office, text) == [
        "Line 2: east is a community in hekou; a list does not move it.",
        "Line 3: west is a community in hekou; a list does not move it.",
    ]


def test_what_is_odd_in_a_list_is_said_and_taken(sqlite_office: Office) -> None:
    text = LIST + (
        "b,hekou,community,西 村\nc,hekou,community,西村\n"
        "d,hekou,community,南村（筹\ne,hekou,community,\ue170村\n"
    )
    result = imported(sqlite_office, text)
    assert result.added == 9
    assert list(map(str, result.remarks)) == [
        "Line 8: 西村 stands in line 2 already, in the same place.",
        "Line 9: The name 南村（筹 has a bracket without its counterpart.",
        "Line 10: The name \ue170村 has a character that screens do not show.",
    ]


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
