"""``make translations``: gathers the words of every door, and compiles what was translated.

Each door has a catalogue of its own beside its code; what is not one door's (the layout, the
command line, what the record says) is in ``webapp/translations``, and a door does not repeat it.
The files hold no dates and no line numbers, so that they change only when words change.

``python -m tests.support.translations staff`` does one door and leaves the others alone.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
LANGUAGE = "zh"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "DesignError": None,  # the sentence comes first
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}
METHODS = {".py": "python", ".html": "jinja2.ext:babel_extract", ".js": "javascript"}
NO_DATE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # the history says when; a date would only churn


@dataclass(frozen=True)
class Door:
    """One catalogue and where its words stand.

    Parameters
    ----------
    name : str
        What the command line calls it.
    folder : str
        The folder that holds ``translations``.
    sources : tuple of str
        Patterns of the files with its words, from the root.
    """

    name: str
    folder: str
    sources: tuple[str, ...]

    @property
    def po(self) -> Path:
        return ROOT / self.folder / "translations" / LANGUAGE / "LC_MESSAGES" / "messages.po"

    @property
    def mo(self) -> Path:
        return self.po.with_suffix(".mo")

    def files(self) -> Iterator[Path]:
        for pattern in self.sources:
            yield from sorted(ROOT.glob(pattern))


SHARED = Door(
    "shared",
    "webapp",
    (
        "webapp/*.py",
        "webapp/api/*.py",
        "webapp/charts/*.py",
        "webapp/cli/**/*.py",
        "webapp/reports/*.py",
        "webapp/templates/*.html",
        "surveys/**/*.py",
        "analysis/**/*.py",
    ),
)
DOORS = (
    SHARED,
    *(
        Door(
            name,
            f"webapp/{name}",
            (
                f"webapp/{name}/**/*.py",
                f"webapp/{name}/**/*.html",
                f"webapp/templates/{name}/**/*.html",
                f"webapp/static/{name}/*.js",
            ),
        )
        for name in ("accounts", "resident", "staff", "volunteer")
    ),
)


def extract(door: Door) -> Catalog:
    """The words that stand in a door's code and templates now, without those of the shared one."""
    found = _extract(door)
    if door is not SHARED:
        for message in _extract(SHARED):
            if message.id:
                found.delete(message.id, message.context)
    return found


def _extract(door: Door) -> Catalog:
    found = Catalog(locale=LANGUAGE)
    for file in door.files():
        is_template = file.suffix == ".html"
        method = METHODS[file.suffix]
        options = {"silent": "false", "trimmed": "true"} if is_template else {}
        for _line, words, comments, context in extract_from_file(
            method, file, keywords=KEYWORDS, comment_tags=("Translators:",), options=options
        ):
            place = (file.relative_to(ROOT).as_posix(), 1)
            found.add(words, None, [place], auto_comments=comments, context=context)
    return found


def read(door: Door) -> Catalog:
    """A door's catalogue as it lies on disk."""
    if not door.po.exists():
        return Catalog(locale=LANGUAGE)
    with door.po.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def updated(door: Door) -> Catalog:
    """The catalogue on disk with new words added and words no one says any more dropped."""
    catalogue = read(door)
    catalogue.update(extract(door), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.project, catalogue.version = "Minyi", ""
    catalogue.header_comment = f"# Minyi in Chinese: {door.name}."
    catalogue.creation_date = catalogue.revision_date = NO_DATE
    return catalogue


def as_po(catalogue: Catalog) -> bytes:
    """The text of a catalogue, sorted by words."""
    buffer = BytesIO()
    write_po(buffer, catalogue, width=100, sort_output=True, include_lineno=False)
    return buffer.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """What the running application reads."""
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def main(names: list[str]) -> None:
    """Update and compile the doors named, or all; say what was dropped and what is missing."""
    for door in DOORS:
        if names and door.name not in names:
            continue
        before, after = read(door), updated(door)
        if not len(after):
            continue
        door.po.parent.mkdir(parents=True, exist_ok=True)
        door.po.write_bytes(as_po(after))
        door.mo.write_bytes(as_mo(after))
        for message in before:
            if message.id and after.get(message.id, message.context) is None:
                print(f"{door.name}: dropped {message.id!r}, which was {message.string!r}")
        for message in after:
            if message.id and not message.string:
                print(f"{door.name}: to be translated: {message.id!r}")


if __name__ == "__main__":
    main(sys.argv[1:])
