"""A locked wave as two Parquet files with their manifest.

``responses.parquet`` holds one row per accepted response, both streams, ineligible ones included:
who was asked (community, housing type of the frame, inclusion probability, a pseudonymous
household), how (stream, mode, language, interviewers), when, whether staff excluded it and why, and
the answers, one text column per question; a question that was off the path is null.
``units.parquet`` holds one row per released address: how it was drawn and what came of it. The same
wave gives the same bytes.

They hold no address and no invitation code, and no open text that no indicator counts. However
kindly people are asked not to, they write names and telephone numbers there, and a snapshot is
copied and kept for years; the words stay in the record, where they can be deleted.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import io
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import files, responses
from surveys.areas import Area, communities
from surveys.database import Base, Json, now
from surveys.fieldwork import visits
from surveys.fieldwork.exclusions import Exclusion
from surveys.problems import N_, Problem, Refused
from surveys.questionnaires import published
from surveys.questionnaires.definition import Questionnaire
from surveys.responses import Response
from surveys.sampling import sampled
from surveys.sampling.draws import Draw
from surveys.selected import columns_of, in_order, table_of
from surveys.waves import Wave
from surveys.weighting.margins import Margin

if TYPE_CHECKING:
    from surveys.office import Office

Manifest = dict[str, Any]

FORMAT = 2
COLUMNS = {
    "instance_id": pa.string(),
    "community": pa.string(),
    "housing": pa.string(),  # of the frame, not the respondent's own word (D3)
    "household": pa.string(),  # the same one in every wave
    "stream": pa.string(),
    "mode": pa.string(),
    "language": pa.string(),
    "eligible": pa.bool_(),
    "grid": pa.string(),
    "probability": pa.float64(),  # of the address to be drawn
    "households": pa.int64(),  # counted at the address; one of them was chosen
    "interviewer": pa.string(),  # the pair that asked at the door
    "excluded": pa.string(),  # why staff left it out; null: it counts
    "month": pa.string(),
    "submitted_at": pa.timestamp("s", tz="UTC"),
    "questionnaire_version": pa.string(),
}
OF_UNIT = ("housing", "household", "grid", "probability", "households")
ORDER = ("community", "instance_id")
UNITS = "units.parquet"


class Snapshot(Base):
    """Where the file lies (below the data folder) and what it must hash to."""

    __tablename__ = "snapshots"

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"), unique=True)
    path: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    manifest: Mapped[dict[str, Any]] = mapped_column(Json)
    made_at: Mapped[dt.datetime] = mapped_column(default=now)


@dataclass(frozen=True)
class Material:
    """All that weights and figures are made from, but for the definitions.

    Parameters
    ----------
    responses, units : pyarrow.Table
    manifest : mapping
    """

    responses: pa.Table
    units: pa.Table
    manifest: Mapping[str, Any]


def write(office: Office, session: Session, wave: Wave, made_at: dt.datetime) -> Snapshot:
    """Write the Parquet files of a closed wave; the record of them is returned, not yet stored."""
    questionnaire = published.load(session, wave.questionnaire_id)
    path = f"snapshots/{wave.code}/responses.parquet"
    # Arrow reads, sorts and writes the answers while Python waits for the rest of the record.
    with ThreadPoolExecutor(1) as beside:
        found = columns_of(session, _responses(session, wave))
        units, said = found.pop("unit", ()), found.pop("disposition", ())
        eligible = found.get("eligible", ())
        answers = beside.submit(_answered, found, wave.month, questionnaire)
        answered = visits.last_words(units, eligible, said)
        drawn = sampled.drawn(session, wave, answered)
        table = in_order(_with_units(answers.result(), pa.array(units, pa.int64()), drawn), ORDER)
        being_written = beside.submit(_written, office, path, table, ORDER)
        released = sampled.released(drawn)
        of_units = _written(office, f"snapshots/{wave.code}/{UNITS}", released, sampled.ORDER)
        of_responses = being_written.result()
    manifest = {
        "format": FORMAT,
        **_wave_in_words(session, wave, questionnaire),
        **of_responses,
        "units": of_units,
        "left_out": _left_out(questionnaire),
        "counts": _counts(table),
        "held": dict(sorted(responses.held(session, wave).items())),
        "sample": sampled.by_stratum(released),
        "dispositions": sampled.by_disposition(released),
        "margins": margins_of(session, wave),
        "software": {name: importlib.metadata.version(name) for name in ("minyi", "pyarrow")},
        "made_at": made_at.isoformat(),
    }
    return Snapshot(
        wave_id=wave.id,
        path=path,
        sha256=of_responses["sha256"],
        manifest=manifest,
        made_at=made_at,
    )


def _written(office: Office, path: str, table: pa.Table, order: Sequence[str]) -> Manifest:
    return {
        "file": path.rpartition("/")[2],
        "sha256": files.write_whole(office.data / path, to_parquet(table)),
        "rows": table.num_rows,
        "row_order": list(order),
        "columns": table.column_names,
    }


def write_manifest(office: Office, snapshot: Snapshot) -> None:
    """Put the manifest beside its file."""
    text = json.dumps(snapshot.manifest, ensure_ascii=False, indent=2)
    files.write_whole(_manifest_path(office, snapshot), text.encode())


def read_manifest(office: Office, snapshot: Snapshot) -> Manifest:
    """Read the manifest beside the file back.

    Raises
    ------
    Refused
        It is missing or does not say what the record says.
    """
    path = _manifest_path(office, snapshot)
    if not path.exists() or json.loads(path.read_bytes()) != snapshot.manifest:
        raise Refused(Problem(N_("The manifest is not the one in the record."), where=str(path)))
    return snapshot.manifest


def read(office: Office, snapshot: Snapshot) -> pa.Table:
    """Read a snapshot back.

    Raises
    ------
    Refused
        The file is missing or is not, byte for byte, the one that was locked.
    """
    return from_parquet(files.read_unchanged(office.data / snapshot.path, snapshot.sha256))


def material(office: Office, snapshot: Snapshot) -> Material:
    """Read both files back; refused as :func:`read` is."""
    written = snapshot.manifest["units"]
    path = (office.data / snapshot.path).with_name(written["file"])
    units = from_parquet(files.read_unchanged(path, written["sha256"]))
    return Material(read(office, snapshot), units, snapshot.manifest)


def margins_of(session: Session, wave: Wave) -> Manifest:
    """The population margins of a wave's township and communities, as the record has them now."""
    query = (
        sa.select(Area.code, Margin)
        .join(Area, Area.id == Margin.area_id)
        .where(Area.id.in_([wave.area_id, *(c.id for c in communities(session, wave.area_id))]))
        .order_by(Area.code, Margin.sex, Margin.age, Margin.housing)
    )
    found = session.execute(query).all()
    return {
        "sources": sorted({f"{m.source} {m.as_of or ''}".strip() for _, m in found}),
        "cells": [[code, m.sex, m.age, m.housing, m.adults] for code, m in found],
    }


