"""What a phone may ask and send. Errors are JSON too; nobody is redirected to a login."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, NoReturn

from flask import Blueprint, Response, abort, current_app, json, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import HTTPException, InternalServerError, TooManyRequests

from surveys import shapes
from surveys.database import now
from surveys.fieldwork import receiving
from surveys.fieldwork.intake import NotLetIn, Who
from webapp.accounts import person
from webapp.api import bundle, openapi, problems
from webapp.office import office

HEADER = "X-Minyi"
LARGEST = 1024 * 1024  # bytes of one write; an interview of 25 answers has three thousand

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
blueprint.register_error_handler(HTTPException, problems.explain)
blueprint.register_error_handler(InternalServerError, problems.explain)


@dataclass(frozen=True)
class Answer:
    """What became of a write. Only after this may a phone forget it."""

    status: Literal["stored", "repeated", "held"]
    reason: str | None
    server_time: dt.datetime


@blueprint.before_request
def check() -> None:
    """Let in volunteers only; a write must show that no foreign page sent it.

    Who writes is looked up together with the door they write of (see :func:`_receive`).
    """
    who = _who()
    if request.method != "POST":
        if not current_user.is_authenticated:
            _refuse(is_known=False)
        if current_user.role != "volunteer":
            _refuse(is_known=True)
        return
    if seconds := current_app.extensions["api.limit"].wait(who.user_id):
        raise TooManyRequests("Slow down.", retry_after=seconds)
    request.max_content_length = LARGEST
    if request.headers.get(HEADER) != "1":
        abort(403, f"The header {HEADER}: 1 is missing.")
    if request.mimetype != "application/json":
        abort(415, "Send application/json.")


def _who() -> Who:
    """Whom the session says is there."""
    claim = person.claimed(session.get("_user_id", ""))  # where Flask-Login keeps it
    return Who(*claim) if claim else _refuse(is_known=False)


def _refuse(*, is_known: bool) -> NoReturn:
    if is_known:
        abort(403, "Only volunteers may use this.")
    abort(401, "Log in first.")


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """Nothing of this stays in a cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/bundle")
def get_bundle() -> ResponseReturnValue:
    """Everything for a day without signal."""
    with office().database.write() as writing:
        made = bundle.make(writing, office(), current_user)
    return _json(made)


@blueprint.post("/attempts")
def attempts() -> ResponseReturnValue:
    """A visit to an address."""
    return _receive("attempt")


@blueprint.post("/interviews")
def interviews() -> ResponseReturnValue:
    """A sealed interview."""
    return _receive("interview")


@blueprint.post("/shifts")
def shifts() -> ResponseReturnValue:
    """Hours that someone was out."""
    return _receive("shift")


@blueprint.post("/rechecks")
def rechecks() -> ResponseReturnValue:
    """What a household says at a re-check, sealed."""
    return _receive("recheck")


@blueprint.get("/openapi.json")
def get_openapi() -> ResponseReturnValue:
    """What all this is, for programs."""
    return Response(json.dumps(openapi.document()), mimetype="application/json")


def _receive(kind: str) -> Response:
    body = request.get_data(cache=False)
    if len(body) < (request.content_length or 0):  # a phone tries that again, as often as it takes
        abort(408, "The body was cut short on the way.")
    try:
        sent = shapes.parse(body)
    except shapes.Misshapen:
        abort(400, "The body is no JSON; it may have been cut short.")
    if not isinstance(sent, dict):
        abort(400, "The body is no JSON object.")
    try:
        outcome = receiving.receive(office(), _who(), kind, sent, body)
    except NotLetIn as refused:
        _refuse(is_known=refused.is_known)
    return _json(Answer(outcome.status, outcome.reason, now()))  # type: ignore[arg-type]


def _json(shape: object) -> Response:
    return Response(json.dumps(shapes.plain(shape)), mimetype="application/json")
