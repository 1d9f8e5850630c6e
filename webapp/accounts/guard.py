"""Who may enter which door: said once for a blueprint, and it holds for each of its pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.i18n import LANGUAGES, language, set_language


def guard(blueprint: Blueprint, *roles: str) -> None:
    """Let in only people with one of the roles, and give the blueprint's pages their frame.

    Parameters
    ----------
    blueprint : Blueprint
        Every route of it is guarded, also one that is added later.
    *roles : str
        ``admin``, ``staff``, ``volunteer``; none at all means that the blueprint asks nobody.
    """

    def check() -> ResponseReturnValue | None:
        if current_user.is_authenticated:
            return None if current_user.role in roles else abort(403)
        asked = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("accounts.login", next=asked))

    blueprint.before_request(_speak)
    if roles:
        blueprint.before_request(check)
    blueprint.context_processor(_frame)
    blueprint.after_request(_keep_private)


def _speak() -> None:
    """Use the language of the session; ``?lang=`` changes it."""
    chosen = request.args.get("lang")
    if chosen in LANGUAGES:
        session["language"] = chosen
    set_language(session.get("language"))


def _keep_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _frame() -> dict[str, Any]:
    return {
        "current_user": current_user,
        "home_url": url_for(current_user.home) if current_user.is_authenticated else "/",
        "other_language_url": _other_language_url(),
    }


def _other_language_url() -> str:
    """This very page in the other language. What url_for would take for orders is left out."""
    other = next(code for code in LANGUAGES if code != language())
    asked = {
        name: value
        for name, value in request.args.items()
        if name != "endpoint" and not name.startswith("_")
    }
    values = asked | (request.view_args or {}) | {"lang": other}
    return url_for(request.endpoint or "accounts.login", **values)
