"""Everything wrong with a workbook is said at once, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.workbooks import (
    CHOICES,
    INDICATORS,
    SURVEY,
    Rows,
    problems,
    single,
    workbook,
)

ONE = single(("integer", "age", "Age?"))


def survey_problems(*rows: Sequence[object], columns: Sequence[str] | None = None) -> list[str]:
    headings = columns or ("type", "name", "label", "relevant", "constraint", "required")
    choices = [["list_name", "name", "label"], ["yn", "yes", "Yes"], ["yn", "no", "No"]]
    return problems(workbook(single(*rows, columns=headings), choices, settings=None))


def indicator_problems(**changes: object) -> list[str]:
    names = [str(heading).partition(":")[0] for heading in INDICATORS[0]]
    row = list(INDICATORS[1])
    for name, value in changes.items():
        row[names.index(name)] = value
    return problems(workbook(indicators=(INDICATORS[0], row)))


# --- files and sheets ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04 not really", b"name,label\n", b"\xd0\xcf\x11\xe0"]
)
def test_a_file_that_is_no_workbook_is_refused(data: bytes) -> None:
    (problem,) = problems(data)
    assert problem.startswith("trial.xlsx: This is no workbook that can be read")


def test_an_enormous_file_is_refused_unread() -> None:
    (problem,) = problems(b"PK" + b"\0" * 5_000_000)
    assert "at most 5000000" in problem


def test_a_missing_survey_sheet_is_named() -> None:
    assert problems(workbook(None, **{"surveys": ONE})) == [
        "trial.xlsx: There is no sheet named “survey”.",
        "surveys: This sheet would be ignored; did you mean “survey”?",
    ]


def test_a_sheet_whose_name_is_nearly_right_is_not_passed_over() -> None:
    assert "indicator: This sheet would be ignored; did you mean “indicators”?" in problems(
        workbook(**{"indicator": INDICATORS})
    )


def test_sheets_that_are_not_supported_are_named() -> None:
    rows: Rows = (("list_name", "name"), ("towns", "x"))
    (problem,) = problems(workbook(external_choices=rows))
    assert problem.startswith("external_choices: Lists in external files are not supported")


def test_missing_columns_are_named() -> None:
    assert problems(workbook((("type", "name"), ("integer", "age")), None, None))[:1] == [
        "survey!1: There is no column “label”.",
    ]


def test_headings_that_are_doubled_merged_misspelt_or_missing_are_named() -> None:
    survey = (
        ("type", "name", "label", "label", "relevent", None, "merged", None),
        ("integer", "age", "Age?", "Again?", None, "stray"),
    )
    assert problems(workbook(survey, None, None, merged=["G1:H1"])) == [
        "survey!D1: There are several columns “label”.",
        "survey!E1: The column “relevent” would be ignored; did you mean “relevant”?",
        "survey!G1: Headings are merged; give each column its own.",
        "survey!F2: This column has content but no heading.",
    ]


# --- rows ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("image", "“image” is not supported: photos, recordings and files are no answers."),
        ("geopoint", "“geopoint” is not supported: locations are never recorded."),
        ("start-geopoint", "“start-geopoint” is not supported: locations are never recorded."),
        ("deviceid", "“deviceid” is not supported: answers do not say who gave them."),
        (
            "select_one_from_file towns.csv",
            "Lists in external files are not supported; put the choices on the sheet “choices”.",
        ),
        ("calculate", "“calculate” is not supported yet."),
        ("select_one yn or_other", "“select_one yn or_other” is not supported yet."),
        ("begin_repeat", "“begin_repeat” is not supported yet."),
        ("select_one", "“select_one” needs the name of its list of choices."),
        ("select_one towns", "There is no list “towns” on the sheet “choices”."),
        ("Integer", "There is no question type “Integer”; did you mean “integer”?"),
        ("selct_one yn", "There is no question type “selct_one yn”; did you mean “select_one”?"),
        ("frobnicate", "There is no question type “frobnicate”."),
        (None, "The type of this row is missing."),
    ],
)
def test_a_type_that_cannot_be_is_refused_with_the_reason(kind: str | None, problem: str) -> None:
    assert survey_problems((kind, "a", "A?")) == [f"survey!A2 (type): {problem}"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (None, "The name is missing."),
        ("1st", "A name begins with a letter and has letters, digits, “_” and “-” only."),
        ("年龄", "A name begins with a letter and has letters, digits, “_” and “-” only."),
        ("AGE", "The name “AGE” is taken (capitals do not count)."),
    ],
)
def test_a_name_that_cannot_be_is_refused(name: str | None, problem: str) -> None:
    found = survey_problems(("integer", "age", "Age?"), ("integer", name, "B?"))
    assert found == [f"survey!B3 (name): {problem}"]


@pytest.mark.parametrize(
    ("column", "text", "problem"),
    [
        ("D", "${agee} > 3", "There is no question ${agee}; did you mean ${age}?"),
        ("D", "${height} > 3", "There is no question ${height}."),
        ("D", "${hello} = ''", "There is no question ${hello}."),
        ("D", "${own} = 'yes'", "${own} is not asked before this."),
        ("D", "${late} = 'yes'", "${late} is not asked before this."),
        ("D", "${early} = 'yess'", "“yess” is not among the answers to early."),
        ("D", "selected(${early}, 'maybe')", "“maybe” is not among the answers to early."),
        ("D", "${early} =", "Character 11: something is missing at the end."),
        ("D", ". = 'yes'", "“.” has a meaning in a constraint only."),
        ("E", ". = 'maybe'", "“maybe” is not among the answers to own."),
        ("E", "${late} = 'yes'", "${late} is not asked before this."),
        ("E", "frob(.)", "Character 1: there is no function frob()."),
    ],
)
def test_an_expression_that_cannot_be_is_refused(column: str, text: str, problem: str) -> None:
    relevant, constraint = (text, None) if column == "D" else (None, text)
    found = survey_problems(
        ("integer", "age", "Age?"),
        ("note", "hello", "Hello."),
        ("select_one yn", "early", "Early?"),
        ("select_one yn", "own", "Own?", relevant, constraint),
        ("select_one yn", "late", "Late?"),
    )
    heading = {"D": "relevant", "E": "constraint"}[column]
    assert found == [f"survey!{column}5 ({heading}): {problem}"]


def test_groups_that_do_not_pair_are_refused() -> None:
    found = survey_problems(
        ("integer", "a", "A?"), ("end_group",), ("begin_group", "g", "G"), ("integer", "b", "B?")
    )
    assert found == [
        "survey!A3 (type): No group begins before this end.",
        "survey!A4 (type): This group has no end.",
    ]


def test_columns_that_are_not_supported_are_refused_where_they_are_filled() -> None:
    found = survey_problems(
        ("integer", "a", "A?", None, "5"),
        ("integer", "b", "B?", "photo.jpg", None),
        columns=("type", "name", "label", "media::image", "default"),
    )
    assert found == [
        "survey!E2 (default): The column “default” is not supported yet; leave it empty.",
        "survey!D3 (media::image): The column “media::image” is not supported yet; leave it empty.",
    ]


def test_a_text_that_repeats_an_answer_is_refused() -> None:
    found = survey_problems(("integer", "a", "A?"), ("integer", "b", "You said ${a}?"))
    assert found == ["survey!C3 (label): Answers within a text, ${…}, are not supported yet."]


def test_a_required_that_is_neither_yes_nor_no_is_refused() -> None:
    found = survey_problems(("integer", "a", "A?", None, None, "${b} = 1"))
    assert found == ["survey!F2 (required): “${b} = 1” is neither “yes” nor “no”."]


def test_a_label_missing_in_a_language_is_named() -> None:
    survey = (*SURVEY, ("integer", "more", "还有？", None), ("note", "bye"))
    choices = (*CHOICES, ("yes_no", "maybe", None, "Maybe"))
    assert problems(workbook(survey, choices)) == [
        "survey!D4 (label::English (en)): The text of “label” is missing in English (en).",
        "survey!C5 (label::中文 (zh)): The text of “label” is missing in 中文 (zh).",
        "survey!D5 (label::English (en)): The text of “label” is missing in English (en).",
        "choices!C4 (label::中文 (zh)): The text of “label” is missing in 中文 (zh).",
    ]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("yn", "yes", "Again"), "choices!B4 (name): The list “yn” has the code “yes” twice."),
        (("yn", None, "None"), "choices!B4 (name): The code of this choice is missing."),
        ((None, "a", "A"), "choices!A4 (list_name): The name of the list is missing."),
        (("yn", "-2", "Skip"), "choices!B4 (name): The code −2 is kept for skipped questions."),
        (("yn", "a b", "A B"),
         "choices!B4 (name): The code of a choice that may be chosen with others has no spaces."),
    ],
)  # fmt: skip
def test_a_choice_that_cannot_be_is_refused(row: Sequence[object], problem: str) -> None:
    survey = single(("select_multiple yn", "a", "A?"))
    choices = (("list_name", "name", "label"), ("yn", "yes", "Yes"), ("yn", "no", "No"), row)
    assert problems(workbook(survey, choices, None)) == [problem]


# --- settings and indicators --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "value", "problem"),
    [
        ("eligible", "${adlt} = 'yes'", "There is no question ${adlt}; did you mean ${adult}?"),
        ("eligible", "${years} > 1",
         "“eligible” depends on years, which must therefore be required."),
        ("valid_until", "next year", "“next year” is no date; write it as 2026-12-31."),
        ("version", "v" * 33, "This has 33 characters; it may have 32."),
        ("public_key", "abc", "The column “public_key” is not supported yet; leave it empty."),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused(setting: str, value: str, problem: str) -> None:
    settings = (("form_title", "default_language", setting), ("试卷", "中文 (zh)", value))
    assert problems(workbook(settings=settings)) == [f"settings!C2 ({setting}): {problem}"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"kind": "share"}, "D2 (kind): An indicator is a “rate” or an “index”."),
        ({"numerator": None}, "E2 (numerator): The expression is missing."),
        ({"numerator": "${yeers} > 1"},
         "E2 (numerator): There is no question ${yeers}; did you mean ${years}?"),
        ({"base": "${adult} = 'oui'"}, "F2 (base): “oui” is not among the answers to adult."),
        ({"points": "yes=100"}, "G2 (points): Points belong to an index, and an index needs them."),
        ({"target": 85},
         "H2 (target): The target is a number above 0, at most 1 (0.85 for 85 %)."),
        ({"version": None}, "I2 (version): The version of the definition is missing."),
        ({"headline": "first"}, "J2 (headline): “first” is neither “yes” nor “no”."),
        ({"kind": "index", "numerator": "${adult}", "points": "yes=100 oui=0 no"},
         "G2 (points): “oui” is not among the answers to adult."),
    ],
)  # fmt: skip
def test_an_indicator_that_cannot_be_is_refused(changes: dict[str, Any], problem: str) -> None:
    assert indicator_problems(**changes)[0] == f"indicators!{problem}"


def test_an_indicator_without_its_definition_in_words_is_refused() -> None:
    rows = (INDICATORS[0], INDICATORS[1][:-1])
    assert problems(workbook(indicators=rows)) == [
        "indicators!L2 (definition::English (en)): The text of “definition” is missing in "
        "English (en).",
    ]


# --- all at once --------------------------------------------------------------------------------


def test_all_problems_of_all_sheets_are_reported_at_once() -> None:
    survey = (
        (*SURVEY[0], "hint"),
        *SURVEY[1:],
        ("geopoint", "where", "哪里？", "Where?"),
        ("integer", "years", "几年？", "Years?", None, "${adult} = 'ja'"),
    )
    choices = (*CHOICES, ("yes_no", "no", "否", "No"))
    indicators = (*INDICATORS, ("other", "别的", "Other", "rate", "true(", "true()"))
    found = problems(workbook(survey, choices, indicators=indicators))
    assert [problem.partition(" ")[0] for problem in found] == [
        *("survey!A4", "survey!B5", "survey!F5", "choices!B4"),
        *("indicators!K3", "indicators!L3", "indicators!I3", "indicators!E3"),
    ]
