"""The door with a lock: logging in, logging out, a password of one's own."""

from __future__ import annotations

import datetime as dt

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager
from flask_wtf import CSRFProtect

from webapp.accounts import person
from webapp.accounts.views import blueprint

WORKING_DAY = dt.timedelta(hours=12)  # a session nobody uses for so long is over
RESIDENTS = ("/d/", "/i/", "/s/")  # below these nobody has a session


class Sessions(SecureCookieSessionInterface):
    """Sessions for those who log in; a resident's page does not even look for a cookie."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of a request, None where there is none to be had."""
        return None if request.path.startswith(RESIDENTS) else super().open_session(app, request)


def install(app: Flask) -> None:
    """Open this door. Every form behind it carries a token; residents have no session to steal."""
    app.config.update(
        PERMANENT_SESSION_LIFETIME=WORKING_DAY,
        WTF_CSRF_TIME_LIMIT=None,  # a form left open over lunch still counts; the session ends it
    )
    app.session_interface = Sessions()
    csrf = CSRFProtect(app)
    csrf.exempt(app.blueprints["resident"])
    manager = LoginManager()
    manager.user_loader(person.find)
    manager.login_view = "accounts.login"
    manager.login_message = None  # the login page speaks for itself
    # Not init_app, which would open the session on every page, the residents' too.
    app.login_manager = manager  # type: ignore[attr-defined]
    app.register_blueprint(blueprint)
