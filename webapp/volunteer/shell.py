"""The app as one version: its page, its files and its worker, which keeps them for offline use.

The version is a digest of everything, so that an app that is whole is one version, and a changed
word is another.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from flask import render_template, url_for
from flask_babel import force_locale, gettext

from webapp.assets import asset
from webapp.i18n import set_language

FOLDER = Path(__file__).parents[1] / "static" / "volunteer"
WORKER = "worker.js"


@dataclass(frozen=True)
class Shell:
    """One version of the app.

    Parameters
    ----------
    version : str
        Digest of the page, the files and the worker.
    page : str
        The HTML that loads the files.
    files : dict of str to bytes
        Scripts and styles by name; they stand under ``/volunteer/app/<version>/``.
    worker : str
        The service worker.
    """

    version: str
    page: str
    files: dict[str, bytes]
    worker: str

    @classmethod
    def current(cls) -> Self:
        """The version that this server serves."""
        set_language("zh")
        files = {**_files(), "words.js": _words()}
        template = (FOLDER / WORKER).read_text("utf-8")
        draft = render_template("volunteer/shell.html", version="", styles=asset("minyi.css"))
        parts = [draft.encode(), template.encode(), *(name.encode() for name in files)]
        version = _digest((*parts, *files.values()))
        page = render_template("volunteer/shell.html", version=version, styles=asset("minyi.css"))
        addresses = [asset("minyi.css")] + [
            url_for("volunteer.file", version=version, name=name) for name in files
        ]
        head = f"const VERSION = {json.dumps(version)};\nconst FILES = {json.dumps(addresses)};\n"
        return cls(version, page, files, head + template)


def texts() -> Iterator[str]:
    """The English texts that stand in the scripts, for the reader's language to be put in."""
    for file in sorted(FOLDER.glob("*.js")):
        for _line, words, _comments, _context in extract_from_file(
            "javascript", file, keywords={"_": None, "N_": None, **DEFAULT_KEYWORDS}
        ):
            yield words if isinstance(words, str) else words[0]


@cache
def _files() -> dict[str, bytes]:
    names = sorted([*FOLDER.glob("*.js"), *FOLDER.glob("*.css")])
    return {file.name: file.read_bytes() for file in names if file.name != WORKER}


@cache
def _words() -> bytes:
    with force_locale("zh"):
        said = {text: gettext(text) for text in sorted(set(texts()))}
    lines = json.dumps(said, ensure_ascii=False, indent=0)
    return f"export const CHINESE = {lines};\n".encode()


@cache
def _digest(parts: tuple[bytes, ...]) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
