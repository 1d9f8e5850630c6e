"""A door."""

from __future__ import annotations

from flask import Flask


def install(app: Flask) -> None:
    """Open this door."""
