"""XLSForm workbooks made for a test."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO

import pytest
from openpyxl import Workbook

from surveys.problems import Refused
from surveys.questionnaires import xlsform
from surveys.questionnaires.definition import Questionnaire

Rows = Sequence[Sequence[object]]

SURVEY: Rows = (
    ("type", "name", "label::中文 (zh)", "label::English (en)", "required", "relevant"),
    ("select_one yes_no", "adult", "您满18岁吗？", "Are you 18 or over?", "yes", None),
    ("integer", "years", "您住了几年？", "How many years here?", None, "${adult} = 'yes'"),
)
CHOICES: Rows = (
    ("list_name", "name", "label::中文 (zh)", "label::English (en)"),
    ("yes_no", "yes", "是", "Yes"),
    ("yes_no", "no", "否", "No"),
)
SETTINGS: Rows = (
    ("form_title", "form_id", "version", "default_language", "eligible"),
    ("试卷", "trial", "1", "中文 (zh)", "${adult} = 'yes'"),
)
INDICATORS: Rows = (
    (
        *("name", "label::中文 (zh)", "label::English (en)", "kind", "numerator", "base"),
        *("points", "target", "version", "headline", "definition::中文 (zh)"),
        "definition::English (en)",
    ),
    (
        *("settled", "久居率", "Settled", "rate", "${years} >= 10", "${years} != ''"),
        *(None, 0.85, "1", "yes", "住满十年的比例。", "The share of ten years and more."),
    ),
)


def table(*sheets: Rows, merged: Iterable[str] = ()) -> BytesIO:
    """An .xlsx file with these sheets, 表1, 表2 …; ranges are merged on the first."""
    book, file = Workbook(), BytesIO()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(row)
    for cells in merged:
        book.worksheets[0].merge_cells(cells)
    book.save(file)
    file.seek(0)
    return file


def workbook(
    survey: Rows | None = SURVEY,
    choices: Rows | None = CHOICES,
    settings: Rows | None = SETTINGS,
    indicators: Rows | None = None,
    merged: Iterable[str] = (),
    **others: Rows,
) -> bytes:
    """The bytes of an .xlsx file with these sheets; None leaves one out.

    Parameters
    ----------
    survey, choices, settings, indicators : rows, the headings first
    merged : iterable of str
        Ranges to merge on the survey sheet, ``"C1:D1"``.
    **others : rows
        Further sheets by name.
    """
    book = Workbook()
    book.remove(book.active)
    named = {"survey": survey, "choices": choices, "settings": settings, "indicators": indicators}
    for name, rows in {**named, **others}.items():
        if rows is not None:
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(list(row))
    for cells in merged:
        book["survey"].merge_cells(cells)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def questionnaire(
    survey: Rows = SURVEY, choices: Rows | None = CHOICES, **others: Rows | None
) -> Questionnaire:
    """The questionnaire that such a workbook defines."""
    return xlsform.read(workbook(survey, choices, **others), "trial.xlsx")


def single(*rows: Sequence[object], columns: Sequence[str] = ("type", "name", "label")) -> Rows:
    """A survey sheet in one language."""
    return (columns, *rows)


def problems(data: bytes) -> list[str]:
    """Everything that is said about a workbook, in English."""
    with pytest.raises(Refused) as refused:
        xlsform.read(data, "trial.xlsx")
    return [str(problem) for problem in refused.value.problems]
