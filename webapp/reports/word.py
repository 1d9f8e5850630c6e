"""Word documents: a template of the house or of the office, filled with Jinja's words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.exceptions import TemplateError
from jinja2.sandbox import SandboxedEnvironment

from surveys.problems import N_, Problem, Refused

_FAULTS = (TemplateError, zipfile.BadZipFile, ValueError, KeyError, OSError)


def fill(template: Path, content: Mapping[str, Any]) -> bytes:
    """Fill a template.

    Raises
    ------
    Refused
        The template names something that there is not, or is no Word document: it says which.
    """
    try:
        document = DocxTemplate(template)
        document.render(dict(content), _environment(), autoescape=True)
        made = io.BytesIO()
        document.save(made)
    except _FAULTS as fault:
        text = N_("The template %(file)s cannot be filled: %(fault)s")
        raise Refused(Problem(text, {"file": template.name, "fault": str(fault)})) from fault
    return made.getvalue()


def _environment() -> SandboxedEnvironment:
    """Templates come from the office: they may name values and nothing else."""
    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
