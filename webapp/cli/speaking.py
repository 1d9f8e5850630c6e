"""What the command line says: in the reader's language, in columns that stand straight."""

from __future__ import annotations

import gettext
import json
import os
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

import click

from surveys.problems import N_, Problem, Refused

CATALOGUES = Path(__file__).parents[1] / "translations"
VARIABLES = ("MINYI_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


def language(environ: Mapping[str, str] = os.environ) -> str:
    """The reader's language: ``MINYI_LANG``, else the system's; English unless it is Chinese.

    >>> language({"LANG": "zh_CN.UTF-8"}), language({"MINYI_LANG": "en", "LANG": "zh_CN.UTF-8"})
    ('zh', 'en')
    """
    said = next((environ[name] for name in VARIABLES if environ.get(name)), "")
    return "zh" if said.lower().startswith("zh") else "en"


def _(text: str, **params: object) -> str:
    """A text in the reader's language."""
    said = _catalogue(language()).gettext(text)
    return said % params if params else said


def say(problem: Problem) -> str:
    """A problem in the reader's language."""
    return problem.said(_, language())


def in_language(problem: Problem, language: str) -> str:
    """A problem in a language that need not be the reader's."""
    return problem.said(_catalogue(language).gettext, language)


class Refusal(click.ClickException):
    """Something about the data or the request cannot be; exit status 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Say so in the reader's language."""
        click.echo(_("Error: %(said)s", said=self.message), file=file, err=True)


def columns(rows: Iterable[Sequence[object]]) -> str:
    """Rows as a table; a Chinese character takes the room of two.

    >>> print(columns([("demo-01", "东村", 12), ("demo-2", "East", 3)]))
    demo-01  东村  12
    demo-2   East  3
    """
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    lines = (
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        )
        for row in cells
    )
    return "\n".join(line.rstrip() for line in lines)


def setting(text: str, option: str) -> tuple[str, object]:
    """NAME=VALUE of an option, the value as JSON has it or else as text.

    >>> setting("trim=4", "--set"), setting("nonresponse=propensity", "--set")
    (('trim', 4), ('nonresponse', 'propensity'))
    """
    name, equals, value = text.partition("=")
    if not equals:
        odd = N_("“%(text)s” is no setting; write trim=4.")
        raise Refused(Problem(odd, {"text": text}, option))
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("messages", CATALOGUES, [language], fallback=True)
