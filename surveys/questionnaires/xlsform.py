"""Reading an XLSForm workbook: a spreadsheet that staff write and other tools read as well.

pyxform decides what the workbook means; the cells are checked first, so that all problems are
reported at once. Beyond XLSForm we know, and other tools ignore:

survey
    ``freezes``: questions whose answers may no longer change once the one of this row has been
    shown. ``appearance`` = ``shuffle``, of a group: everyone sees its questions in their own order.
settings
    ``eligible``: an expression; for whom it does not hold, the questions end.
    ``public_title::…``: the title in further languages.
    ``sponsor``, ``approval_number``, ``valid_until``: printed on every form.
indicators (a sheet)
    ``name``, ``label::…``, ``kind`` (rate or index), ``numerator``, ``base``, ``points``
    (``very=100 fairly=80``), ``target``, ``version``, ``headline`` (yes for the figures shown
    first), ``definition::…`` (in plain words).

A group is a page, a group within a group another. A question that depends on a question of its own
page starts a new one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from pyxform.xls2xform import convert

from surveys.problems import N_, Problem, Refused
from surveys.questionnaires import checks, workbook
from surveys.questionnaires.definition import (
    Choice,
    Indicator,
    Page,
    Question,
    Questionnaire,
    Text,
)
from surveys.questionnaires.expressions import Expression, both, parse
from surveys.questionnaires.question_types import TYPES
from surveys.questionnaires.workbook import Row, Sheet


def read(data: bytes, filename: str) -> Questionnaire:
    """The questionnaire that a workbook defines.

    Parameters
    ----------
    data : bytes
        The workbook.
    filename : str
        Its name; it names the questionnaire where the settings do not.

    Raises
    ------
    Refused
        With every problem found, each with its sheet, row and column.
    """
    sheets = workbook.read(data, filename)
    checks.check(sheets, filename)
    return _Maker(sheets).questionnaire(_converted(data, filename), data, filename)


def _converted(data: bytes, filename: str) -> Mapping[str, Any]:
    """What pyxform makes of the workbook, once it has made an XForm of it."""
    try:
        form = convert(data, form_name="data")._pyxform
    except Exception as error:  # it trips over some workbooks instead of refusing them
        text = N_("pyxform cannot make a form of this workbook: %(reason)s")
        raise Refused(Problem(text, {"reason": error}, filename)) from error
    return form or {}


def _language_code(heading: str) -> str:
    """The code of a language as headings name it.

    >>> _language_code("中文 (zh)"), _language_code("English")
    ('zh', 'English')
    """
    code = re.search(r"\(([\w-]+)\)$", heading)
    return code[1] if code else heading


class _Maker:
    """Makes the definition: structure from pyxform, texts from the cells."""

    def __init__(self, sheets: Mapping[str, Sheet]) -> None:
        survey, choices, settings, self.indicators = (
            sheets.get(name, Sheet(name))
            for name in ("survey", "choices", "settings", "indicators")
        )
        self.rows = {row.name: row for row in survey.rows if not row["type"].startswith("end")}
        self.choices = {(row["list_name"], row["name"]): row for row in choices.rows}
        self.settings = settings.rows[0] if settings.rows else Row(settings, 2, {})
        default = self.settings["default_language"] or "default"
        headings = [language or default for language in survey.languages("label")]
        self.default = _language_code(default if default in headings else headings[0])
        self.languages = tuple(dict.fromkeys([self.default, *map(_language_code, headings)]))

    def questionnaire(self, form: Mapping[str, Any], data: bytes, filename: str) -> Questionnaire:
        settings, until = self.settings, self.settings["valid_until"]
        name = settings["form_id"] or PurePath(filename).stem[: checks.LONGEST["form_id"]]
        title = self.text(settings, "public_title") or {}
        return Questionnaire(
            name=name,
            version=settings["version"] or hashlib.sha256(data).hexdigest()[:8],
            title={self.default: settings["form_title"] or name, **title},
            languages=self.languages,
            pages=tuple(self.pages(form["children"], None, None)),
            indicators=tuple(map(self.indicator, self.indicators.rows)),
            eligible=_expression(settings, "eligible"),
            sponsor=settings["sponsor"],
            approval_number=settings["approval_number"],
            valid_until=dt.date.fromisoformat(until[:10]) if until else None,
        )

    def text(self, row: Row, column: str) -> Text | None:
        by_code = {
            _language_code(language) if language else self.default: text
            for language, text in row.texts(column).items()
        }
        return {code: by_code[code] for code in self.languages if code in by_code} or None

    def pages(
        self,
        children: Sequence[Mapping[str, Any]],
        group: Row | None,
        relevant: Expression | None,
    ) -> Iterator[Page]:
        """The pages of a group, or of the survey where there is no group."""
        together: list[Question] = []
        continued = False

        def page() -> Iterator[Page]:
            if together:
                yield self.page(group, tuple(together), relevant, continued)
                together.clear()

        for child in children:
            if child["name"] == "meta":
                continue
            row = self.rows[child["name"]]
            if child["type"] == "group":
                yield from page()
                inner = both(relevant, _expression(row, "relevant"))
                yield from self.pages(child["children"], row, inner)
                continued = True
                continue
            question = self.question(child, row)
            depends = question.relevant.references if question.relevant else frozenset()
            if group is None or not depends.isdisjoint(other.name for other in together):
                yield from page()
                continued = True
            together.append(question)
        yield from page()

    def page(
        self,
        group: Row | None,
        questions: tuple[Question, ...],
        relevant: Expression | None,
        continued: bool,
    ) -> Page:
        if group is None:
            return Page(questions[0].name, None, questions, relevant)
        return Page(
            name=questions[0].name if continued else group["name"],
            title=self.text(group, "label"),
            questions=questions,
            relevant=relevant,
            shuffle="shuffle" in group["appearance"].split(),
        )

    def question(self, child: Mapping[str, Any], row: Row) -> Question:
        codes = [str(choice["name"]) for choice in child.get("choices", ())]
        return Question(
            name=row.name,
            type=TYPES[child["type"]],
            label=self.text(row, "label") or {},
            hint=self.text(row, "hint"),
            choices=tuple(self.choice(child["list_name"], code) for code in codes),
            required=row["required"].lower() in checks.YES,
            required_message=self.text(row, "required_message"),
            relevant=_expression(row, "relevant"),
            constraint=_expression(row, "constraint"),
            constraint_message=self.text(row, "constraint_message"),
            appearance=row["appearance"],
            freezes=tuple(row["freezes"].split()),
        )

    def choice(self, list_name: str, code: str) -> Choice:
        return Choice(code, self.text(self.choices[list_name, code], "label") or {})

    def indicator(self, row: Row) -> Indicator:
        return Indicator(
            name=row["name"],
            label=self.text(row, "label") or {},
            kind="index" if row["kind"] == "index" else "rate",
            numerator=parse(row["numerator"]),
            base=parse(row["base"]),
            version=row["version"],
            describes=self.text(row, "definition") or {},
            points=_points(row["points"]),
            target=float(row["target"]) if row["target"] else None,
            headline=row["headline"].lower() in checks.YES,
        )


def _points(text: str) -> Mapping[str, float]:
    """What each code is worth in an index.

    >>> _points("very=100 fairly=80")
    {'very': 100.0, 'fairly': 80.0}
    """
    pairs = (pair.rpartition("=") for pair in text.split())
    return {code: float(worth) for code, _, worth in pairs}


def _expression(row: Row, column: str) -> Expression | None:
    formula = row.formula(column)
    return parse(formula) if formula else None
