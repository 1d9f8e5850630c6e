"""The yardstick: a bare Flask view that inserts 2 KB through an SQLAlchemy Core connection."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask, request

from surveys.office import Office
from webapp.config import Settings

TABLE = sa.Table(
    "bare", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("body", sa.Text)
)
BODY = "x" * 2048


def create_app() -> Flask:
    """Make the application on the office that the environment names, with its write queue."""
    settings = Settings.from_environment()
    database = Office.open(settings.data, settings.database_url).database
    app = Flask(__name__)

    @app.post("/")
    def insert() -> tuple[str, int]:
        with database.write_connection() as connection:
            connection.execute(sa.insert(TABLE), {"body": BODY + request.form["number"]})
        return "", 204

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    return app
