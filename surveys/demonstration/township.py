"""The demonstration township: six locked waves and one under way, made through the real path.

Areas, address list, draw, codes, acceptance, close, lock, weights, estimates: what an office does
in a year and a half, in some ten seconds, and from one seed the same every time.
"""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib import resources
from io import BytesIO

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import areas, responses, waves
from surveys.areas import Area
from surveys.database import Base
from surveys.demonstration import campaigns, census, visits, volunteers
from surveys.demonstration.fieldwork import CHINA, Field, Interview
from surveys.demonstration.places import PLACES, SPONSOR, TOWNSHIP, TOWNSHIP_EN, TOWNSHIP_ZH
from surveys.demonstration.population import Population, opinions, people
from surveys.fieldwork import exclusions
from surveys.fieldwork.attempts import Attempt
from surveys.office import Office
from surveys.problems import N_, Problem, Refused
from surveys.questionnaires import published
from surveys.questionnaires.answers import canonical
from surveys.questionnaires.definition import Questionnaire
from surveys.questionnaires.published import PublishedQuestionnaire
from surveys.responses import Response, Submission
from surveys.results import locking
from surveys.rules import Rules
from surveys.sampling import draws, frames
from surveys.sampling.frames import HOUSING, Address
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from surveys.weighting.margins import Margin

SEED = 2026
ACTOR = "demonstration"
INTERVIEWS = 120  # aimed at per community and wave
CONFIRMED_FROM = 4  # number of the first wave with re-checks
FLOOR = 0.3  # RR2 below which a community is never *met*
# Whoever was told how to answer, in the fifth community of the newest locked wave.
EXCLUDED_FROM, EXCLUDED_IN = "2026-09", 4
EXCLUDED_FOR = "调查前有人告知如何作答（演示数据）"
AS_YET = 0.2  # of the answers to the wave under way have come in

Progress = Callable[[], object]


@dataclass(frozen=True)
class Round:
    """A wave of the story; the last one is still under way."""

    number: int
    month: str
    quarter_zh: str
    quarter_en: str

    @property
    def is_under_way(self) -> bool:
        return self.number == len(ROUNDS) - 1

    @property
    def year(self) -> str:
        return self.month[:4]

    def day(self, number: int) -> dt.date:
        year, month = map(int, self.month.split("-"))
        return dt.date(year, month, min(number, calendar.monthrange(year, month)[1]))

    def moment(self, day: int, hour: int) -> dt.datetime:
        return dt.datetime.combine(self.day(day), dt.time(hour), CHINA)


ROUNDS = (
    Round(0, "2025-06", "二", "Q2"),
    Round(1, "2025-09", "三", "Q3"),
    Round(2, "2025-12", "四", "Q4"),
    Round(3, "2026-03", "一", "Q1"),
    Round(4, "2026-06", "二", "Q2"),
    Round(5, "2026-09", "三", "Q3"),
    Round(6, "2026-11", "四", "Q4"),
)
STEPS = len(ROUNDS) * len(PLACES)


def build(office: Office, seed: int = SEED, progress: Progress | None = None) -> None:
    """Make the demonstration township, or go on where an interrupted making stopped.

    Parameters
    ----------
    office : Office
        Migrated, and without waves of its own.
    seed : int
        The same seed makes the same snapshots and the same figures.
    progress : callable
        Called after every community of every wave, ``STEPS`` times in all.

    Raises
    ------
    Refused
        There are waves already.
    """
    with office.database.write() as session:
        _refuse_other_waves(session, seed)
        if session.scalar(sa.select(Area.id).where(Area.code == TOWNSHIP)) is None:
            _settle(session, office, people(seed), seed)
        workbook = _publish(session)
    with office.database.read() as session:
        story = _Story.of(office, session, workbook, seed)
    # Closed whatever happens: an open wave's transaction must not outlive an interruption.
    with closing(story.tell()) as told:
        for _ in told:
            if progress:
                progress()


def is_unfinished(session: Session, seed: int = SEED) -> bool:
    """Whether a making was interrupted: the wave under way is the last thing made, at once."""
    return set() < _made(session) < _planned(seed)


def _made(session: Session) -> set[tuple[str, int]]:
    """The waves there are: code and seed."""
    return {(code, seed) for code, seed in session.execute(sa.select(Wave.code, Wave.seed))}


def _planned(seed: int) -> set[tuple[str, int]]:
    return {(of.month, _wave_seed(seed, of)) for of in ROUNDS}


