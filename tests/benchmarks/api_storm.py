"""Five hundred phones come online together, with twenty interviews each."""

from __future__ import annotations

from surveys.office import Office
from tests.benchmarks._phones import PHONES, Target, prepare, stored
from tests.benchmarks.api_interview import API
from tests.benchmarks.resident_post import postgresql, sqlite
from tests.support.server import Server

INTERVIEWS = PHONES * 20
PATIENCE = 240  # seconds


def measure() -> str:
    """Measure on SQLite and on PostgreSQL; the table as Markdown."""
    lines = [
        "| database | interviews | stored once | seconds | requests/s, p50, p99 | errors |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, make_office in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
        with make_office() as office:
            lines.append(f"| {name} | {storm(office)} |")
    return "\n".join(lines)


def storm(office: Office) -> str:
    """One storm, as a line of the table."""
    url = office.database.url.render_as_string(hide_password=False)
    bodies = office.data / "bodies.txt"
    prepare(office, INTERVIEWS, bodies)
    with Server(office.data, url) as server:
        phones = Target(server, API, "application/json", bodies)
        seen = phones.post(clients=PHONES, seconds=PATIENCE, most=INTERVIEWS)
    seconds = seen.done / seen.rate
    return f"{seen.done} | {stored(office)} | {seconds:.1f} | {seen} | {seen.failed}"
