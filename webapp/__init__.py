"""The doors: resident, volunteer, staff and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from webapp.application import Minyi, create_app

__all__ = ["Minyi", "create_app"]


def __getattr__(name: str) -> Any:
    """Flask is loaded when the application is asked for: the command line does without it."""
    if name in __all__:
        from webapp import application  # noqa: PLC0415

        return getattr(application, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
