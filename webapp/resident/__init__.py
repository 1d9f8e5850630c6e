"""The resident door: phone pages that need no account, no cookie and no JavaScript."""

from __future__ import annotations

from flask import Flask

from webapp.resident import answering, entrance, finishing  # noqa: F401  (they hang their views)
from webapp.resident.door import PageName, door


def install(app: Flask) -> None:
    """Open this door."""
    app.url_map.converters["page"] = PageName
    app.register_blueprint(door)
