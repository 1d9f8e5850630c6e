"""The staff door: run waves, read weighted rates, print slips and posters, keep accounts."""

from __future__ import annotations

from flask import Flask

from webapp.staff import (  # noqa: F401  (their routes)
    codes,
    door,
    fieldwork,
    paper,
    reading,
    sampling,
    users,
    waves,
    words,
)


def install(app: Flask) -> None:
    """Open this door."""
    app.register_blueprint(door.blueprint)
    app.register_blueprint(door.users)
    app.register_blueprint(door.visits)
    app.register_blueprint(reading.public.open_to_all)
    app.add_template_global(door.sections)
    app.add_template_global(fieldwork.held.sealing_fault)
    app.jinja_env.globals["words"] = words
