"""PDF papers: a Typst template of the house or of the office, filled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

from surveys import printing
from surveys.problems import N_, Problem, Refused


def pdf(template: Path, content: Mapping[str, Any]) -> bytes:
    """Set a paper.

    Raises
    ------
    Refused
        The template has a fault: it says which.
    """
    try:
        return printing.typeset(template, content)
    except typst.TypstError as fault:
        text = N_("The template %(file)s cannot be filled: %(fault)s")
        raise Refused(Problem(text, {"file": template.name, "fault": fault.message})) from fault
