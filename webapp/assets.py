"""Static files under addresses that change with their content, so that browsers may keep them."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for

COMPRESSIBLE = (
    "text/html",
    "text/css",
    "text/javascript",
    "application/javascript",
    "image/svg+xml",
)
SMALLEST = 1_000  # below this a compressed answer saves nothing
YEAR = 365 * 24 * 3600


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def asset(filename: str) -> str:
    """The address of a static file, with the digest of its content."""
    folder = Path(__file__).parent / "static"
    return url_for("static", filename=filename, v=_digest(folder / filename))


@cache
def _compressed_file(path: str, digest: str) -> bytes:  # noqa: ARG001  (the digest is the key)
    return gzip.compress((Path(__file__).parent / "static" / path).read_bytes(), 9)


def _compress(response: Response) -> Response:
    """Compress what is worth it: static files once, pages without a form token as they go.

    A page that holds a secret beside what someone typed must not be compressed (its length would
    tell), so the doors with sessions are left alone.
    """
    if response.status_code != 200 or response.mimetype not in COMPRESSIBLE:
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings.quality("gzip") or "Content-Encoding" in response.headers:
        return response
    if request.endpoint == "static":
        filename = (request.view_args or {})["filename"]
        digest = _digest(Path(__file__).parent / "static" / filename)
        body = _compressed_file(filename, digest)
        response.direct_passthrough = False
        close = getattr(response.response, "close", None)  # the file itself is not sent
        if close:
            close()
    elif request.blueprint == "resident" and not response.is_streamed:
        body = response.get_data()
        if len(body) < SMALLEST:
            return response
        body = gzip.compress(body, 6)
    else:
        return response
    response.set_data(body)
    response.headers["Content-Encoding"] = "gzip"
    return response


def install(app: Flask) -> None:
    """Offer ``asset`` to the templates and compress answers."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = YEAR
    app.add_template_global(asset)
    app.after_request(_compress)
