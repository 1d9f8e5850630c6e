"""The staff door's blueprint: its lock, and the words its pages share."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from webapp.accounts.guard import guard

blueprint = Blueprint("staff", __name__, url_prefix="/staff")
guard(blueprint, "admin", "staff")

users = Blueprint("users", __name__, url_prefix="/staff/users")
guard(users, "admin")

visits = Blueprint("visits", __name__, url_prefix="/visits")
guard(visits, "admin", "staff", "volunteer")


def sections() -> list[tuple[str, str, bool]]:
    """The parts of the door: address, name, whether the page at hand belongs to it."""
    parts = [
        ("staff.newest_results", _("Results"), ("/staff/results", "/staff/areas")),
        ("staff.waves", _("Waves"), ("/staff/waves", "/visits")),
        ("staff.frame", _("Address list"), ("/staff/frame",)),
        ("staff.campaigns", _("Campaigns"), ("/staff/campaigns",)),
        ("staff.service", _("Service record"), ("/staff/service",)),
    ]
    if current_user.is_admin:
        parts.append(("users.every", _("Users"), ("/staff/users",)))
    return [(url_for(end), name, request.path.startswith(below)) for end, name, below in parts]
