"""The door with a lock: logging in, logging out, a password of one's own."""

from __future__ import annotations

import datetime as dt

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
RESIDENTS = ("/d/", "/i/", "/s/")  # below these nobody has a session


class Session(SecureCookieSession):
    """A session that knows how long ago its cookie was signed."""

    age = dt.timedelta(0)


class Sessions(SecureCookieSessionInterface):
    """Sessions for those who log in; a resident's page does not even look for a cookie."""

    session_class = Session

    def open_session(self, app: Flask, request: Request) -> Session | None:
        """The session of a request, None where there is none to be had."""
        if request.path.startswith(RESIDENTS):
            return None
        cookie = request.cookies.get(self.get_cookie_name(app))
        signer = self.get_signing_serializer(app)
        if not cookie or signer is None:
            return Session()
        lifetime = app.permanent_session_lifetime.total_seconds()
        try:
            kept, signed_at = signer.loads(cookie, max_age=int(lifetime), return_timestamp=True)
        except BadSignature:
            return Session()
        session = Session(kept)
        session.age = dt.datetime.now(dt.UTC) - signed_at
        return session

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
