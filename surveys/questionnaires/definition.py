"""What a questionnaire is: pages of questions in order, and the indicators made of the answers.

A definition is made once, from a workbook, and never changes; everything here is frozen and goes to
JSON and back without loss.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

from surveys.questionnaires.expressions import Expression

# A text by language ("zh", "en"); the questionnaire's default language comes first.
Text: TypeAlias = Mapping[str, str]
Type: TypeAlias = Literal["select_one", "select_multiple", "integer", "text", "note"]

REFUSED, SKIPPED, NOT_APPLICABLE = "-1", "-2", "-3"
MISSING = frozenset({REFUSED, SKIPPED, NOT_APPLICABLE})


def text_in(text: Text | None, language: str) -> str:
    """A text in a language, or in the default language where there is no translation.

    >>> text_in({"zh": "性别", "en": "Sex"}, "en"), text_in({"zh": "性别"}, "en")
    ('Sex', '性别')
    """
    if not text:
        return ""
    return text.get(language) or next(iter(text.values()))


@dataclass(frozen=True)
class Choice:
    """An answer to choose; ``name`` is the code that is stored."""

    name: str
    label: Text


@dataclass(frozen=True)
class Question:
    """A question, or a note, which asks nothing."""

    name: str
    type: Type
    label: Text
    hint: Text | None = None
    choices: tuple[Choice, ...] = ()
    required: bool = False
    required_message: Text | None = None
    relevant: Expression | None = None
    constraint: Expression | None = None
    constraint_message: Text | None = None
    appearance: str = ""
    # Questions whose answers may no longer change once this one has been shown.
    freezes: tuple[str, ...] = ()

    @property
    def asks(self) -> bool:
        return self.type != "note"

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes that may be chosen, in order."""
        return tuple(choice.name for choice in self.choices)

    def choice(self, code: str) -> Choice:
        """The choice of a code (KeyError if there is none)."""
        for choice in self.choices:
            if choice.name == code:
                return choice
        raise KeyError(code)


@dataclass(frozen=True)
class Page:
    """What is shown at once: a question standing alone, or a group under its title."""

    name: str
    title: Text | None
    questions: tuple[Question, ...]
    relevant: Expression | None = None
    shuffle: bool = False

    @cached_property
    def is_conditional(self) -> bool:
        """Whether one of its questions is not asked of everyone who sees the page."""
        return any(question.relevant is not None for question in self.questions)


@dataclass(frozen=True)
class Indicator:
    """A figure's definition (口径): which answers count, which are in the base, which version.

    A rate counts the rows of ``base`` where ``numerator`` holds; an index averages, over ``base``,
    the points of the code that ``numerator`` yields.
    """

    name: str
    label: Text
    kind: Literal["rate", "index"]
    numerator: Expression
    base: Expression
    version: str
    describes: Text
    points: Mapping[str, float] = field(default_factory=dict)
    target: float | None = None
    headline: bool = False


@dataclass(frozen=True)
class Questionnaire:
    """A questionnaire in one version."""

    name: str
    version: str
    title: Text
    languages: tuple[str, ...]  # the default language first
    pages: tuple[Page, ...]
    indicators: tuple[Indicator, ...] = ()
    eligible: Expression | None = None  # None: everyone is
    sponsor: str = ""
    approval_number: str = ""
    valid_until: dt.date | None = None

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Every question by name, notes included, in the order of the workbook."""
        return {question.name: question for page in self.pages for question in page.questions}

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Where each page stands among all, by name."""
        return {page.name: place for place, page in enumerate(self.pages)}

    @cached_property
    def screening(self) -> frozenset[str]:
        """The questions that decide who is eligible."""
        return self.eligible.references if self.eligible else frozenset()

    @cached_property
    def screening_pages(self) -> tuple[tuple[Page, ...], tuple[Page, ...]]:
        """The pages up to the last that decides who is eligible, and those after it."""
        end = 0
        for place, page in enumerate(self.pages, start=1):
            if any(question.name in self.screening for question in page.questions):
                end = place
        return self.pages[:end], self.pages[end:]

    def question(self, name: str) -> Question:
        """The question of a name (KeyError if there is none)."""
        return self.questions[name]

    def page(self, name: str) -> Page:
        """The page of a name (KeyError if there is none)."""
        return self.pages[self.place[name]]

    def indicator(self, name: str) -> Indicator:
        """The indicator of a name (KeyError if there is none)."""
        for indicator in self.indicators:
            if indicator.name == name:
                return indicator
        raise KeyError(name)

    def to_json(self) -> dict[str, Any]:
        """The definition as ``json.dumps`` takes it; empty fields are left out."""
        return dict(_plain(self))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Questionnaire:
        """The definition that :meth:`to_json` wrote, from a store that may reorder objects."""
        return _Reader(stored["languages"]).questionnaire(stored)


def _plain(value: Any) -> Any:
    if isinstance(value, Expression):
        return value.to_json()
    if is_dataclass(value):
        items = ((one.name, getattr(value, one.name)) for one in fields(value))
        return {name: _plain(item) for name, item in items if item not in (None, "", (), False)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


@dataclass(frozen=True)
class _Reader:
    """Makes the parts of a definition from JSON; texts regain the order of the languages."""

    languages: Sequence[str]

    def text(self, stored: Mapping[str, str] | None) -> Text | None:
        if stored is None:
            return None
        return {language: stored[language] for language in self.languages if language in stored}

    @staticmethod
    def expression(stored: object) -> Expression | None:
        return None if stored is None else Expression.from_json(stored)

    def questionnaire(self, stored: Mapping[str, Any]) -> Questionnaire:
        until = stored.get("valid_until")
        return Questionnaire(
            name=stored["name"],
            version=stored["version"],
            title=self.text(stored["title"]) or {},
            languages=tuple(self.languages),
            pages=tuple(map(self.page, stored["pages"])),
            indicators=tuple(map(self.indicator, stored.get("indicators", ()))),
            eligible=self.expression(stored.get("eligible")),
            sponsor=stored.get("sponsor", ""),
            approval_number=stored.get("approval_number", ""),
            valid_until=dt.date.fromisoformat(until) if until else None,
        )

    def page(self, stored: Mapping[str, Any]) -> Page:
        return Page(
            name=stored["name"],
            title=self.text(stored.get("title")),
            questions=tuple(map(self.question, stored["questions"])),
            relevant=self.expression(stored.get("relevant")),
            shuffle=stored.get("shuffle", False),
        )

    def question(self, stored: Mapping[str, Any]) -> Question:
        return Question(
            name=stored["name"],
            type=stored["type"],
            label=self.text(stored["label"]) or {},
            hint=self.text(stored.get("hint")),
            choices=tuple(
                Choice(choice["name"], self.text(choice["label"]) or {})
                for choice in stored.get("choices", ())
            ),
            required=stored.get("required", False),
            required_message=self.text(stored.get("required_message")),
            relevant=self.expression(stored.get("relevant")),
            constraint=self.expression(stored.get("constraint")),
            constraint_message=self.text(stored.get("constraint_message")),
            appearance=stored.get("appearance", ""),
            freezes=tuple(stored.get("freezes", ())),
        )

    def indicator(self, stored: Mapping[str, Any]) -> Indicator:
        return Indicator(
            name=stored["name"],
            label=self.text(stored["label"]) or {},
            kind=stored["kind"],
            numerator=Expression.from_json(stored["numerator"]),
            base=Expression.from_json(stored["base"]),
            version=stored["version"],
            describes=self.text(stored["describes"]) or {},
            points=stored.get("points", {}),
            target=stored.get("target"),
            headline=stored.get("headline", False),
        )
