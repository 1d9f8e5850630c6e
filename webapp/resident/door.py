"""The resident door's blueprint: no session, no cookie, no token but the address itself."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, render_template
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from surveys.questionnaires.definition import text_in
from webapp.office import settings
from webapp.resident import preferences, words

FIXED = ("check", "done", "prefer")  # the draft's own addresses


class PageName(BaseConverter):
    """A page of the questionnaire in an address; one that is named like a fixed one gets a tilde.

    >>> PageName({}).to_url("check"), PageName({}).to_python("check~")
    ('check~', 'check')
    """

    def to_python(self, value: str) -> str:
        return value.removesuffix("~")

    def to_url(self, value: Any) -> str:
        return super().to_url(f"{value}~" if value in FIXED else value)


door = Blueprint("resident", __name__)
door.add_app_template_filter(words.day, "day")


@door.context_processor
def speak() -> dict[str, Any]:
    """What the templates of this door need to say things in the reader's language and size."""
    return {
        "elder": g.get("elder", False),
        "switched": preferences.switched,
        "carried": preferences.carried,
        "text_in": text_in,
        "said": words.said,
        "place": words.place,
        "say_plainly": words.say_plainly,
        "public_url": settings().public_url,
    }


@door.after_request
def keep_private(response: Response) -> Response:
    """What a resident sees stays in the resident's window: its address is the key to it."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@door.errorhandler(NotFound)
def lost(_error: NotFound) -> tuple[str, int]:
    """An address that opens no draft: mistyped, or of a draft deleted since."""
    title = _("We do not know this address")
    advice = _("Please open the slip's address once more, or enter the code from the slip here.")
    template = "resident/dead_end.html"
    return render_template(template, title=title, advice=advice, enter_code=True), 404
