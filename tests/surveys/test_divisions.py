"""Statistical division codes."""

from __future__ import annotations

import pytest

from surveys import divisions


@pytest.mark.parametrize(
    ("code", "where", "levels"),
    [
        ("34", "34", ("province",)),
        ("340000", "34", ("province",)),
        ("3401", "3401", ("city",)),
        ("340100000000", "3401", ("city", "district")),
        ("340111", "340111", ("district",)),
        ("340111001", "340111001", ("township",)),
        ("340111001000", "340111001", ("township",)),
        ("340111001008", "340111001008", ("community",)),
        ("441900003", "441900003", ("township",)),
        ("441900003001", "441900003001", ("community",)),
    ],
)
def test_a_code_says_where_and_of_what_level(
    code: str, where: str, levels: tuple[str, ...]
) -> None:
    assert divisions.significant(code) == where
    assert divisions.levels(code) == levels


@pytest.mark.parametrize("code", ["", "demo-01", "1", "001", "990111", "34011", "340111001008001"])
def test_other_codes_are_an_offices_own(code: str) -> None:
    assert divisions.significant(code) is None
    assert divisions.levels(code) == ()
