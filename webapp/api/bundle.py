"""The bundle: everything a phone needs for a day without signal."""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from surveys import areas, audit
from surveys.areas import Area
from surveys.database import now
from surveys.fieldwork import assignments, rechecks, sealing, selection
from surveys.fieldwork.assignments import Assignment
from surveys.fieldwork.attempts import OUTCOMES, Attempt, chosen_household
from surveys.fieldwork.rechecks import CLAIMS, RESULTS, Recheck
from surveys.fieldwork.visits import ATTEMPTS, Case, Visit
from surveys.office import Office
from surveys.people import User
from surveys.problems import N_
from surveys.questionnaires import published
from surveys.responses import Response
from surveys.results import readings
from surveys.sampling import addresses
from surveys.sampling.frames import Address
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from webapp.accounts.person import Person
from webapp.i18n import LANGUAGES
from webapp.office import settings

_log = logging.getLogger(__name__)

CONSENT = N_(
    "Taking part is voluntary. You may leave out a question or stop at any time. Answers are kept "
    "without name, telephone number or location, and your address is kept apart from them, "
    "encrypted. May we begin?"
)


@dataclass(frozen=True)
class Volunteer:
    """Who is logged in."""

    name: str


@dataclass(frozen=True)
class Seal:
    """The public key that interviews of a wave are sealed with."""

    kid: str
    public_jwk: Mapping[str, str]


@dataclass(frozen=True)
class WaveOffer:
    """A wave under way, as those at the door need it.

    Without ``seal`` its key is lost, and no interview is begun. ``recheck_questions`` are those
    that a re-check puts once more.
    """

    code: str
    title: Mapping[str, str]
    sponsor: str
    approval_number: str
    valid_until: dt.date | None
    contact: str
    selection: str
    consent: Mapping[str, str]
    seal: Seal | None
    attempts: int
    questionnaire: Mapping[str, Any]
    recheck_questions: Sequence[str]


@dataclass(frozen=True)
class OutcomeOffer:
    """What an attempt may come to; 2 settles an address, 1 says that someone lives there."""

    code: str
    words: Mapping[str, str]
    settles: int


@dataclass(frozen=True)
class RecheckWords:
    """What a re-check may come to, or a household may say."""

    code: str
    words: Mapping[str, str]


@dataclass(frozen=True)
class Place:
    """A community."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Whereabouts:
    """An address, whole and in its parts."""

    building: str
    entrance: str
    door: str
    text: str


@dataclass(frozen=True)
class Tried:
    """An attempt that was made before."""

    at: dt.datetime
    outcome: str
    return_at: dt.datetime | None


@dataclass(frozen=True)
class Task:
    """One address that the volunteer is to visit.

    ``household_choices`` and ``kish`` say who is asked for every number that may be counted.
    """

    unit: int
    wave: str
    partner: str
    community: Place
    grid: str
    address: Whereabouts
    floor: int | None
    order: int
    households: int | None
    chosen_household: int | None
    household_choices: Mapping[str, int]
    kish: Mapping[str, int]
    attempts: Sequence[Tried]
    attempts_left: int
    untried: Sequence[str]
    answered: bool


@dataclass(frozen=True)
class RecheckTask:
    """An interview of others that is to be confirmed; nothing of what was answered."""

    id: int
    wave: str
    community: Place
    address: Whereabouts
    households: int | None
    chosen_household: int | None


@dataclass(frozen=True)
class Bundle:
    """A day's work."""

    server_time: dt.datetime
    volunteer: Volunteer
    partners: Sequence[str]
    waves: Sequence[WaveOffer]
    outcomes: Sequence[OutcomeOffer]
    assignments: Sequence[Task]
    rechecks: Sequence[RecheckTask]
    recheck_results: Sequence[RecheckWords]
    recheck_claims: Sequence[RecheckWords]


def make(session: Session, office: Office, person: Person) -> Bundle:
    """The bundle of a volunteer. Reading addresses is never silent: it leaves a trace."""
    work = assignments.of_user(session, person.id)
    confirmed = rechecks.of_user(session, person.id)
    waves = {wave.id: wave for _, _, wave in [*work, *confirmed]}
    for wave in waves.values():
        number = sum(unit.wave_id == wave.id for _, unit, _ in work)
        again = sum(unit.wave_id == wave.id for _, unit, _ in confirmed)
        read = {"units": number} | ({"rechecks": again} if again else {})
        audit.record(session, person.name, "addresses.read", wave.code, **read)
    return Bundle(
        server_time=now(),
        volunteer=Volunteer(person.name),
        partners=_partners(session, person, [one for one, _, _ in work]),
        waves=[_wave(session, office, wave) for wave in waves.values()],
        outcomes=[OutcomeOffer(code, _said(one.words), one.settles) for code, one in _OUTCOMES],
        assignments=list(_tasks(session, office, work)),
        rechecks=list(_rechecks(session, office, confirmed)),
        recheck_results=_words(RESULTS),
        recheck_claims=_words(CLAIMS),
    )


_OUTCOMES = tuple(OUTCOMES.items())


