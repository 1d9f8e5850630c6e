"""The door of the volunteers' phones: JSON under ``/api/v1``, described by an OpenAPI document."""

from __future__ import annotations

from flask import Flask

from webapp.api.limit import Limit
from webapp.api.views import blueprint


def install(app: Flask) -> None:
    """Open this door.

    Its writes carry no token: they are JSON with a header of their own, which no form of a foreign
    page can send, and a foreign script may not.
    """
    app.extensions["api.limit"] = Limit()
    app.register_blueprint(blueprint)
    app.extensions["csrf"].exempt(blueprint)
