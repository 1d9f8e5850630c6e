"""``minyi migrate``, ``minyi serve`` and ``minyi run``: the server and its first start."""

from __future__ import annotations

import os
import sys

import click
import sqlalchemy as sa

from surveys.office import Office
from surveys.people import User, add_user
from surveys.waves import Wave
from webapp.config import Settings

HOST = "127.0.0.1"
WORKERS, THREADS = 2, 8  # measured: docs/benchmarks.md
DEMONSTRATION = {  # what residents of the demonstration are told; an office sets its own
    "MINYI_CONTACT": "演示街道文明办（演示数据，无电话）",
    "MINYI_RETENTION": "12",
}


def _open(settings: Settings) -> Office:
    office = Office.open(settings.data, settings.database_url)
    office.migrate()
    return office


@click.command()
def migrate() -> None:
    """Bring the database to the present schema."""
    _open(Settings.from_environment())


@click.command()
@click.option("--host", default=HOST, show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="PORT", help="Port to listen on.")
@click.option("--workers", default=WORKERS, show_default=True, help="Processes.")
@click.option("--threads", default=THREADS, show_default=True, help="Threads in each process.")
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Run the production server (behind a proxy that speaks HTTPS)."""
    _open(Settings.from_environment())
    gunicorn(host, port, workers, threads)


@click.command()
@click.option("--port", default=8000, show_default=True, envvar="PORT", help="Port to listen on.")
def run(port: int) -> None:
    """Try Minyi: make the demonstration township if the database is empty, then serve it."""
    from surveys import demonstration
    from webapp.cli.demo import build_with_progress

    os.environ.setdefault("MINYI_PUBLIC_URL", f"http://{HOST}:{port}")
    settings = Settings.from_environment()
    office = _open(settings)
    with office.database.read() as session:
        is_new = not session.scalar(sa.select(sa.exists(sa.select(Wave.id))))
        is_real = session.scalar(sa.select(sa.exists().where(Wave.synthetic.is_(False))))
        is_unfinished = demonstration.is_unfinished(session)  # someone stopped the first start
        administrators = sa.select(User.id).where(User.role == "admin")
        has_people = session.scalar(sa.select(sa.exists(administrators)))
    if is_new or is_unfinished:
        build_with_progress(office)
    if not is_real:
        for name, value in DEMONSTRATION.items():
            os.environ.setdefault(name, value)
    password = None if has_people else _first_administrator(office)
    click.echo(f"\nResidents   {settings.public_url}/\nStaff       {settings.public_url}/staff/")
    if password:
        click.echo(f"\nAdministrator  admin\nPassword       {password}    (shown this once)\n")
    else:
        click.echo("\nForgotten the password? .venv/bin/minyi user reset-password admin\n")
    sys.stdout.flush()
    gunicorn(HOST, port)


def _first_administrator(office: Office) -> str:
    with office.database.write() as session:
        _, password = add_user(session, "admin", "admin", None, actor="minyi run")
    return password


def gunicorn(
    host: str,
    port: int,
    workers: int = WORKERS,
    threads: int = THREADS,
    *,
    app: str = "webapp:create_app()",
    worker: str = "webapp.worker.Worker",
) -> None:
    """Become the server. It keeps no access log: addresses hold residents' tokens."""
    arguments = [
        *("--bind", f"{host}:{port}"),
        *("--workers", str(workers), "--worker-class", worker, "--threads", str(threads)),
        *("--log-level", "warning", "--graceful-timeout", "20", "--keep-alive", "0"),
        app,
    ]
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *arguments])  # noqa: S606
