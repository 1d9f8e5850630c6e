"""A small record: a township of two villages, a questionnaire of three questions, one wave."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import areas, responses, waves
from surveys.areas import Area
from surveys.office import Office
from surveys.questionnaires.definition import Choice, Indicator, Page, Question, Questionnaire
from surveys.questionnaires.expressions import parse
from surveys.questionnaires.published import PublishedQuestionnaire
from surveys.responses import Submission
from surveys.sampling import draws, frames
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave

VILLAGES = {"east": ("东村", "East Village"), "west": ("西村", "West Village")}
YES_NO = (Choice("yes", {"zh": "是"}), Choice("no", {"zh": "否"}))
MOMENT = dt.datetime(2026, 11, 5, 9, 30, tzinfo=dt.UTC)


def _page(name: str, *, required: bool = False, freezes: tuple[str, ...] = ()) -> Page:
    label = {"zh": f"{name}?"}
    question = Question(
        name, "select_one", label, choices=YES_NO, required=required, freezes=freezes
    )
    return Page(name, None, (question,))


QUESTIONNAIRE = Questionnaire(
    name="small",
    version="1",
    title={"zh": "小问卷"},
    languages=("zh",),
    pages=(_page("S1", required=True), _page("K1"), _page("Z1", freezes=("K1",))),
    eligible=parse("${S1} = 'yes'"),
    indicators=(
        Indicator(
            name="support",
            label={"zh": "支持率"},
            kind="rate",
            numerator=parse("${Z1} = 'yes'"),
            base=parse("${Z1} != ''"),
            version="1",
            describes={"zh": "支持"},
            target=0.85,
        ),
    ),
    sponsor="河口镇人民政府",
)


@dataclass(frozen=True)
class Small:
    """What the record holds, by id."""

    wave_id: int
    east: int
    west: int
    units: tuple[int, ...]  # those drawn in the eastern village

    def submission(self, **different: object) -> Submission:
        """A finished questionnaire from the first unit, unless it is said otherwise."""
        values = {
            "wave_id": self.wave_id,
            "instance_id": f"uuid:{uuid.uuid4()}",
            "community_id": self.east,
            "unit_id": self.units[0],
            "stream": "sample",
            "mode": "web",
            "language": "zh",
            "seed": 1,
            "answers": {"S1": "yes", "K1": "yes", "Z1": "no"},
            "started_at": MOMENT,
            "submitted_at": MOMENT + dt.timedelta(minutes=3),
        }
        return Submission(**{**values, **different})  # type: ignore[arg-type]


def publish(session: Session) -> PublishedQuestionnaire:
    """Store the questionnaire; its workbook does not matter here."""
    definition = QUESTIONNAIRE.to_json()
    stored = PublishedQuestionnaire(
        name=QUESTIONNAIRE.name,
        version=QUESTIONNAIRE.version,
        definition=definition,
        workbook=b"",
        sha256="",
    )
    session.add(stored)
    session.flush()
    return stored


def township(session: Session) -> Area:
    """河口镇 with its two villages."""
    top = areas.add(session, "hekou", "河口镇", "Hekou", "township")
    for code, names in VILLAGES.items():
        areas.add(session, code, *names, "community", top)
    return top


def units(session: Session, wave: Wave) -> list[SampledUnit]:
    """The units of a wave in the order in which they were drawn."""
    drawn = sa.select(SampledUnit).where(SampledUnit.wave_id == wave.id)
    return list(session.scalars(drawn.order_by(SampledUnit.id)))


def wave(
    session: Session,
    area: Area,
    questionnaire: PublishedQuestionnaire,
    code: str = "2026-11",
    seed: int | None = 7,
) -> Wave:
    """A wave that is not yet open."""
    return waves.create(
        session,
        code=code,
        title_zh="十一月测评",
        month=code[:7],
        area=area,
        questionnaire=questionnaire,
        seed=seed,
        actor="test",
    )


def settle(session: Session, wave: Wave, **rules: object) -> None:
    """Give a wave other rules as if it had had them before it opened; the record refuses that."""
    session.execute(sa.update(Wave).where(Wave.id == wave.id).values(rules))
    session.refresh(wave)


def addresses(number: int = 30) -> io.BytesIO:
    """A list with that many addresses of two housing types in each village."""
    lines = [
        f"{village},{housing},{village} {housing} {place}"
        for village in VILLAGES
        for housing in ("managed", "rural")
        for place in range(number)
    ]
    return io.BytesIO("\n".join(("community,housing,address", *lines)).encode())


def begin(office: Office, drawn: int = 10) -> Small:
    """An open wave with its sample, so many addresses in each village."""
    with office.database.write() as session:
        one = wave(session, township(session), publish(session))
        frames.import_list(session, office.keys, addresses())
        draws.draw(session, office.keys, one, drawn, "test")
        waves.open_(session, one, "test")
        east, west = (area.id for area in areas.communities(session, None))
        there = sa.select(SampledUnit.id).where(SampledUnit.community_id == east)
        units = tuple(session.scalars(there.order_by(SampledUnit.position)))
    return Small(one.id, east, west, units)


def accept(office: Office, submission: Submission) -> responses.Receipt:
    """Let a submission in, in a transaction of its own."""
    with office.database.write_connection() as connection:
        return responses.accept(connection, submission)


def close(office: Office, wave_id: int) -> None:
    """Close the wave."""
    with office.database.write() as session:
        waves.close(session, session.get_one(Wave, wave_id), "test")
