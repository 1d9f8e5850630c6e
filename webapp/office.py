"""The office that the running application belongs to: its data, its database, its keys."""

from __future__ import annotations

from typing import cast

from flask import current_app

from surveys.office import Office
from webapp.config import Settings


def office() -> Office:
    """The office of the application at work."""
    return cast("Office", current_app.extensions["minyi"])


def settings() -> Settings:
    """The settings of the application at work."""
    return cast("Settings", current_app.config["MINYI"])
