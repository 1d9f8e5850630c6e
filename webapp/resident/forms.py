"""One form per page, made from the questionnaire's definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta
from wtforms.widgets import CheckboxInput

from surveys.problems import Problem
from surveys.questionnaires.definition import Question, text_in
from webapp.resident.words import say_plainly

KEYBOARDS = {"integer": "numeric", "decimal": "decimal"}


class PageForm(BaseForm):
    """The questions of one page as fields that show what was answered, and what is wrong with it.

    A ``BaseForm`` keeps its fields in a mapping, so a question may be called "data" or "errors".
    The record alone judges answers (:class:`webapp.resident.entry.Entry`).
    """

    def __init__(self, questions: Iterable[Question], language: str) -> None:
        fields = {question.name: _field(question, language) for question in questions}
        super().__init__(fields, meta=DefaultMeta())

    def fill(self, answers: Mapping[str, str]) -> None:
        """Show what is stored."""
        given = {
            name: answers[name].split() if isinstance(field, SelectMultipleField) else answers[name]
            for name, field in self._fields.items()
            if answers.get(name)
        }
        self.process(data=given)

    def repeat(self, sent: MultiDict[str, str], problems: Mapping[str, Problem]) -> None:
        """Show what was sent, with what is wrong with it."""
        self.process(sent)
        for name in self._fields.keys() & problems.keys():
            self[name].errors = [say_plainly(problems[name])]


def _field(question: Question, language: str) -> Any:
    label = text_in(question.label, language)
    common = {"id": f"answer-{question.name}", "description": text_in(question.hint, language)}
    choices = [SelectChoice(one.name, text_in(one.label, language)) for one in question.choices]
    if question.type == "select_one":
        return RadioField(label, choices=choices, **common)
    if question.type == "select_multiple":
        return SelectMultipleField(label, choices=choices, option_widget=CheckboxInput(), **common)
    if question.type == "text":
        return TextAreaField(label, render_kw={"rows": 4}, **common)
    keyboard = {"inputmode": KEYBOARDS.get(question.type, "text"), "autocomplete": "off"}
    return StringField(label, render_kw=keyboard, **common)
