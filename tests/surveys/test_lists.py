"""Lists that offices send."""

from __future__ import annotations

import io

import pytest

from surveys import lists
from surveys.lists import Column
from surveys.problems import Refused
from tests.support.workbooks import table as workbook

COLUMNS = (Column("place", ("社区",)), Column("note", ("备注",), required=False))


def read(text: str, encoding: str = "utf-8") -> lists.Rows:
    return lists.read(io.BytesIO(text.encode(encoding)), COLUMNS)


def refused(file: io.BytesIO) -> list[str]:
    with pytest.raises(Refused) as refusal:
        lists.read(file, COLUMNS, "社区.xlsx")
    return list(map(str, refusal.value.problems))


def test_headings_are_chinese_or_english_with_or_without_a_byte_order_mark() -> None:
    for text in ("place\neast\n", "社区\neast\n", "\ufeff社区\neast\n", " Place \neast\n"):
        assert read(text)[0]["place"] == "east"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_a_text_is_read_in_the_encodings_that_offices_use(encoding: str) -> None:
    (row,) = read("社区,备注\n河口镇东村,第三网格，有电梯\n", encoding)
    assert (row["place"], row["note"]) == ("河口镇东村", "第三网格，有电梯")


def test_a_unicode_text_of_a_spreadsheet_has_tabs() -> None:
    (row,) = read("社区\t备注\neast\ta, b\n", "utf-16")
    assert row["note"] == "a, b"


@pytest.mark.parametrize("encoding", ["big5", "shift_jis", "utf-16-le", "latin-1"])
def test_other_encodings_are_not_taken_for_chinese(encoding: str) -> None:
    text = {
        "big5": "place,note\n臺灣國際社區服務處,聯絡電話與備註說明\n",
        "shift_jis": "place,note\nコミュニティ,ひらがなとカタカナ\n",
        "euc_kr": "place,note\n동네,쇠똥뷁\n",
        "latin-1": "place,note\nÉglise,déjà vu ÿÿ\n",
    }.get(encoding, "社区\neast\n")
    with pytest.raises(Refused, match="neither in UTF-8 nor in GB 18030"):
        read(text, encoding)


def test_a_column_that_may_be_missing_is_empty() -> None:
    assert read("place\neast\n")[0]["note"] == ""


def test_other_columns_and_blank_lines_are_left_alone() -> None:
    rows = read("序号,社区\n1,east\n,\n\n3,west\n")
    assert [(row.line, row["place"]) for row in rows] == [(2, "east"), (5, "west")]


def test_a_cell_may_hold_a_comma_and_a_line_break() -> None:
    rows = read('place,note\neast,"a, b\nc"\nwest,d\n')
    assert [(row.line, row["note"]) for row in rows] == [(3, "a, b\nc"), (4, "d")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The list is empty"),
        ("\n , \n", "The list is empty"),
        ("地点\neast\n", "There is no column place / 社区 in line 1"),
        ("\n地点\neast\n", "There is no column place / 社区 in line 2"),
        ("社区,Place\neast,west\n", "社区 / Place in line 1 mean the same column"),
        ('place\n"east', "Line 2 cannot be read as CSV"),
        ("place,note\neast,a,b\n", "Line 2: There are more cells than headings in line 1"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        read(text)


def test_a_workbook_is_read_whatever_its_name() -> None:
    file = workbook([("序号", "社区", "备注"), (1, 340111001008, None), (), (2, "east", 3.5)])
    rows = lists.read(file, COLUMNS, "社区.csv")
    found = [(row.line, row["place"], row["note"]) for row in rows]
    assert found == [(2, "340111001008", ""), (4, "east", "3.5")]


def test_a_sheet_that_is_no_list_is_passed_over() -> None:
    file = workbook([("填表说明",)], [("社区",), ("east",)], [])
    assert [row["place"] for row in lists.read(file, COLUMNS)] == ["east"]


def test_merged_cells_are_named_with_every_other_fault() -> None:
    rows = [("地点", "备注"), ("east", "a"), ("west", "b")]
    assert refused(workbook(rows, merged=("B2:B3", "A5:B5"))) == [
        "There is no column place / 社区 in line 1.",
        "表1: The cells B2:B3 are merged. Unmerge them and fill each of them.",
        "表1: The cells A5:B5 are merged. Unmerge them and fill each of them.",
    ]


def test_of_two_sheets_with_such_lists_none_is_preferred() -> None:
    sheet = [("社区",), ("east",)]
    assert refused(workbook(sheet, sheet)) == [
        "社区.xlsx: Several sheets hold such a list: 表1、表2. Send one of them."
    ]


def test_a_broken_workbook_is_named() -> None:
    broken = io.BytesIO(workbook([("社区",)]).getvalue()[:300])
    assert refused(broken)[0].startswith("社区.xlsx: This is no workbook that can be read")