def answer_column(question: str) -> str:
    """The column of a question; one that is named like a column of ours steps aside.

    >>> answer_column("K1"), answer_column("mode")
    ('K1', 'answer_mode')
    """
    return f"answer_{question}" if question in COLUMNS else question


def to_parquet(table: pa.Table) -> bytes:
    """The bytes of a table, which depend on nothing but the table (and pyarrow's version)."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def from_parquet(data: bytes) -> pa.Table:
    """The table in some bytes."""
    return pq.read_table(pa.BufferReader(data))


def _manifest_path(office: Office, snapshot: Snapshot) -> Path:
    return (office.data / snapshot.path).with_name("manifest.json")


def _answered(
    columns: dict[str, Sequence[Any]], month: str, questionnaire: Questionnaire
) -> pa.Table:
    """What responses have by themselves: how they came in, and a column for each question."""
    left_out = _left_out(questionnaire)
    questions = [
        name
        for name, question in questionnaire.questions.items()
        if question.asks and name not in left_out
    ]
    said = columns.pop("answers", ())
    columns |= {
        "month": [month] * len(said),
        "questionnaire_version": [questionnaire.version] * len(said),
    }
    own = {name: kind for name, kind in COLUMNS.items() if name not in OF_UNIT}
    table = table_of(columns, own)
    answers = _answers(said, questions)
    for name in questions:
        table = table.append_column(answer_column(name), answers[name])
    return table


def _with_units(answered: pa.Table, unit: pa.Array, drawn: pa.Table) -> pa.Table:
    """The same with what is known of each one's unit."""
    place = pc.index_in(unit, value_set=drawn["id"].combine_chunks())
    found = drawn.select(list(OF_UNIT)).take(place)
    own = [name for name in answered.column_names if name not in COLUMNS]
    columns = {name: (found if name in OF_UNIT else answered)[name] for name in COLUMNS}
    return pa.table(columns | {name: answered[name] for name in own})


