"""The reading pages on a large record: 500 communities × 24 waves × 20 indicators, at the server.

The record is written straight into the tables that a lock fills; the figures are random, the pages
do not mind. Each page is asked for as the application answers it, without the network. With
``MINYI_READING_RECORD=folder`` the record is kept there and read again the next time.
"""

from __future__ import annotations

import datetime as dt
import gc
import gzip
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from surveys import areas, people
from surveys.areas import Area
from surveys.demonstration.township import _publish
from surveys.office import Office
from surveys.questionnaires import published
from surveys.results import items
from surveys.results.associations import TEST, StoredAssociation
from surveys.results.breakdowns import StoredGroup, StoredTable
from surveys.results.comparisons import StoredComparison
from surveys.results.estimates import StoredEstimate
from surveys.results.likeness import TOO_MANY
from surveys.results.periods import StoredPeriod, names
from surveys.results.rankings import StoredRank
from surveys.waves import Wave
from surveys.weighting.weight_sets import WeightSet
from webapp import create_app
from webapp.config import Settings

COMMUNITIES, WAVES, INDICATORS = 500, 24, 20
MONTHS = [f"{2024 + at // 12}-{at % 12 + 1:02d}" for at in range(WAVES)]
TIMES = 40  # each page is asked for
NO_TEST = {"tests": [], "why": TOO_MANY}
NOON = dt.datetime(2026, 9, 1, 4, tzinfo=dt.UTC)


def measure() -> str:
    """A table: p50 and p95 of each page in milliseconds, and its size compressed."""
    lines = ["| Page | first, ms | p50, ms | p95, ms | kB compressed |", "|---|--:|--:|--:|--:|"]
    with tempfile.TemporaryDirectory() as folder:
        office = record(Path(os.environ.get("MINYI_READING_RECORD", folder)))
        client = reader(office)
        for name, address in pages():
            lines.append(f"| {name} | {_timed(client, address)} |")
        office.database.engine.dispose()
    return "\n".join(lines)


def record(folder: Path) -> Office:
    """The office with the record, made now or before."""
    office = Office.open(folder)
    office.migrate()
    with office.database.read() as session:
        if session.scalar(sa.select(Wave.id).limit(1)):
            return office
    with office.database.write() as session:
        _record(session)
        people.add_user(session, "reader", "admin", actor="benchmark")
    with office.database.engine.connect() as connection:
        connection.execute(sa.text("ANALYZE"))
        connection.commit()
    return office


def reader(office: Office) -> FlaskClient:
    """Someone who has logged in and may read everything."""
    with office.database.read() as session:
        user = people.get(session, "reader")
    client = create_app(Settings(data=office.data), office=office).test_client()
    gc.collect()
    gc.freeze()  # as wsgi.py does
    with client.session_transaction() as cookies:
        cookies["_user_id"] = f"{user.id}.{user.epoch}"
    return client


def pages() -> Iterator[tuple[str, str]]:
    """What is asked for: a name and an address."""
    wave = f"/staff/results/{MONTHS[-1]}"
    yield "overview", wave
    yield "compare and rank", f"{wave}/satisfaction"
    yield "its chart", f"{wave}/satisfaction/ranks.json"
    yield "funnel", f"{wave}/satisfaction/funnel.json"
    yield "all trends", f"{wave}/satisfaction/trends"
    yield "two beside each other", f"{wave}/beside"
    yield "community", "/staff/areas/c007"
    yield "community by quarter", "/staff/areas/c007?span=quarter"
    yield "township", "/staff/areas/town"
    yield "a trend's chart", "/staff/areas/c007/satisfaction.json"
    yield "questions", f"{wave}/questions/"
    yield "question by community", f"{wave}/questions/M0?by=community"
    yield "one figure", f"{wave}/figures/c007/satisfaction"


def _timed(client: FlaskClient, address: str) -> str:
    seconds = []
    body = b""
    for _ in range(TIMES):
        start = time.perf_counter()
        answer = client.get(address)
        seconds.append(time.perf_counter() - start)
        assert answer.status_code == 200, address
        body = answer.data
    first, p50, p95 = seconds[0] * 1000, *np.quantile(seconds, [0.5, 0.95]) * 1000
    return f"{first:.0f} | {p50:.0f} | {p95:.0f} | {len(gzip.compress(body)) / 1000:.0f}"


