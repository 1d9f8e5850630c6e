"""A wave of 100,000 responses locked: snapshot, weights and every figure.

The wave lies in a database on disk like any other; only its making is left out of the time. Three
quarters of the responses are from the sample, a third of them from the door with interviewer pairs;
margins are community × sex × age band.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from surveys import areas, waves
from surveys.office import Office
from surveys.questionnaires import published
from surveys.questionnaires.answers import digest
from surveys.responses import Response
from surveys.results import estimates, locking
from surveys.sampling.frames import HOUSING, Address
from surveys.sampling.units import SampledUnit
from surveys.weighting.margins import Margin
from tests.support.fieldwork import STANDARD

COMMUNITIES = 60
SAMPLE, OPEN = 75_000, 25_000
DRAWN = 120_000
SEXES, AGES = ("male", "female"), ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
SATISFIED = ("very", "fairly", "neutral", "unsatisfied", "very_unsatisfied", "dontknow")
MOMENT = dt.datetime(2026, 11, 5, 4, tzinfo=dt.UTC)
CODE = "2026-11"


def measure() -> str:
    """The table: seconds of the lock, and of its recomputation."""
    with tempfile.TemporaryDirectory() as folder:
        office = Office.open(Path(folder))
        office.migrate()
        _fill(office)
        started, worked = time.perf_counter(), _worked()
        locking.lock(office, CODE, "benchmark")
        locked, busy = time.perf_counter() - started, _worked() - worked
        with office.database.read() as session:
            wave = waves.get(session, CODE)
            stored = estimates.of_wave(session, wave)
            started = time.perf_counter()
            made = estimates.estimate(office, session, wave)
            again = time.perf_counter() - started
            assert not estimates.compare(stored, made)
        office.database.engine.dispose()
    return (
        "| Responses | Released addresses | Figures | Locked, weighed, estimated | processors "
        "| Made again |\n|---|---|---|---|---|---|\n"
        f"| {SAMPLE + OPEN:,} | {DRAWN:,} | {len(stored):,} | {locked:.1f} s | {busy:.1f} s "
        f"| {again:.1f} s |"
    )


def _worked() -> float:
    """Seconds of the processors, those of processes that have ended included."""
    return sum(os.times()[:4])


def _fill(office: Office) -> None:
    chance = np.random.default_rng(1)
    with office.database.write() as session:
        town = areas.add(session, "town", "大镇", "Big Town", "township")
        names = [f"c{number:02}" for number in range(COMMUNITIES)]
        ids = [areas.add(session, name, name, name, "community", town).id for name in names]
        definition = published.publish(session, STANDARD.read_bytes(), STANDARD.name, "benchmark")
        wave = waves.create(
            session,
            code=CODE,
            title_zh="大调查",
            month=CODE,
            area=town,
            questionnaire=definition,
            seed=1,
            actor="benchmark",
        )
        waves.open_(session, wave, "benchmark")
        cells = [(area, sex, age) for area in ids for sex in SEXES for age in AGES]
        columns = ("area_id", "sex", "age")
        session.execute(
            sa.insert(Margin),
            [dict(zip(columns, cell, strict=True), adults=900, source="人口") for cell in cells],
        )
        place = chance.integers(COMMUNITIES, size=DRAWN)
        housing = chance.integers(len(HOUSING), size=DRAWN)
        session.execute(
            sa.insert(Address), [_address(n, ids, place, housing) for n in range(DRAWN)]
        )
        session.execute(
            sa.insert(SampledUnit), [_unit(n, wave.id, ids, place, housing) for n in range(DRAWN)]
        )
        said = [_answers(chance) for _ in range(2000)]
        rows = [_response(n, wave, ids, place, said) for n in range(SAMPLE + OPEN)]
        for start in range(0, len(rows), 10_000):
            session.execute(sa.insert(Response), rows[start : start + 10_000])
        waves.close(session, wave, "benchmark")


def _address(n: int, ids: list[int], place: Any, housing: Any) -> dict[str, Any]:
    return {
        "id": n + 1,
        "community_id": ids[place[n]],
        "housing": HOUSING[housing[n]],
        "position": n,
        "lookup": str(n),
        "sealed": b"",
        "household": f"{n:032x}",
    }


def _unit(n: int, wave_id: int, ids: list[int], place: Any, housing: Any) -> dict[str, Any]:
    return {
        "id": n + 1,
        "wave_id": wave_id,
        "address_id": n + 1,
        "community_id": ids[place[n]],
        "housing": HOUSING[housing[n]],
        "probability": 0.25,
        "position": n,
        "code_hash": str(n),
        "released_at": MOMENT,
    }


def _answers(chance: np.random.Generator) -> dict[str, str]:
    said = {
        "S1": "yes",
        "S2": str(chance.integers(1, 6)),
        "K1": str(chance.choice(["know", "heard", "unaware"])),
        "K2": "board wechat",
        "Z1": str(chance.choice(["support", "rather_support", "neutral"])),
        "P1": str(chance.choice(["yes", "no"])),
        "C1": "same",
        "F1": "none",
        "O1": "路灯坏了，晚上走着害怕。",
        "I1": "no",
        "D1": str(chance.choice(SEXES)),
        "D2": str(chance.choice(AGES)),
        "D3": "managed",
        "D4": "no",
    }
    return said | {f"M{number}": str(chance.choice(SATISFIED)) for number in range(10)}


def _response(n: int, wave: Any, ids: list[int], place: Any, said: list[Any]) -> dict[str, Any]:
    is_sample = n < SAMPLE
    at_door = is_sample and n % 3 == 0
    answers = said[n % len(said)]
    return {
        "wave_id": wave.id,
        "instance_id": f"uuid:{n:032x}",
        "questionnaire_id": wave.questionnaire_id,
        "community_id": ids[place[n]],
        "unit_id": n + 1 if is_sample else None,
        "stream": "sample" if is_sample else "open",
        "mode": "door" if at_door else "web",
        "language": "zh",
        "eligible": True,
        "answers": answers,
        "sha256": digest(answers),
        "interviewer": f"pair-{n % 200}" if at_door else None,
        "started_at": MOMENT,
        "submitted_at": MOMENT,
        "received_at": MOMENT,
    }
