"""Drawing from a million addresses: 250 communities, three housing types, 40 addresses in each."""

from __future__ import annotations

import os
import secrets
import statistics
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from surveys import areas, waves
from surveys.office import Office
from surveys.sampling import draws
from surveys.sampling.frames import HOUSING, Address
from surveys.sampling.plans import Plan
from tests.support import record

COMMUNITIES, EACH, RUNS = 250, 4000, 5


def measure() -> str:
    """Draw both ways; nothing is kept."""
    with tempfile.TemporaryDirectory() as folder:
        office = Office.open(Path(folder))
        office.migrate()
        _fill(office)
        rows = [(method, *_timed(office, method)) for method in ("stratified", "two_stage")]
        office.database.engine.dispose()
    lines = ["| Draw from 1,000,000 addresses | drawn | median s | CPU s |", "|---|---|---|---|"]
    lines += [f"| {method} | {n:,} | {wall:.2f} | {cpu:.2f} |" for method, n, wall, cpu in rows]
    return "\n".join(lines)


def _timed(office: Office, method: str) -> tuple[int, float, float]:
    number, walls, cpus = 0, [], []
    for _ in range(RUNS):
        with office.database.read() as session:
            wave = waves.get(session, "2026-11")
            wall, cpu = time.perf_counter(), time.process_time()
            number = sum(draws.draw(session, office.keys, wave, Plan(40, method=method), "bench"))
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
            session.rollback()
    return number, statistics.median(walls), statistics.median(cpus)


def _fill(office: Office) -> None:
    with office.database.write() as session:
        top = areas.add(session, "hekou", "河口镇", "Hekou", "township")
        for number in range(COMMUNITIES):
            areas.add(session, f"c{number:03}", f"第{number}社区", "", "community", top)
        record.wave(session, top, record.publish(session))
        for area in areas.communities(session, None):
            session.execute(sa.insert(Address), [_address(area.id, n) for n in range(EACH)])


def _address(community: int, place: int) -> dict[str, object]:
    return {
        "community_id": community,
        "grid": str(place // 400 + 1),
        "housing": HOUSING[place % 3],
        "position": place,
        "lookup": secrets.token_hex(32),
        "sealed": os.urandom(60),
        "household": secrets.token_hex(16),
    }
