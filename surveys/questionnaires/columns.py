"""The sheets and columns of a workbook: those we read, those we refuse, those nobody would read."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from surveys.problems import N_, Problem
from surveys.questionnaires.question_types import EXTERNAL
from surveys.questionnaires.workbook import Sheet

# By sheet: the columns that must be there, those that may, those whose content we refuse.
REQUIRED = {
    "survey": ("type", "name", "label"),
    "choices": ("list_name", "name", "label"),
    "settings": (),
    "indicators": ("name", "label", "kind", "numerator", "base", "version", "definition"),
}
OPTIONAL = {
    "survey": (
        *("hint", "required", "required_message", "relevant", "constraint"),
        *("constraint_message", "appearance", "freezes", "read_only"),
    ),
    "choices": (),
    "settings": (
        *("form_title", "form_id", "version", "default_language", "eligible", "public_title"),
        *("sponsor", "approval_number", "valid_until"),
    ),
    "indicators": ("points", "target", "headline"),
}
UNSUPPORTED = {
    "survey": (
        *("guidance_hint", "default", "calculation", "choice_filter", "trigger", "repeat_count"),
        *("parameters", "image", "big-image", "audio", "video", "media", "autoplay", "intent"),
        *("body", "bind", "instance", "save_to"),
    ),
    "choices": ("image", "big-image", "audio", "video", "media"),
    "settings": ("public_key", "submission_url"),
    "indicators": (),
}
UNSUPPORTED_SHEETS = {"external_choices": EXTERNAL, "entities": "", "osm": ""}


def heading_problems(sheets: Mapping[str, Sheet], filename: str) -> Iterator[Problem]:
    """What is wrong with sheets and headings; a misspelt one is not passed over in silence."""
    if "survey" not in sheets:
        yield Problem(N_("There is no sheet named “survey”."), where=filename)
    for name, sheet in sheets.items():
        if name in REQUIRED:
            yield from _header_problems(sheet)
        elif name in UNSUPPORTED_SHEETS and sheet.rows:
            reason = UNSUPPORTED_SHEETS[name] or N_("This sheet is not supported.")
            yield Problem(reason, where=name)
        else:
            for close in difflib.get_close_matches(name, REQUIRED.keys() - sheets.keys(), 1, 0.8):
                yield Problem(
                    N_("This sheet would be ignored; did you mean “%(close)s”?"),
                    {"close": close},
                    name,
                )


def _header_problems(sheet: Sheet) -> Iterator[Problem]:
    columns = {header.column for header in sheet.headers}
    known = {*REQUIRED[sheet.name], *OPTIONAL[sheet.name], *UNSUPPORTED[sheet.name]}
    for column in REQUIRED[sheet.name]:
        if column not in columns and sheet.grid:
            text = N_("There is no column “%(column)s”.")
            yield Problem(text, {"column": column}, f"{sheet.name}!1")
    seen: set[tuple[str, str]] = set()
    for header in sheet.headers:
        where = sheet.where(header.place)
        if (header.column, header.language) in seen:
            text = N_("There are several columns “%(column)s”.")
            yield Problem(text, {"column": header.text}, where)
        seen.add((header.column, header.language))
        if header.column not in known:
            for close in difflib.get_close_matches(header.column, known - columns, 1, 0.8):
                text = N_("The column “%(column)s” would be ignored; did you mean “%(close)s”?")
                yield Problem(text, {"column": header.text, "close": close}, where)
    for place in sheet.merged:
        yield Problem(
            N_("Headings are merged; give each column its own."), where=sheet.where(place)
        )
    named = {header.place for header in sheet.headers} | set(sheet.merged)
    for number, cells in enumerate(sheet.grid[1:], start=2):
        for place, cell in enumerate(cells):
            if cell and place not in named:
                named.add(place)
                text = N_("This column has content but no heading.")
                yield Problem(text, where=sheet.where(place, number))
