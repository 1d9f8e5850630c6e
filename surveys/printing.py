"""Printing: a Typst template and its content become a PDF or a picture.

The font comes with the package, so that a server without Chinese fonts prints the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import typst

FONTS = Path(__file__).with_name("fonts")
SIGNS = "·—–−▼◐〇"  # GB 2312 lacks them, or has them at another place than Unicode


def typeset(
    template: Path, content: Mapping[str, Any], form: Literal["pdf", "png", "svg"] = "pdf"
) -> bytes:
    """Set a template.

    Parameters
    ----------
    template : Path
        A ``.typ`` file, which reads ``json(bytes(sys.inputs.content))``; what it imports lies
        beside it.
    content : mapping
        What JSON can hold.

    Notes
    -----
    A character that the font lacks (see :func:`unprintable`) is taken from the machine's own fonts
    if they have it.
    """
    text = json.dumps(content, ensure_ascii=False)
    made = typst.compile(
        template,
        sys_inputs={"content": text},
        font_paths=[FONTS],
        ignore_system_fonts=not unprintable(text),
        format=form,
    )
    return made if isinstance(made, bytes) else made[0]


def unprintable(text: str) -> str:
    """The characters of a text that the font does not have, each once.

    It has those of GB 2312: 6,763 Chinese characters and the usual signs.

    >>> unprintable("河口路3号"), unprintable("龑垚小区")
    ('', '龑垚')
    """
    return "".join(sign for sign in dict.fromkeys(text) if not _has(sign))


def _has(sign: str) -> bool:
    if sign in SIGNS:
        return True
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return sign.isprintable() or sign in "\u3000\n"
