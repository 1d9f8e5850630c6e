"""Everything that is wrong with a workbook, found in one go, each with sheet, row and column."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from surveys.problems import N_, Problem, Refused
from surveys.questionnaires.definition import SKIPPED
from surveys.questionnaires.expressions import Expression, nodes, parse
from surveys.questionnaires.question_types import EXTERNAL, Kind, kind_of
from surveys.questionnaires.workbook import Row, Sheet

YES = ("yes", "true", "true()", "1")
NO = ("no", "false", "false()", "0", "")
KINDS = ("rate", "index")

# Columns by sheet: those that must be there, those that may, those whose content we refuse.
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
# Columns that a snapshot has beside the questions.
RESERVED = frozenset(
    {
        *("instance_id", "community", "housing", "household", "stream", "mode", "language"),
        *("eligible", "probability", "month", "submitted_at", "version", "weight", "stratum"),
    }
)
LONGEST = {"form_id": 64, "version": 32, "sponsor": 120, "approval_number": 80}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def check(sheets: Mapping[str, Sheet], filename: str) -> None:
    """Refuse a workbook with every problem found in its cells.

    Raises
    ------
    Refused
        In the order of sheets and rows.
    """
    problems = list(_sheet_problems(sheets, filename))
    if "survey" in sheets:
        problems += _Content(sheets).problems()
    if problems:
        raise Refused(*problems)


def _sheet_problems(sheets: Mapping[str, Sheet], filename: str) -> Iterator[Problem]:
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


@dataclass
class _Item:
    """A question of the survey sheet."""

    row: Row
    kind: Kind | None  # None: there is something wrong with its type
    place: int  # among all

    @property
    def is_note(self) -> bool:
        return self.kind is not None and self.kind.type == "note"


@dataclass
class _Content:
    """The checks below the headings; they share what the survey and choices sheets name."""

    sheets: Mapping[str, Sheet]
    items: dict[str, _Item] = field(default_factory=dict)  # questions by name
    codes: dict[str, list[str]] = field(default_factory=dict)  # by list of choices
    several: set[str] = field(default_factory=set)  # lists from which several may be chosen
    found: list[Problem] = field(default_factory=list)

    def problems(self) -> list[Problem]:
        survey, choices, settings, indicators = (
            self.sheets.get(name, Sheet(name)) for name in REQUIRED
        )
        kinds = [self.kind(row) for row in survey.rows]
        self.several = {kind.choices for kind in kinds if kind and kind.type == "select_multiple"}
        survey_problems, self.found = self.found, []
        for row in choices.rows:
            self.choice(row)
        choice_problems, self.found = self.found, survey_problems
        self.names(survey.rows, kinds)
        self.groups(survey.rows, kinds)
        for place, (row, kind) in enumerate(zip(survey.rows, kinds, strict=True)):
            self.unsupported(row)
            if kind and not kind.ends:
                self.question(row, kind, place)
        if not self.items:
            self.add(N_("There is no question."), "survey")
        self.found += choice_problems
        for row in settings.rows[:1]:
            self.settings(row)
        names: set[str] = set()
        for row in indicators.rows:
            self.name(row, names)
            self.indicator(row)
        return self.found

    def add(self, text: str, where: str, **params: object) -> None:
        self.found.append(Problem(text, params, where))

    # --- sheets ---------------------------------------------------------------------------------

    def choice(self, row: Row) -> None:
        self.unsupported(row)
        list_name, code = row["list_name"], row["name"]
        if not list_name:
            self.add(N_("The name of the list is missing."), row.where("list_name"))
        elif not code:
            self.add(N_("The code of this choice is missing."), row.where("name"))
        elif list_name in self.several and len(code.split()) > 1:
            text = N_("The code of a choice that may be chosen with others has no spaces.")
            self.add(text, row.where("name"))
        elif code == SKIPPED:
            text = N_("The code −2 is kept for skipped questions.")
            self.add(text, row.where("name"))
        elif code in self.codes.get(list_name, ()):
            text = N_("The list “%(list)s” has the code “%(code)s” twice.")
            self.add(text, row.where("name"), list=list_name, code=code)
        self.codes.setdefault(list_name, []).append(code)
        self.labels(row, "label", self.languages)

    def kind(self, row: Row) -> Kind | None:
        if not row["type"]:
            self.add(N_("The type of this row is missing."), row.where("type"))
            return None
        try:
            return kind_of(row["type"])
        except Refused as refusal:
            self.found += (replace(one, where=row.where("type")) for one in refusal.problems)
            return None

    def names(self, rows: Iterable[Row], kinds: Iterable[Kind | None]) -> None:
        seen: set[str] = set()
        for place, (row, kind) in enumerate(zip(rows, kinds, strict=True)):
            if row["type"].startswith("end"):
                continue
            self.name(row, seen)
            if row["name"] and not (kind and kind.begins):
                self.items.setdefault(row["name"], _Item(row, kind, place))

    def name(self, row: Row, seen: set[str]) -> None:
        name, where = row["name"], row.where("name")
        if not name:
            self.add(N_("The name is missing."), where)
        elif not _NAME.fullmatch(name):
            text = N_("A name begins with a letter and has letters, digits, “_” and “-” only.")
            self.add(text, where)
        elif name.lower() in seen:
            text = N_("The name “%(name)s” is taken (capitals do not count).")
            self.add(text, where, name=name)
        elif name.lower() in RESERVED and row.sheet.name == "survey":
            text = N_("The name “%(name)s” is kept for the record; take another.")
            self.add(text, where, name=name)
        seen.add(name.lower())

    def groups(self, rows: Iterable[Row], kinds: Iterable[Kind | None]) -> None:
        opened: list[Row] = []
        for row, kind in zip(rows, kinds, strict=True):
            if kind and kind.begins:
                opened.append(row)
            elif kind and kind.ends and opened:
                opened.pop()
            elif kind and kind.ends:
                self.add(N_("No group begins before this end."), row.where("type"))
        for row in opened:
            self.add(N_("This group has no end."), row.where("type"))

    def question(self, row: Row, kind: Kind, place: int) -> None:
        if kind.type or row["label"]:
            self.labels(row, "label", self.languages)
        for column in ("hint", "constraint_message", "required_message"):
            if row[column]:
                self.labels(row, column, row.sheet.languages(column))
        if kind.choices and kind.choices not in self.codes:
            text = N_("There is no list “%(list)s” on the sheet “choices”.")
            self.add(text, row.where("type"), list=kind.choices)
        self.yes_or_no(row, "required")
        self.expression(row, "relevant", before=place)
        self.expression(row, "constraint", before=place + 1, this=row["name"])
        for name in row["freezes"].split():
            if name not in self.items or self.items[name].place >= place:
                text = N_("No question “%(name)s” is asked before this one.")
                self.add(text, row.where("freezes"), name=name)

    def settings(self, row: Row) -> None:
        self.unsupported(row)
        for column, most in LONGEST.items():
            if len(row[column]) > most:
                text = N_("This has %(given)d characters; it may have %(most)d.")
                self.add(text, row.where(column), given=len(row[column]), most=most)
        eligible = self.expression(row, "eligible")
        for name in sorted(eligible.references if eligible else ()):
            item = self.items.get(name)
            if item and item.row["required"].lower() not in YES:
                text = N_("“eligible” depends on %(name)s, which must therefore be required.")
                self.add(text, row.where("eligible"), name=name)
        if row["valid_until"]:
            try:
                dt.date.fromisoformat(row["valid_until"][:10])
            except ValueError:
                text = N_("“%(value)s” is no date; write it as 2026-12-31.")
                self.add(text, row.where("valid_until"), value=row["valid_until"])

    def indicator(self, row: Row) -> None:
        self.labels(row, "label", self.languages)
        self.labels(row, "definition", self.languages)
        self.yes_or_no(row, "headline")
        if row["kind"] not in KINDS:
            self.add(N_("An indicator is a “rate” or an “index”."), row.where("kind"))
        if not row["version"]:
            self.add(N_("The version of the definition is missing."), row.where("version"))
        for column in ("numerator", "base"):
            if not row[column]:
                self.add(N_("The expression is missing."), row.where(column))
        numerator = self.expression(row, "numerator")
        self.expression(row, "base")
        self.points(row, numerator)
        if row["target"]:
            self.target(row)

    # --- cells ----------------------------------------------------------------------------------

    @property
    def default(self) -> str:
        """The language of headings that name none, if the settings name it."""
        rows = self.sheets.get("settings", Sheet("settings")).rows
        return rows[0]["default_language"] if rows else ""

    @property
    def languages(self) -> tuple[str, ...]:
        """The headings' languages in which everything must be said."""
        return self.sheets["survey"].languages("label")

    def unsupported(self, row: Row) -> None:
        for header in row.cells:
            if header.column in UNSUPPORTED[row.sheet.name]:
                text = N_("The column “%(column)s” is not supported yet; leave it empty.")
                self.add(text, row.where(header.column, header.language), column=header.text)

    def labels(self, row: Row, column: str, languages: Iterable[str]) -> None:
        texts = {language or self.default: text for language, text in row.texts(column).items()}
        for language in languages:
            text = texts.get(language or self.default, "")
            if not text and language:
                missing = N_("The text of “%(column)s” is missing in %(language)s.")
                where = row.where(column, language)
                self.add(missing, where, column=column, language=language)
            elif not text:
                self.add(
                    N_("The text of “%(column)s” is missing."), row.where(column), column=column
                )
            elif "${" in text:
                piped = N_("Answers within a text, ${…}, are not supported yet.")
                self.add(piped, row.where(column, language))

    def yes_or_no(self, row: Row, column: str) -> None:
        if row[column].lower() not in YES + NO:
            text = N_("“%(value)s” is neither “yes” nor “no”.")
            self.add(text, row.where(column), value=row[column])

    def expression(
        self, row: Row, column: str, before: int | None = None, this: str = ""
    ) -> Expression | None:
        """Parse a cell and check what it refers to; None if it is empty or faulty."""
        if not row[column]:
            return None
        where = row.where(column)
        try:
            expression = parse(row.formula(column))
        except Refused as refusal:
            self.found += (replace(one, where=where) for one in refusal.problems)
            return None
        for node in nodes(expression.tree):
            match node:
                case ("$", str() as name):
                    self.reference(name, where, before)
                case (".",) if not this:
                    self.add(N_("“.” has a meaning in a constraint only."), where)
                case ("=" | "!=" | "selected", ("$", str() as name), str() as code):
                    self.code(name, code, where)
                case ("=" | "!=" | "selected", (".",), str() as code):
                    self.code(this, code, where)
        return expression

    def reference(self, name: str, where: str, before: int | None) -> None:
        item = self.items.get(name)
        if item is None or item.is_note:
            answered = [other for other, one in self.items.items() if not one.is_note]
            close = difflib.get_close_matches(name, answered, 1)
            text = N_("There is no question ${%(name)s}.")
            if close:
                text = N_("There is no question ${%(name)s}; did you mean ${%(close)s}?")
            self.add(text, where, name=name, close=close[0] if close else "")
        elif before is not None and item.place >= before:
            self.add(N_("${%(name)s} is not asked before this."), where, name=name)

    def code(self, name: str, code: str, where: str) -> None:
        item = self.items.get(name)
        codes = self.codes.get(item.kind.choices, ()) if item and item.kind else ()
        if code and codes and code not in codes:
            text = N_("“%(code)s” is not among the answers to %(name)s.")
            self.add(text, where, code=code, name=name)

    def points(self, row: Row, numerator: Expression | None) -> None:
        where = row.where("points")
        if bool(row["points"]) != (row["kind"] == "index"):
            self.add(N_("Points belong to an index, and an index needs them."), where)
        for pair in row["points"].split():
            code, _, worth = pair.rpartition("=")
            if not code or not _is_number(worth):
                self.add(N_("“%(pair)s” should read like very=100."), where, pair=pair)
            elif numerator and isinstance(numerator.tree, tuple) and numerator.tree[0] == "$":
                self.code(str(numerator.tree[1]), code, where)

    def target(self, row: Row) -> None:
        highest = 1 if row["kind"] == "rate" else 100
        if not _is_number(row["target"]) or not 0 < float(row["target"]) <= highest:
            text = N_("The target is a number above 0, at most %(highest)d (0.85 for 85 %%).")
            self.add(text, row.where("target"), highest=highest)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII) is not None
