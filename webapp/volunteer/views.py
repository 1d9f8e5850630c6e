"""The app's page, its files, its service worker and its manifest."""

from __future__ import annotations

import gzip
import json
from functools import cache

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import force_locale, gettext

from webapp.assets import YEAR, asset
from webapp.security import POLICY
from webapp.volunteer.shell import Shell

blueprint = Blueprint("volunteer", __name__, url_prefix="/volunteer")
SCRIPT, STYLE = "text/javascript; charset=utf-8", "text/css; charset=utf-8"


@blueprint.after_request
def _allow_worker_and_manifest(response: Response) -> Response:
    policy = f"{POLICY}; worker-src 'self'; manifest-src 'self'"
    response.headers["Content-Security-Policy"] = policy
    return response


@blueprint.get("/")
def home() -> Response:
    """The page that every screen is shown in; the same for everyone."""
    return _answer(Shell.current().page.encode(), "text/html; charset=utf-8", 0)


@blueprint.get("/app/<version>/<name>")
def file(version: str, name: str) -> Response:
    """A file of the present version; one of another version is gone."""
    shell = Shell.current()
    content = shell.files.get(name)
    if content is None or version != shell.version:
        abort(404)
    return _answer(content, SCRIPT if name.endswith(".js") else STYLE, YEAR)


@blueprint.get("/sw.js")
def worker() -> Response:
    """The service worker; its scope is the folder it is served from."""
    return _answer(Shell.current().worker.encode(), SCRIPT, 0)


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """What a browser needs to put the app on the home screen."""
    with force_locale("zh"):
        name, short = gettext("Minyi door to door"), gettext("Minyi")
    icons = [
        {"src": asset(f"volunteer/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    described = {
        "name": name,
        "short_name": short,
        "lang": "zh-CN",
        "start_url": url_for(".home"),
        "scope": url_for(".home"),
        "display": "standalone",
        "background_color": "#f6f4ef",
        "theme_color": "#0b5c6b",
        "icons": icons,
    }
    text = json.dumps(described, ensure_ascii=False)
    return _answer(text.encode(), "application/manifest+json", 0)


def _answer(content: bytes, kind: str, seconds: int) -> Response:
    response = Response(content, content_type=kind)
    if request.accept_encodings.quality("gzip"):
        response.set_data(_compressed(content))
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    lasting = f"public, max-age={seconds}, immutable"
    response.headers["Cache-Control"] = lasting if seconds else "no-cache"
    return response


@cache
def _compressed(content: bytes) -> bytes:
    return gzip.compress(content, 9)