def _wave(session: Session, office: Office, wave: Wave) -> WaveOffer:
    try:
        key = sealing.to_tell(session, office.sealing_keys, wave)
    except sealing.Lost as lost:
        _log.error("%s", lost)
        seal = None
    else:
        seal = Seal(key.kid, key.public_jwk)
    return WaveOffer(
        code=wave.code,
        title={"zh": wave.title_zh, "en": wave.title_en or wave.title_zh},
        sponsor=wave.sponsor,
        approval_number=wave.approval_number,
        valid_until=wave.valid_until,
        contact=settings().contact or wave.sponsor,
        selection=wave.selection,
        consent=_said(CONSENT),
        seal=seal,
        attempts=ATTEMPTS,
        questionnaire=published.load(session, wave.questionnaire_id).to_json(),
        recheck_questions=[one.name for one in rechecks.questions(session, wave)],
    )


def _partners(session: Session, person: Person, standing: Sequence[Assignment]) -> Sequence[str]:
    """Those who may come along: the volunteers around, and whom the assignments name."""
    around = sa.select(User.name).where(User.role == "volunteer", User.active, User.id != person.id)
    if person.area_id is not None:
        near = [
            *areas.branch(session, person.area_id),
            *readings.ancestors(session, person.area_id),
        ]
        around = around.where(sa.or_(User.area_id.in_(near), User.area_id.is_(None)))
    named = {one.partner for one in standing if one.partner}
    return sorted(named.union(session.scalars(around)))


def _tasks(
    session: Session, office: Office, work: Sequence[tuple[Assignment, SampledUnit, Wave]]
) -> Iterator[Task]:
    ids = [unit.id for _, unit, _ in work]
    visited, answered = _visited(session, ids), _answered(session, ids)
    where = _whereabouts(session, [unit.address_id for _, unit, _ in work])
    work = sorted(work, key=lambda one: (one[2].code, *where[one[1].address_id][:2]))
    for order, (assignment, unit, wave) in enumerate(work):
        place, _position, sealed = where[unit.address_id]
        text = office.keys.unseal(sealed)
        case = Case(
            *(unit.id, unit.community_id, unit.batch, unit.households, visited[unit.id]),
            answered="complete" if unit.id in answered else None,
        )
        is_kish = wave.selection == "kish"
        yield Task(
            unit=unit.id,
            wave=wave.code,
            partner=assignment.partner,
            community=place,
            grid=unit.grid,
            address=_at(text),
            floor=addresses.parts(text).floor,
            order=order,
            households=unit.households,
            chosen_household=chosen_household(wave, unit),
            household_choices=selection.households_ahead(wave.seed, unit.address_id),
            kish=selection.adults_ahead(wave.seed, unit.address_id) if is_kish else {},
            attempts=[Tried(*visit) for visit in case.visits],
            attempts_left=case.attempts_left,
            untried=case.untried,
            answered=unit.id in answered,
        )


def _rechecks(
    session: Session, office: Office, work: Sequence[tuple[Recheck, SampledUnit, Wave]]
) -> Iterator[RecheckTask]:
    where = _whereabouts(session, [unit.address_id for _, unit, _ in work])
    for recheck, unit, wave in work:
        place, _position, sealed = where[unit.address_id]
        yield RecheckTask(
            id=recheck.id,
            wave=wave.code,
            community=place,
            address=_at(office.keys.unseal(sealed)),
            households=unit.households,
            chosen_household=chosen_household(wave, unit),
        )


def _at(text: str) -> Whereabouts:
    part = addresses.parts(text)
    return Whereabouts(part.building, part.entrance, part.door, text)


def _visited(session: Session, units: Sequence[int]) -> Mapping[int, list[Visit]]:
    columns = (Attempt.unit_id, Attempt.at, Attempt.outcome, Attempt.return_at)
    query = sa.select(*columns).where(Attempt.unit_id.in_(units)).order_by(Attempt.at, Attempt.id)
    found: defaultdict[int, list[Visit]] = defaultdict(list)
    for unit, at, outcome, return_at in session.execute(query):
        found[unit].append(Visit(at, outcome, return_at))
    return found


def _answered(session: Session, units: Sequence[int]) -> set[int | None]:
    query = sa.select(Response.unit_id).where(Response.unit_id.in_(units))
    return set(session.scalars(query))


def _whereabouts(session: Session, ids: Sequence[int]) -> dict[int, tuple[Place, int, bytes]]:
    """Community, place in the list and sealed text of some addresses; places sort by their code."""
    query = (
        sa.select(
            Address.id, Area.code, Area.name_zh, Area.name_en, Address.position, Address.sealed
        )
        .join(Area, Area.id == Address.community_id)
        .where(Address.id.in_(ids))
    )
    return {
        id_: (Place(code, zh, en), position, sealed)
        for id_, code, zh, en, position, sealed in session.execute(query)
    }


def _words(said: Mapping[str, str]) -> list[RecheckWords]:
    return [RecheckWords(code, _said(text)) for code, text in said.items()]


def _said(text: str) -> dict[str, str]:
    """A text of ours in every language."""
    said = {}
    for language in LANGUAGES:
        with force_locale(language):
            said[language] = gettext(text)
    return said
