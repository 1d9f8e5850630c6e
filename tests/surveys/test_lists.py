"""Lists that offices send."""

from __future__ import annotations

import io

import pytest

from surveys import lists
from surveys.lists import Column
from surveys.problems import Refused

COLUMNS = (Column("place", ("社区",)), Column("note", ("备注",), required=False))


def read(text: str, encoding: str = "utf-8") -> list[lists.Row]:
    return lists.read(io.BytesIO(text.encode(encoding)), COLUMNS)


def test_headings_are_chinese_or_english_with_or_without_a_byte_order_mark() -> None:
    for text in ("place\neast\n", "社区\neast\n", "\ufeff社区\neast\n", " Place \neast\n"):
        assert read(text)[0]["place"] == "east"


def test_a_column_that_may_be_missing_is_empty() -> None:
    assert read("place\neast\n")[0]["note"] == ""


def test_other_columns_and_blank_lines_are_left_alone() -> None:
    rows = read("序号,社区\n1,east\n,\n\n3,west\n")
    assert [(row.line, row["place"]) for row in rows] == [(2, "east"), (5, "west")]


def test_a_cell_may_hold_a_comma_and_a_line_break() -> None:
    rows = read('place,note\neast,"a, b\nc"\nwest,d\n')
    assert [(row.line, row["note"]) for row in rows] == [(3, "a, b\nc"), (4, "d")]


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("社区\neast\n", "gb18030", "This is no UTF-8 text"),
        ("", "utf-8", "The list is empty"),
        ("地点\neast\n", "utf-8", "There is no column place / 社区"),
        ('place\n"east', "utf-8", "Line 2 cannot be read as CSV"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, encoding: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        read(text, encoding)