def _answers(said: Sequence[str], questions: Sequence[str]) -> pa.Table:
    """One column of text for each question, from the JSON of each response.

    Arrow reads the JSON: a large wave's answers as Python objects would take most of a lock's time.
    """
    schema = pa.schema([(name, pa.string()) for name in questions])
    if not said:
        return schema.empty_table()
    lines = io.BytesIO("\n".join(said).encode())
    options = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    return pj.read_json(lines, parse_options=options)


def _left_out(questionnaire: Questionnaire) -> list[str]:
    """Open text that no indicator counts."""
    counted = {
        name
        for indicator in questionnaire.indicators
        for name in indicator.numerator.references | indicator.base.references
    }
    return [
        name
        for name, question in questionnaire.questions.items()
        if question.type == "text" and name not in counted
    ]


def _responses(session: Session, wave: Wave) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Response.instance_id,
            Response.unit_id.label("unit"),
            Area.code.label("community"),
            Response.stream,
            Response.mode,
            Response.language,
            Response.eligible,
            Response.interviewer,
            Exclusion.reason.label("excluded"),
            # As the database has it: Arrow takes a moment without its zone for one in UTC.
            sa.type_coerce(Response.submitted_at, sa.DateTime()).label("submitted_at"),
            sa.cast(Response.answers, sa.Text).label("answers"),
            visits.of_response(session).label("disposition"),
        )
        .join(Area, Area.id == Response.community_id)
        .outerjoin(Exclusion, Exclusion.response_id == Response.id)
        .where(Response.wave_id == wave.id)
    )


def _wave_in_words(session: Session, wave: Wave, questionnaire: Questionnaire) -> Manifest:
    area = session.get_one(Area, wave.area_id)
    return {
        "wave": wave.code,
        "title": {"zh": wave.title_zh, "en": wave.title_en},
        "kind": wave.kind,
        "month": wave.month,
        "area": area.code,
        "communities": [community.code for community in communities(session, area.id)],
        "sponsor": wave.sponsor,
        "synthetic": wave.synthetic,
        "seed": wave.seed,
        "targets": wave.targets,
        "selection": wave.selection,
        "draw": session.scalar(sa.select(Draw.method).where(Draw.wave_id == wave.id)),
        "weighting": wave.weighting,
        "response_floor": wave.response_floor,
        "questionnaire": {"name": questionnaire.name, "version": questionnaire.version},
    }


def _counts(table: pa.Table) -> list[Manifest]:
    """Responses and eligible ones by community × stream × mode."""
    keys = ("community", "stream", "mode")
    counted = (
        table.group_by(list(keys))
        .aggregate([("eligible", "count"), ("eligible", "sum")])
        .rename_columns([*keys, "responses", "eligible"])
        .sort_by([(key, "ascending") for key in keys])
    )
    return list(counted.to_pylist())
