"""Two small locked waves of one township, a quarter apart, with households in both."""

from __future__ import annotations

import sqlalchemy as sa

from surveys import waves
from surveys.areas import Area
from surveys.office import Office
from surveys.questionnaires.published import PublishedQuestionnaire
from surveys.results import locking
from surveys.sampling import draws
from surveys.sampling.units import SampledUnit
from tests.support import fieldwork, harvest
from tests.support.fieldwork import Fieldwork

FIRST, SECOND = fieldwork.WAVE, "2027-02"


def two_locked(office: Office) -> Fieldwork:
    """The small wave, and another in the next quarter where more are aware; both locked."""
    field = fieldwork.begin(office)
    harvest.gather(field)
    harvest.close(field)
    locking.lock(office, FIRST, "test")
    another(field, SECOND)
    return field


def another(field: Fieldwork, code: str, *, every: int = 2, door: int = 2) -> None:
    """Hold one more wave and lock it; each ``door``-th interview is at the door."""
    with field.office.database.write() as session:
        wave = waves.create(
            session,
            code=code,
            title_zh="下一季度民意调查",
            month=code,
            area=session.scalars(sa.select(Area).where(Area.level == "township")).one(),
            questionnaire=session.scalars(sa.select(PublishedQuestionnaire)).one(),
            seed=int(code.replace("-", "")),
            actor="test",
        )
        draws.draw(session, field.office.keys, wave, 80, "test")
        waves.open_(session, wave, "test")
        drawn = sa.select(SampledUnit).where(SampledUnit.wave_id == wave.id)
        units = session.scalars(drawn.order_by(SampledUnit.id)).all()
        for number, unit in enumerate(units[::every]):
            said = harvest.answers(number, **({"K1": "know"} if number % 10 == 4 else {}))
            mode = "door" if number % door else "web"
            harvest.accept(session, code, f"{code}-{number}", said, unit=unit, mode=mode)
        waves.close(session, wave, "test")
    locking.lock(field.office, code, "test")