def _record(session: Session) -> None:
    town = areas.add(session, "town", "大镇", "Large Town", "township")
    places = [town]
    for number in range(COMMUNITIES):
        code = f"c{number:03d}"
        places.append(
            areas.add(session, code, f"第{number}社区", f"No. {number}", "community", town)
        )
    questionnaire = _publish(session)
    session.flush()
    definition = published.load(session, questionnaire.id)
    measured = definition.indicators[:INDICATORS]
    random = np.random.default_rng(1)
    before = ""
    for month in MONTHS:
        wave = Wave(
            code=month, title_zh="居住调查", title_en="Survey", kind="measurement", month=month,
            area_id=town.id, questionnaire_id=questionnaire.id, state="locked", sponsor="镇",
            approval_number="1", targets={}, seed=1, synthetic=True, locked_at=NOON,
            opened_at=NOON, closed_at=NOON,
        )  # fmt: skip
        session.add(wave)
        session.flush()
        weights = WeightSet(
            wave_id=wave.id, number=1, path="x", sha256="x", settings={}, made_at=NOON
        )
        session.add(weights)
        session.flush()
        _figures(session, wave, weights, places, measured, random, before)
        if month == MONTHS[-1]:
            _tables(session, weights, places, definition)
        before = month


def _figures(
    session: Session,
    wave: Wave,
    weights: WeightSet,
    places: list[Area],
    measured: Any,
    random: np.random.Generator,
    before: str,
) -> None:
    estimates, changes, ranks, pooled, groups = [], [], [], [], []
    for place in places:
        for one in measured:
            rate = float(random.uniform(0.6, 0.95))
            of = {"area_id": place.id, "indicator": one.name}
            numbers = {
                "estimate": rate, "se": 0.03, "lower": rate - 0.06, "upper": min(1, rate + 0.05),
                "df": 100.0, "n_weighted": 3000.0, "n_effective": 100.0, "target": one.target,
                "verdict": "undecided" if one.target else None,
            }  # fmt: skip
            estimates.append(
                {**of, **numbers, "wave_id": wave.id, "weight_set_id": weights.id, "n": 120,
                 "stream": "sample", "definition_version": one.version, "kind": one.kind,
                 "unweighted": rate, "missing": 2, "deff": 1.2, "basis": "household",
                 "response_rate": 0.5, "modes": {"door": 60, "web": 60}, "made_at": NOON}
            )  # fmt: skip
            kind = {**of, "wave_id": wave.id, "kind": one.kind}
            if before:
                changes.append(
                    {**kind, "before": before, "change": 0.01, "se": 0.04, "lower": -0.07,
                     "upper": 0.09, "p": 0.8, "p_holm": 1.0, "significant": False, "common": 0}
                )  # fmt: skip
            if place is not places[0]:
                ranks.append(
                    {**kind, "period": "", "rank": place.id, "rank_from": 1, "rank_to": 500,
                     "ranked": 500, "band": "middle", "difference": 0.0, "method": "klein"}
                )  # fmt: skip
            if one.headline:
                period = names(wave.month)
                pooled += [
                    {**kind, **numbers, "span": span, "period": period[span], "n": 300,
                     "definition_version": one.version, "waves": [wave.code]}
                    for span in ("quarter", "year")
                ]  # fmt: skip
                groups += [
                    {**of, "weight_set_id": weights.id, "variable": "age", "category": age,
                     "estimate": rate, "lower": 0.5, "upper": 0.9, "n": 20, "n_effective": 18.0}
                    for age in ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
                ]  # fmt: skip
    for table, rows in (
        (StoredEstimate, estimates), (StoredComparison, changes), (StoredRank, ranks),
        (StoredPeriod, pooled), (StoredGroup, groups),
    ):  # fmt: skip
        if rows:  # past the ORM, which takes three times as long
            session.connection().execute(sa.insert(table.__table__), rows)


def _tables(session: Session, weights: WeightSet, places: list[Area], definition: Any) -> None:
    """The tables of the newest wave: every question, by community, and all together."""
    rows = []
    for question in definition.questions.values():
        if question.type != "select_one":
            continue
        shares = [
            {"answer": code, "n": 20, "share": 0.2, "unweighted": 0.2} for code in question.codes
        ]
        for by, codes in (("", [""]), (items.COMMUNITY, [place.code for place in places[1:]])):
            groups = [
                {"code": code, "n": 120, "n_weighted": 3000.0, "missing": 1, "shares": shares}
                for code in codes
            ]
            content = {"groups": groups}
            rows.append(
                {"weight_set_id": weights.id, "question": question.name, "crossed_by": by,
                 "content": content}
            )  # fmt: skip
    session.execute(sa.insert(StoredTable), rows)
    # What the first reader of a table by 500 communities has waited for: it is too large to test.
    kept = {"kind": TEST, "crossed_by": items.COMMUNITY, "sha256": "x", "content": NO_TEST}
    asked = [row["question"] for row in rows if row["crossed_by"] == items.COMMUNITY]
    session.execute(
        sa.insert(StoredAssociation),
        [{"weight_set_id": weights.id, "subject": question, **kept} for question in asked],
    )
