"""Errors of the API: ``application/problem+json`` (RFC 9457), read by phones and developers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, json
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

MEDIA_TYPE = "application/problem+json"
KEPT = ("Allow", "Retry-After")  # the headers of an error that say more than its status


@dataclass(frozen=True)
class ApiProblem:
    """Why a request was not taken."""

    type: str
    title: str
    status: int
    detail: str


def answer(status: int, detail: str, headers: Any = None) -> Response:
    """The answer that says what was wrong."""
    problem = ApiProblem("about:blank", HTTP_STATUS_CODES.get(status, ""), status, detail)
    response = Response(json.dumps(vars(problem)), status, headers, mimetype=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def explain(error: HTTPException) -> Response:
    """The same for an error that Flask raised."""
    headers = [(name, value) for name, value in error.get_headers() if name in KEPT]
    return answer(error.code or 500, error.description or "", headers)