def _wave_seed(seed: int, of: Round) -> int:
    digest = hashlib.sha256(f"{seed}/{of.month}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def _refuse_other_waves(session: Session, seed: int) -> None:
    if not _made(session) < _planned(seed):
        raise Refused(Problem(N_("The demonstration needs an empty database: there are waves.")))


def _settle(session: Session, office: Office, who: Population, seed: int) -> None:
    """The areas, the population, the address list, the register of campaigns."""
    township = areas.add(session, TOWNSHIP, TOWNSHIP_ZH, TOWNSHIP_EN, "township")
    for place in PLACES:
        areas.add(session, place.code, place.zh, place.en, "community", township)
    ids = [community.id for community in areas.communities(session, township.id)]
    session.execute(sa.insert(Margin), census.margins(who, ids))
    frames.import_list(session, office.keys, BytesIO(_address_list(who).encode()))
    # The list's households get random names; here the seed names them, so that it names the
    # snapshots' bytes too.
    named = [
        {"id": address, "household": hashlib.sha256(f"{seed}/{row}".encode()).hexdigest()[:32]}
        for row, address in enumerate(_addresses(session, township))
    ]
    session.execute(sa.update(Address), named)
    campaigns.register(session, ACTOR)


def _addresses(session: Session, township: Area) -> list[int]:
    """The addresses in the order of the population's households."""
    query = (
        sa.select(Address.id)
        .join(Area, Area.id == Address.community_id)
        .where(Area.parent_id == township.id)
        .order_by(Area.code, Address.position)
    )
    return list(session.scalars(query))


def _publish(session: Session) -> PublishedQuestionnaire:
    workbook = (resources.files("surveys") / "library" / "standard.xlsx").read_bytes()
    return published.publish(session, workbook, "standard.xlsx", ACTOR)


def _address_list(who: Population) -> str:
    lines = ["community,grid,housing,building,unit,door"]
    number_in = dict.fromkeys(range(len(PLACES)), 0)
    for place, housing in zip(who.place.tolist(), who.housing.tolist(), strict=True):
        number = number_in[place]
        number_in[place] += 1
        if HOUSING[housing] in ("selfbuilt", "rural"):
            building, unit, door = "", "", f"{number + 1}号"
        else:
            building, unit = f"{number // 24 + 1}栋", f"{number % 24 // 12 + 1}单元"
            door = f"{number % 12 // 2 + 1}0{number % 2 + 1}室"
        grid = f"第{number // 240 + 1}网格"
        lines.append(f"{PLACES[place].code},{grid},{HOUSING[housing]},{building},{unit},{door}")
    return "\n".join(lines)


@dataclass(frozen=True)
class _Story:
    """What happens in the township, wave after wave."""

    office: Office
    seed: int
    who: Population
    questionnaire: Questionnaire
    published: PublishedQuestionnaire
    township: Area
    communities: list[Area]
    households: dict[int, int]  # by address

    @classmethod
    def of(
        cls, office: Office, session: Session, workbook: PublishedQuestionnaire, seed: int
    ) -> _Story:
        township = areas.get(session, TOWNSHIP)
        addresses = _addresses(session, township)
        return cls(
            office=office,
            seed=seed,
            who=people(seed),
            questionnaire=published.load(session, workbook.id),
            published=workbook,
            township=township,
            communities=areas.communities(session, township.id),
            households={address: row for row, address in enumerate(addresses)},
        )

    def tell(self) -> Generator[None]:
        """One community after the other, wave after wave; what has happened already is skipped."""
        for of in ROUNDS:
            if of.is_under_way:
                with self.office.database.write() as session:
                    wave = self._open(session, of)
                    yield from self._collect(session, wave, of)
            else:
                yield from self._finish(of)

    def _finish(self, of: Round) -> Generator[None]:
        with self.office.database.write() as session:
            wave = session.scalar(sa.select(Wave).where(Wave.code == of.month))
            if wave is None:
                wave = self._open(session, of)
        if wave.state == "open":
            with self.office.database.write() as session:
                yield from self._collect(session, wave, of)
            with self.office.database.write() as session:
                wave = waves.get(session, of.month)
                waves.close(session, wave, ACTOR)
                wave.closed_at = of.moment(26, 18)
                self._exclude(session, wave)
        if wave.state == "closed":
            locking.lock(self.office, of.month, ACTOR, at=of.moment(27, 10))

    def _open(self, session: Session, of: Round) -> Wave:
        wave = waves.create(
            session,
            code=of.month,
            title_zh=f"{of.year}年第{of.quarter_zh}季度社区生活环境调查",
            title_en=f"Survey of neighbourhood life, {of.year} {of.quarter_en}",
            month=of.month,
            area=self.township,
            questionnaire=self.published,
            sponsor=SPONSOR,
            approval_number=f"演示〔{of.year}〕{of.number + 1}号",
            valid_until=of.day(31),
            rules=Rules(fieldwork_from=of.day(3), fieldwork_until=of.day(26), response_floor=FLOOR),
            seed=_wave_seed(self.seed, of),
            synthetic=True,
            actor=ACTOR,
        )
        wanted = {
            place.code: round(INTERVIEWS / max(place.response, 0.5) / 0.95) for place in PLACES
        }
        draws.draw(session, self.office.keys, wave, wanted, ACTOR)
        waves.open_(session, wave, ACTOR)
        # The story's time, not that of its making.
        wave.created_at, wave.opened_at = of.moment(1, 9), of.moment(3, 8)
        drawn = sa.update(SampledUnit).where(SampledUnit.wave_id == wave.id)
        session.execute(drawn.values(drawn_at=of.moment(1, 10)))
        return wave

    def _collect(self, session: Session, wave: Wave, of: Round) -> Generator[None]:
        said = opinions(self.who, of.number, self.seed)
        for place, community in enumerate(self.communities):
            field = Field(
                who=self.who,
                opinions=said,
                place=place,
                month=of.month,
                days=19 if of.is_under_way else 24,
                effort=AS_YET if of.is_under_way else 1.0,
                chance=np.random.default_rng([self.seed, 2, of.number, place]),
            )
            self._accept(session, wave, community, field)
            yield
        came = sa.update(Response).where(Response.wave_id == wave.id)
        session.execute(came.values(received_at=Response.submitted_at))
        if of.number >= CONFIRMED_FROM:
            first = of.moment(3, 0)
            volunteers.send_out(session, wave, first, self.seed, is_under_way=of.is_under_way)

    def _accept(self, session: Session, wave: Wave, community: Area, field: Field) -> None:
        """Hand in a community's questionnaires."""
        unit = SampledUnit
        mine = sa.select(unit.address_id, unit.id).where(
            unit.wave_id == wave.id, unit.community_id == community.id
        )
        units = {
            self.households[address]: unit_id
            for address, unit_id in session.execute(mine.order_by(unit.id))
        }
        interviews = field.sample(np.array(list(units))) + field.open_link()
        receipts = responses.accept_all(
            session.connection(),
            [self._submission(one, wave, community, units) for one in interviews],
        )
        assert all(receipt.status == "stored" for receipt in receipts)  # noqa: S101
        modes = {one.household: one.mode for one in interviews}
        addresses = [
            visits.Address(unit_id, modes.get(household), bool(self.who.adults[household]))
            for household, unit_id in units.items()
        ]
        pairs = self._visit(session, field, addresses)
        by_pairs = [
            {"id": receipt.response_id, "interviewer": pairs[units[one.household]]}
            for one, receipt in zip(interviews, receipts, strict=True)
            if one.mode == "door" and one.household is not None
        ]
        session.execute(sa.update(Response), by_pairs)

    def _visit(
        self, session: Session, field: Field, addresses: list[visits.Address]
    ) -> dict[int, str]:
        """Write down the attempts at a community's addresses; who interviewed, by unit."""
        month = int(field.month.replace("-", ""))
        chance = np.random.default_rng([self.seed, 3, month, field.place])
        effort = 0.95 if field.effort == 1 else field.effort
        if rows := visits.attempts(addresses, field, effort, chance):
            session.execute(sa.insert(Base.metadata.tables[Attempt.__tablename__]), rows)
        return visits.interviewers(rows)

    def _exclude(self, session: Session, wave: Wave) -> None:
        """Leave out whoever in one community was told how to answer."""
        if wave.code != EXCLUDED_FROM:
            return
        told = (
            sa.select(Response)
            .where(
                Response.wave_id == wave.id,
                Response.community_id == self.communities[EXCLUDED_IN].id,
                Response.stream == "sample",
                Response.answers["I1"].as_string() == "yes",
            )
            .order_by(Response.instance_id)
        )
        for response in session.scalars(told).all():
            exclusions.exclude(session, response, EXCLUDED_FOR, ACTOR)

    def _submission(
        self, interview: Interview, wave: Wave, community: Area, units: Mapping[int, int]
    ) -> Submission:
        unit = None if interview.household is None else units[interview.household]
        return Submission(
            wave_id=wave.id,
            instance_id=interview.instance_id,
            community_id=community.id,
            unit_id=unit,
            stream="open" if unit is None else "sample",
            mode=interview.mode,
            language=interview.language,
            seed=interview.seed,
            answers=canonical(self.questionnaire, interview.answers),
            started_at=interview.started_at,
            submitted_at=interview.submitted_at,
        )
