"""The door with a lock: logging in, logging out, a password of one's own."""

from __future__ import annotations

import datetime as dt
from copy import deepcopy
from functools import lru_cache
from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from itsdangerous import BadSignature

from webapp.accounts import person
from webapp.accounts.views import blueprint

WORKING_DAY = dt.timedelta(hours=12)  # a session nobody uses for so long is over
# So often its cookie is signed anew: each time would cost a busy phone more than its answers do.
RENEWAL = dt.timedelta(minutes=10)
KNOWN = 1000  # cookies that need not be verified again
RESIDENTS = ("/d/", "/i/", "/s/")  # below these nobody has a session


class Session(SecureCookieSession):
    """A session that knows how long ago its cookie was signed."""

    age = dt.timedelta(0)


class Sessions(SecureCookieSessionInterface):
    """Sessions for those who log in; a resident's page does not even look for a cookie."""

    session_class = Session

    def __init__(self) -> None:
        # A phone shows the same cookie with every write; verifying one costs more than a SELECT.
        self._opened = lru_cache(maxsize=KNOWN)(self._verified)

    def open_session(self, app: Flask, request: Request) -> Session | None:
        """The session of a request, None where there is none to be had."""
        if request.path.startswith(RESIDENTS):
            return None
        cookie = request.cookies.get(self.get_cookie_name(app))
        if not cookie:
            return Session()
        try:
            kept, signed_at = self._opened(app, cookie)
        except BadSignature:
            return Session()
        age = dt.datetime.now(dt.UTC) - signed_at
        if not dt.timedelta(0) <= age <= app.permanent_session_lifetime:
            return Session()
        session = Session(deepcopy(kept))
        session.age = age
        return session

    def _verified(self, app: Flask, cookie: str) -> tuple[dict[str, Any], dt.datetime]:
        """What a cookie says, and since when; BadSignature if it is not ours."""
        signer = self.get_signing_serializer(app)
        if signer is None:
            raise BadSignature("there is nothing to sign with")
        kept, signed_at = signer.loads(cookie, return_timestamp=True)
        return kept, signed_at

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:  # noqa: ARG002
        """Whether the cookie is to be signed anew."""
        is_old = isinstance(session, Session) and session.age > RENEWAL
        return session.modified or (session.permanent and is_old)


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
