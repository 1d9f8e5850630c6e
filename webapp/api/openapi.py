"""The OpenAPI 3.1 document, made of the very classes that the requests are checked by."""

from __future__ import annotations

import functools
from importlib.metadata import version
from typing import Any

from surveys import shapes
from surveys.fieldwork.messages import (
    AttemptUpload,
    Confirmed,
    InterviewUpload,
    RecheckUpload,
    ShiftUpload,
    Unsealed,
)
from surveys.fieldwork.uploads import REASONS
from webapp.api.bundle import Bundle
from webapp.api.problems import MEDIA_TYPE, ApiProblem

ABOUT = """\
For the volunteers' phones. Log in at `/login`; the session cookie opens this API to volunteers.

Every write carries an `id` that the phone made (a UUID) and may be sent again, with the same bytes,
until an answer comes: it is stored once. What was stored before is answered `repeated`. What cannot
count is `held` for staff, whole, and answered so again: `conflict` (other bytes came under this id
before), `invalid`, `unknown` (no such address was sent out), `unassigned` (never this volunteer's),
`sealed` (does not open), `late` (the wave is not open), `second` (the household has answered, or
somebody else has made the re-check). In
all three cases the phone may forget the write. After 5xx, 429, 408, 401 or no answer at all it must
not.
A write that is JSON is never refused for its content.
"""
SEALED = "base64 of epk ‖ iv ‖ AES-256-GCM ciphertext and tag; unsealed it is "
FAULTS = {
    "400": "The body is no JSON object; it may have been cut short: send it again.",
    "401": "Nobody is logged in.",
    "403": "Not a volunteer, or the header X-Minyi is missing.",
    "408": "The body was cut short on the way, or came too slowly: send the same bytes again.",
    "413": "More than a megabyte.",
    "415": "Not application/json.",
    "429": "Hundreds of writes at once; send the same bytes again after so many seconds.",
    "500": "A fault of the server; send the same bytes again.",
}
READ_FAULTS = ("401", "403", "500")


@functools.cache
def document() -> dict[str, Any]:
    """The document as JSON."""
    from webapp.api.views import Answer  # noqa: PLC0415  (the views serve this document)

    answer = shapes.schema(Answer)
    answer["properties"]["reason"] = {"enum": [None, *REASONS]}
    interview = shapes.schema(InterviewUpload)
    interview["properties"]["sealed"]["description"] = SEALED + "an Unsealed as JSON."
    again = shapes.schema(RecheckUpload)
    again["properties"]["sealed"]["description"] = SEALED + "a Confirmed as JSON."
    components = {
        "AttemptUpload": shapes.schema(AttemptUpload),
        "InterviewUpload": interview,
        "ShiftUpload": shapes.schema(ShiftUpload),
        "Unsealed": shapes.schema(Unsealed),
        "RecheckUpload": again,
        "Confirmed": shapes.schema(Confirmed),
        "Answer": answer,
        "Bundle": shapes.schema(Bundle),
        "Problem": shapes.schema(ApiProblem),
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Minyi", "version": version("minyi"), "description": ABOUT},
        "servers": [{"url": "/api/v1"}],
        "security": [{"session": []}],
        "paths": {
            "/bundle": {"get": _reading("getBundle", "A day's work.", _refer("Bundle"))},
            "/openapi.json": {"get": _reading("getOpenapi", "This document.", {"type": "object"})},
            "/attempts": {"post": _writing("postAttempt", "A visit.", "AttemptUpload")},
            "/interviews": {"post": _writing("postInterview", "An interview.", "InterviewUpload")},
            "/shifts": {"post": _writing("postShift", "Hours on duty.", "ShiftUpload")},
            "/rechecks": {"post": _writing("postRecheck", "A re-check.", "RecheckUpload")},
        },
        "components": {
            "schemas": components,
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "minyi"}},
        },
    }


def _reading(name: str, summary: str, schema: dict[str, Any]) -> dict[str, Any]:
    faults = {status: _fault(status) for status in READ_FAULTS}
    return {
        "operationId": name,
        "summary": summary,
        "responses": {"200": _content("It is this.", schema), **faults},
    }


def _writing(name: str, summary: str, shape: str) -> dict[str, Any]:
    header = {"name": "X-Minyi", "in": "header", "required": True, "schema": {"const": "1"}}
    return {
        "operationId": name,
        "summary": summary,
        "parameters": [header],
        "requestBody": {"required": True, **_json(_refer(shape))},
        "responses": {
            "200": _content("The office holds it.", _refer("Answer")),
            **{status: _fault(status) for status in FAULTS},
        },
    }


def _fault(status: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": _refer("Problem")}}
    wait = {"Retry-After": {"required": True, "schema": {"type": "integer"}}}
    headers = {"headers": wait} if status == "429" else {}
    return {"description": FAULTS[status], "content": content, **headers}


def _content(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, **_json(schema)}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _refer(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
