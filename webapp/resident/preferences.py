"""Language and large text: in the address before there is a draft, in the draft afterwards."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for

from surveys import drafts
from webapp.i18n import LANGUAGES, language, set_language
from webapp.office import office

SWITCH = "@prefer"  # the name of the buttons; no question can have it


def read_address() -> None:
    """Follow ``?lang=en&elder=1``."""
    set_language(request.args.get("lang"))
    g.elder = request.args.get("elder") == "1"


def carried(**changes: str) -> dict[str, Any]:
    """The arguments of an address that keeps the present choices, but for the changes."""
    usual = {"lang": "zh", "elder": "0"}
    chosen: dict[str, Any] = {"lang": language(), "elder": "1" if g.get("elder") else "0"} | changes
    return {name: value for name, value in chosen.items() if value != usual[name]}


def switched(**changes: str) -> str:
    """This page's own address with another choice."""
    return url_for(request.endpoint or "", **(request.view_args or {}), **carried(**changes))


def keep(draft: drafts.OpenDraft) -> None:
    """Store what a switch asks for (``language=en``, ``elder=1``), and follow it at once."""
    name, _, value = request.form.get(SWITCH, "").partition("=")
    if name == "language" and value in LANGUAGES:
        set_language(value)
    elif name == "elder":
        g.elder = value == "1"
    with office().database.write_connection() as connection:
        drafts.prefer(connection, draft, language=language(), elder=g.elder)
