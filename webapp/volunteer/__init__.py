"""The volunteer door: what there is to do in one's own branch."""

from __future__ import annotations

from flask import Flask

from webapp.volunteer.views import blueprint


def install(app: Flask) -> None:
    """Open this door."""
    app.register_blueprint(blueprint)
