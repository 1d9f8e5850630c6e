"""The server's worker, with less patience than an office has."""

from __future__ import annotations

import sys

from webapp.worker import Worker

SERVE_HURRIED = (
    sys.executable,
    "-c",
    "from webapp.cli.serve import gunicorn;"
    "gunicorn('127.0.0.1', {port}, 2, 4, worker='tests.support.hurried.Hurried')",
)


class Hurried(Worker):
    """Cuts off after two seconds, and the silent after one or two, so that a test sees it."""

    patience = 2.0
    silent = 1
