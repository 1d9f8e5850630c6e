"""Pages for what went wrong: they say what happened and where to go."""

from __future__ import annotations

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from werkzeug.exceptions import HTTPException, InternalServerError

from webapp.api import problems

EXPLANATIONS = {
    400: (_("This request could not be understood"), _("Please go back and try once more.")),
    403: (
        _("This page is not open to you"),
        _("Your account does not cover it. Ask your administrator."),
    ),
    404: (_("There is no such page"), _("Please check the address, letter by letter.")),
    405: (_("This request could not be understood"), _("Please go back and try once more.")),
    413: (_("That is too large"), _("What was sent is larger than two megabytes.")),
    429: (_("Too many attempts"), _("Please wait a quarter of an hour and try again.")),
    500: (
        _("Something went wrong on our side"),
        _("What was saved is safe. Please try again in a moment."),
    ),
}


def explain(error: HTTPException) -> ResponseReturnValue:
    """Render the page of an error; programs get it as JSON."""
    if request.path.startswith("/api/"):
        return problems.explain(error)
    code = error.code or 500
    title, advice = EXPLANATIONS.get(code, EXPLANATIONS[500 if code >= 500 else 400])
    return render_template("error.html", title=title, advice=advice), code


def install(app: Flask) -> None:
    """Answer every HTTP error with a page of our own."""
    app.register_error_handler(HTTPException, explain)
    app.register_error_handler(InternalServerError, explain)
