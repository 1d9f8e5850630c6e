"""The volunteer door: an app that works at the door without signal.

The page and its files hold nobody's data, so they ask nobody; what they show comes from the API,
which does ask.
"""

from __future__ import annotations

from flask import Flask

from webapp.volunteer.views import blueprint


def install(app: Flask) -> None:
    """Open this door."""
    app.register_blueprint(blueprint)
