"""Reading an XLSForm workbook: a spreadsheet that staff write and other tools read as well.

pyxform decides what the workbook means; the cells themselves are checked first, so that all problems
are reported at once. Beyond XLSForm we know, and other tools ignore:

=====================================  =============================================================
``survey``: ``freezes``                questions whose answers may no longer change once the question
                                       of this row has been shown
``survey``: ``appearance`` = shuffle   of a group: everyone sees its questions in an order of their own
``settings``: ``eligible``             an expression; for whom it does not hold, the questions end
``settings``: ``public_title::…``      the title in further languages
``settings``: ``sponsor``,             printed on every form
``approval_number``, ``valid_until``
``indicators`` (a sheet)               ``name``, ``label::…``, ``kind`` (rate or index),
                                       ``numerator``, ``base``, ``points`` (``very=100 fairly=80``),
                                       ``target``, ``version``, ``headline`` (yes for the figures
                                       shown first), ``definition::…``
=====================================  =============================================================

A group is a page. A group within a group is a page of its own; a question that depends on another of
its own page starts a new page.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from surveys.problems import N_, Problem, Refused
from surveys.questionnaires import workbook
from surveys.questionnaires.definition import (
    Choice,
    Indicator,
    Page,
    Question,
    Questionnaire,
    Text,
    Type,
)
from surveys.questionnaires.expressions import Expression, both, parse
from surveys.questionnaires.workbook import Row, Sheet

# What pyxform calls the types that we support.
TYPES: Mapping[str, Type] = {
    "select one": "select_one",
    "select all that apply": "select_multiple",
    "integer": "integer",
    "text": "text",
    "note": "note",
}
YES = ("yes", "true", "true()", "1")


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
    form = _converted(data, filename)
    return _Maker(sheets, form).questionnaire(data, filename)


def _converted(data: bytes, filename: str) -> Mapping[str, Any]:
    """What pyxform makes of the workbook, once it is sure that it yields an XForm."""
    try:
        form = convert(data, form_name="data")._pyxform
    except PyXFormError as error:
        raise Refused(Problem(N_("%(reason)s"), {"reason": error}, filename)) from None
    assert form is not None  # noqa: S101
    return form


def _language_code(heading: str) -> str:
    """The code of a language as headings name it.

    >>> _language_code("中文 (zh)"), _language_code("English")
    ('zh', 'English')
    """
    code = re.search(r"\(([\w-]+)\)$", heading)
    return code[1] if code else heading


class _Maker:
    """Makes the definition: structure from pyxform, texts from the cells."""

    def __init__(self, sheets: Mapping[str, Sheet], form: Mapping[str, Any]) -> None:
        self.form = form
        self.rows = {
            row["name"]: row for row in sheets["survey"].rows if not row["type"].startswith("end")
        }
        self.choice_rows = {
            (row["list_name"], row["name"]): row
            for row in (sheets["choices"].rows if "choices" in sheets else ())
        }
        self.indicator_rows = sheets["indicators"].rows if "indicators" in sheets else ()
        settings = sheets["settings"].rows if "settings" in sheets else ()
        self.settings = settings[0] if settings else Row("settings", 2, {})
        default = self.settings["default_language"] or "default"
        headings = [
            header.language or default
            for header in sheets["survey"].headers
            if header.column == "label"
        ]
        self.begun: set[str] = set()
        self.default = _language_code(default if default in headings else [*headings, default][0])
        codes = map(_language_code, headings)
        self.languages = tuple(dict.fromkeys([self.default, *codes]))

    def questionnaire(self, data: bytes, filename: str) -> Questionnaire:
        settings, until = self.settings, self.settings["valid_until"]
        name = settings["form_id"] or PurePath(filename).stem
        title = self.text(settings, "public_title") or {}
        return Questionnaire(
            name=name,
            version=settings["version"] or hashlib.sha256(data).hexdigest()[:8],
            title={self.default: settings["form_title"] or name, **title},
            languages=self.languages,
            pages=tuple(self.pages(self.form["children"], None, None)),
            indicators=tuple(map(self.indicator, self.indicator_rows)),
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
        self, children: Sequence[Mapping[str, Any]], group: Row | None, outer: Expression | None
    ) -> Iterator[Page]:
        """The pages of a group's children, or of the survey's."""
        together: list[Question] = []
        for child in children:
            if child["name"] == "meta":
                continue
            row = self.rows[child["name"]]
            if child["type"] == "group":
                yield from self._page(group, together, outer)
                together = []
                inner = both(outer, _expression(row, "relevant"))
                yield from self.pages(child["children"], row, inner)
                continue
            question = self.question(child, row)
            depends = question.relevant.references if question.relevant else frozenset()
            if group is None or not depends.isdisjoint(other.name for other in together):
                yield from self._page(group, together, outer)
                together = []
            together.append(question)
        yield from self._page(group, together, outer)

    def _page(
        self, group: Row | None, questions: Sequence[Question], relevant: Expression | None
    ) -> Iterator[Page]:
        if not questions:
            return
        if group is None:
            yield Page(questions[0].name, None, tuple(questions), relevant)
            return
        shuffle = "shuffle" in group["appearance"].split()
        title = self.text(group, "label")
        first = group["name"] not in self.begun
        self.begun.add(group["name"])
        name = group["name"] if first else questions[0].name
        yield Page(name, title, tuple(questions), relevant, shuffle)

    def question(self, child: Mapping[str, Any], row: Row) -> Question:
        choices = tuple(
            Choice(code, self.text(self.choice_rows[child["list_name"], code], "label") or {})
            for code in (choice["name"] for choice in child.get("choices", ()))
        )
        return Question(
            name=row["name"],
            type=TYPES[child["type"]],
            label=self.text(row, "label") or {},
            hint=self.text(row, "hint"),
            choices=choices,
            required=row["required"].lower() in YES,
            required_message=self.text(row, "required_message"),
            relevant=_expression(row, "relevant"),
            constraint=_expression(row, "constraint"),
            constraint_message=self.text(row, "constraint_message"),
            appearance=row["appearance"],
            freezes=tuple(row["freezes"].split()),
        )

    def indicator(self, row: Row) -> Indicator:
        return Indicator(
            name=row["name"],
            label=self.text(row, "label") or {},
            kind="index" if row["kind"] == "index" else "rate",
            numerator=parse(row["numerator"]),
            base=parse(row["base"]),
            version=row["version"],
            describes=self.text(row, "definition") or {},
            points=points(row["points"]),
            target=float(row["target"]) if row["target"] else None,
            headline=row["headline"].lower() in YES,
        )


def points(text: str) -> Mapping[str, float]:
    """What each code is worth in an index.

    >>> points("very=100 fairly=80")
    {'very': 100.0, 'fairly': 80.0}
    """
    pairs = (pair.rpartition("=") for pair in text.split())
    return {code: float(worth) for code, _, worth in pairs}


def _expression(row: Row, column: str) -> Expression | None:
    return parse(row[column]) if row[column] else None
