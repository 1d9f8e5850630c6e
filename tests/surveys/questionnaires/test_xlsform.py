"""Workbooks: what their cells mean."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from openpyxl import load_workbook

from surveys.questionnaires import xlsform
from tests.support.workbooks import (
    INDICATORS,
    SETTINGS,
    Rows,
    problems,
    questionnaire,
    single,
    workbook,
)

ONE = single(("integer", "age", "Age?"))


def test_a_small_workbook_becomes_a_questionnaire() -> None:
    trial = questionnaire(indicators=INDICATORS)
    assert (trial.name, trial.version, trial.title) == ("trial", "1", {"zh": "试卷"})
    assert trial.languages == ("zh", "en")
    assert trial.question("adult").choice("no").label == {"zh": "否", "en": "No"}
    assert str(trial.question("years").relevant) == "${adult} = 'yes'"
    assert trial.indicator("settled").target == 0.85
    assert trial.indicator("settled").describes["zh"] == "住满十年的比例。"


def test_the_default_language_comes_first() -> None:
    settings = (SETTINGS[0], ("试卷", "trial", "1", "English (en)", None))
    assert questionnaire(settings=settings).languages == ("en", "zh")


def test_a_workbook_in_one_unnamed_language_is_understood() -> None:
    trial = questionnaire(ONE, None, settings=None)
    assert (trial.name, trial.title) == ("trial", {"default": "trial"})
    assert trial.question("age").label == {"default": "Age?"}


def test_without_a_version_the_content_is_the_version() -> None:
    one, other = (
        questionnaire(single(("integer", "age", label)), None, settings=None).version
        for label in ("Age?", "Your age?")
    )
    assert one != other
    assert len(one) == len(other) == 8


def test_settings_carry_who_set_the_survey() -> None:
    settings: Rows = (
        (*SETTINGS[0], "sponsor", "approval_number", "valid_until"),
        (*SETTINGS[1], "文明办", "备2026-1", dt.date(2026, 12, 31)),
    )
    trial = questionnaire(settings=settings)
    assert (trial.sponsor, trial.approval_number) == ("文明办", "备2026-1")
    assert trial.valid_until == dt.date(2026, 12, 31)


def test_chinese_quotation_marks_in_texts_stay_as_they_are() -> None:
    trial = questionnaire(single(("integer", "age", "“年龄”？")), None, settings=None)
    assert trial.question("age").label == {"default": "“年龄”？"}


def test_other_spellings_of_columns_and_types_are_understood() -> None:
    trial = questionnaire(
        (
            ("Type", "name", "label: English (en)", "relevance", "hint", "bind:jr:requiredMsg"),
            ("select one from yn", "a", "A?", None, None),
            ("begin group", "g", "G", "TRUE", None),
            ("int", "b", "B?", "${a} = ‘yes’", None, "Answer."),
            ("end group",),
        ),
        (("list name", "value", "label: English (en)"), ("yn", "yes", "Yes"), ("yn", 1, "One")),
        settings=None,
    )
    assert trial.question("a").codes == ("yes", "1")
    assert trial.question("b").type == "integer"
    assert str(trial.page("g").relevant) == "true()"
    assert trial.question("b").required_message == {"en": "Answer."}
    assert trial.languages == ("en",)


def test_remarks_and_notes_without_a_name_do_no_harm() -> None:
    columns = ("type", "name", "label", "remark")
    rows = (("note", None, "Hello."), (None, None, None, "ask Li"), ("integer", "age", "Age?"))
    trial = questionnaire(single(*rows, columns=columns), None, settings=None)
    assert list(trial.questions) == ["generated_note_name_2", "age"]


def test_a_text_without_a_language_stands_for_every_one() -> None:
    choices = (
        ("list_name", "name", "label"),
        ("yes_no", "yes", "是 Yes"),
        ("yes_no", "no", "否 No"),
    )
    trial = questionnaire(choices=choices)
    assert trial.question("adult").choice("yes").label == {"zh": "是 Yes"}


def test_a_question_may_freeze_earlier_ones() -> None:
    trial = questionnaire(
        single(
            ("integer", "a", "A?"),
            ("integer", "b", "B?", "a"),
            columns=("type", "name", "label", "freezes"),
        ),
        None,
        settings=None,
    )
    assert trial.question("b").freezes == ("a",)


def test_what_only_pyxform_stumbles_over_is_a_problem_and_no_crash() -> None:
    settings = ((*SETTINGS[0], "form_title::English (en)"), (*SETTINGS[1], "Trial"))
    (problem,) = problems(workbook(settings=settings))
    assert problem.startswith("trial.xlsx: pyxform cannot make a form of this workbook: ")


def test_a_workbook_saved_by_an_office_program_keeps_its_meaning(tmp_path: Path) -> None:
    """Saving again changes every byte but not what is asked."""
    file = tmp_path / "again.xlsx"
    file.write_bytes(workbook(indicators=INDICATORS))
    load_workbook(file).save(file)
    assert xlsform.read(file.read_bytes(), "trial.xlsx") == questionnaire(indicators=INDICATORS)


def test_a_workbook_in_the_old_format_is_read_as_well() -> None:
    old = Path(__file__).with_name("trial.xls")
    assert xlsform.read(old.read_bytes(), old.name) == questionnaire()
