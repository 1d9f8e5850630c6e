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

from surveys.questionnaires.answers import Answers, check_page
from surveys.questionnaires.definition import Page, Question, text_in
from webapp.resident.visit import Visit
from webapp.resident.words import say_plainly

VERSION = "@version"  # no question can have this name
KEYBOARDS = {"integer": "numeric", "decimal": "decimal"}


class PageForm(BaseForm):
    """The questions of one page as fields, and in ``values`` what they say once checked.

    A ``BaseForm`` keeps its fields in a mapping, so a question may be called "data" or "errors".
    The record alone judges answers (:func:`check_page`); the form carries its verdict to the
    fields.
    """

    def __init__(self, page: Page, questions: Iterable[Question], language: str) -> None:
        fields = {question.name: _field(question, language) for question in questions}
        super().__init__(fields, meta=DefaultMeta())
        self.page = page
        self.values: Answers = {}

    def fill(self, answers: Mapping[str, str]) -> None:
        """Show what is stored."""
        given = {
            name: answers[name].split() if isinstance(field, SelectMultipleField) else answers[name]
            for name, field in self._fields.items()
            if answers.get(name)
        }
        self.process(data=given)

    def check(self, visit: Visit, sent: MultiDict[str, str]) -> bool:
        """Judge what was sent; whether all of it may be stored."""
        self.process(sent)
        self._version = sent.get(VERSION, type=int)
        raw = {name: sent.getlist(name) for name in self._fields}
        values, problems = check_page(visit.questionnaire, self.page, raw, visit.draft.answers)
        notes = {question.name: "" for question in visit.asked(self.page) if not question.asks}
        self.values = notes | {name: values[name] for name in self._fields if name in values}
        for name in self._fields.keys() & problems.keys():
            self[name].errors = [say_plainly(problems[name])]
        return not self.errors

    def seen_version(self, visit: Visit) -> int:
        """The version of the draft the page was shown from."""
        return visit.draft.version if self._version is None else self._version

    def leave_untouched(self, visit: Visit) -> None:
        """Keep only what was really answered: no page is passed by switching the language."""
        stored = visit.draft.answers
        self.values = {n: value for n, value in self.values.items() if value or n in stored}

    def overlook_problems(self) -> None:
        """Show what was typed without a word about what is wrong with it."""
        for field in self:
            field.errors = ()


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
