"""Everything that is wrong with a workbook, found in one go, each with sheet, row and column."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from surveys.problems import N_, Problem, Refused
from surveys.questionnaires.columns import REQUIRED, UNSUPPORTED, heading_problems
from surveys.questionnaires.definition import SKIPPED
from surveys.questionnaires.expressions import Expression, nodes, parse
from surveys.questionnaires.question_types import Kind, kind_of
from surveys.questionnaires.workbook import Row, Sheet

YES = ("yes", "true", "true()", "1")
NO = ("no", "false", "false()", "0", "")
KINDS = ("rate", "index")

LONGEST = {"form_id": 64, "version": 32, "sponsor": 120, "approval_number": 80}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def check(sheets: Mapping[str, Sheet], filename: str) -> None:
    """Refuse a workbook with every problem found in its cells.

    Raises
    ------
    Refused
        In the order of sheets and rows.
    """
    problems = list(heading_problems(sheets, filename))
    if "survey" in sheets:
        problems += _Content(sheets).problems()
    if problems:
        raise Refused(*problems)


@dataclass(frozen=True)
class _Line:
    """A row of the survey sheet, read."""

    row: Row
    kind: Kind | None  # None: there is something wrong with its type
    place: int  # among all

    @property
    def asks(self) -> bool:
        """Whether there may be an answer to refer to."""
        return self.kind is None or self.kind.type not in (None, "note")


@dataclass
class _Content:
    """The checks below the headings; they share what the survey and choices sheets name."""

    sheets: Mapping[str, Sheet]
    questions: dict[str, _Line] = field(default_factory=dict)  # by name, notes among them
    codes: dict[str, dict[str, Row]] = field(default_factory=dict)  # by list of choices
    several: set[str] = field(default_factory=set)  # lists from which several may be chosen
    found: list[Problem] = field(default_factory=list)

    def problems(self) -> list[Problem]:
        survey, choices, settings, indicators = (
            self.sheets.get(name, Sheet(name)) for name in REQUIRED
        )
        for row in choices.rows:
            self.codes.setdefault(row["list_name"], {}).setdefault(row["name"], row)
        self.survey(survey)
        for row in choices.rows:
            self.choice(row)
        for row in settings.rows[:1]:
            self.settings(row)
        names: set[str] = set()
        for row in indicators.rows:
            self.name(row, names)
            self.indicator(row)
        return self.found

    def survey(self, sheet: Sheet) -> None:
        """Names first, for expressions refer to them; a row without any is a remark."""
        rows = [row for row in sheet.rows if row["type"] or row["name"] or row["label"]]
        lines = [_Line(row, self.kind(row), place) for place, row in enumerate(rows)]
        names: set[str] = set()
        for line in lines:
            if not line.row["type"].startswith("end"):
                self.name(line.row, names)
                if line.kind is None or line.kind.type:
                    self.questions.setdefault(line.row.name, line)
            if line.kind and line.kind.type == "select_multiple":
                self.several.add(line.kind.choices)
        if not self.questions:
            self.add(N_("There is no question."), sheet.name)
        self.groups(lines)
        for line in lines:
            self.unsupported(line.row)
            if line.kind and not line.kind.ends:
                self.question(line.row, line.kind, line.place)

    def add(self, text: str, where: str, **params: object) -> None:
        self.found.append(Problem(text, params, where))

    # --- rows -----------------------------------------------------------------------------------

    def choice(self, row: Row) -> None:
        self.unsupported(row)
        list_name, code = row["list_name"], row["name"]
        where = row.where("name")
        if not list_name:
            self.add(N_("The name of the list is missing."), row.where("list_name"))
        elif not code:
            self.add(N_("The code of this choice is missing."), where)
        elif list_name in self.several and len(code.split()) > 1:
            text = N_("The code of a choice that may be chosen with others has no spaces.")
            self.add(text, where)
        elif code == SKIPPED:
            self.add(N_("The code −2 is kept for skipped questions."), where)
        elif self.codes[list_name][code] is not row:
            text = N_("The list “%(list)s” has the code “%(code)s” twice.")
            self.add(text, where, list=list_name, code=code)
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

    def name(self, row: Row, seen: set[str]) -> None:
        name, where = row.name, row.where("name")
        if not name:
            self.add(N_("The name is missing."), where)
        elif not _NAME.fullmatch(name):
            text = N_("A name begins with a letter and has letters, digits, “_” and “-” only.")
            self.add(text, where)
        elif name.lower() in seen:
            text = N_("The name “%(name)s” is taken (capitals do not count).")
            self.add(text, where, name=name)
        seen.add(name.lower())

    def groups(self, lines: Iterable[_Line]) -> None:
        opened: list[Row] = []
        for line in lines:
            if line.kind and line.kind.begins:
                opened.append(line.row)
            elif line.kind and line.kind.ends and opened:
                opened.pop()
            elif line.kind and line.kind.ends:
                self.add(N_("No group begins before this end."), line.row.where("type"))
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
        self.expression(row, "constraint", before=place + 1, this=row.name)
        for name in row["freezes"].split():
            if name not in self.questions or self.questions[name].place >= place:
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
            line = self.questions.get(name)
            if line and line.row["required"].lower() not in YES:
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
        """A text must be there in every language; one without a language stands for any."""
        texts, headings = row.texts(column), row.sheet.languages(column)
        for language in languages:
            candidates = (language or self.default, language, "")
            heading = next((one for one in candidates if one in headings), language)
            where = row.where(column, heading)
            if "${" in texts.get(heading, ""):
                self.add(N_("Answers within a text, ${…}, are not supported yet."), where)
            elif not texts.get(heading) and heading:
                missing = N_("The text of “%(column)s” is missing in %(language)s.")
                self.add(missing, where, column=column, language=heading)
            elif not texts.get(heading):
                self.add(N_("The text of “%(column)s” is missing."), where, column=column)

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
        line = self.questions.get(name)
        if line is None or not line.asks:
            answered = [other for other, one in self.questions.items() if one.asks]
            close = difflib.get_close_matches(name, answered, 1)
            text = N_("There is no question ${%(name)s}.")
            if close:
                text = N_("There is no question ${%(name)s}; did you mean ${%(close)s}?")
            self.add(text, where, name=name, close=close[0] if close else "")
        elif before is not None and line.place >= before:
            self.add(N_("${%(name)s} is not asked before this."), where, name=name)

    def code(self, name: str, code: str, where: str) -> None:
        """Whether a question is compared with one of its codes: others would never be given."""
        line = self.questions.get(name)
        codes = self.codes.get(line.kind.choices) if line and line.kind else None
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
