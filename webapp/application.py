"""The application that holds every door."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from surveys.office import Office
from surveys.waves import Wave
from webapp import accounts, api, assets, errors, i18n, resident, security, staff, volunteer
from webapp.config import Settings


class Minyi(Flask):
    """The application. Its log names the view, never the address: addresses hold tokens."""

    def log_exception(self, exc_info: Any) -> None:
        self.logger.error("%s on %s", request.method, request.endpoint, exc_info=exc_info)


def create_app(settings: Settings | None = None, office: Office | None = None) -> Minyi:
    """Make the application.

    Parameters
    ----------
    settings : Settings, optional
        Read from the environment by default.
    office : Office, optional
        Opened from the settings by default; tests bring their own.
    """
    settings = settings or Settings.from_environment()
    office = office or Office.open(settings.data, settings.database_url)
    app = Minyi(__name__)
    app.config.update(
        MINYI=settings,
        SECRET_KEY=office.keys.application_secret,
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        SESSION_COOKIE_NAME="minyi",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
    )
    app.extensions["minyi"] = office
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
    security.install(app, https=settings.is_https)
    assets.install(app)
    i18n.install(app)
    errors.install(app)
    for door in (resident, accounts, staff, volunteer, api):
        door.install(app)
    app.add_template_global(lambda: _is_demonstration(office), "is_demonstration")
    app.add_url_rule("/healthz", "healthz", lambda: _health(office))
    return app


def _is_demonstration(office: Office) -> bool:
    with office.database.read_connection() as connection:
        return bool(connection.scalar(sa.select(sa.exists().where(Wave.synthetic))))


def _health(office: Office) -> tuple[str, dict[str, str]]:
    with office.database.read_connection() as connection:
        connection.execute(sa.select(1))
    return "ok\n", {"Content-Type": "text/plain", "Cache-Control": "no-store"}
