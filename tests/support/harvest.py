"""What comes in during the small wave of :mod:`tests.support.fieldwork`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import areas, responses, waves
from surveys.questionnaires import published
from surveys.questionnaires.answers import canonical
from surveys.responses import Receipt, Submission
from surveys.sampling.units import SampledUnit
from tests.support.fieldwork import Fieldwork

NOON = dt.datetime(2026, 11, 5, 4, tzinfo=dt.UTC)
WORDS = "路灯坏了，请联系我：一三八〇〇〇〇〇〇〇〇"


def gather(field: Fieldwork, every: int = 2, open_link: int = 6) -> None:
    """Hand in answers from every so many units, and some through the open link.

    The answers go round in a fixed circle of five, so that any rate can be counted by hand; each
    eleventh household has no eligible adult.
    """
    drawn = units(field)
    with field.office.database.write() as session:
        for number, unit in enumerate(drawn[::every]):
            said = {"S1": "no"} if number % 11 == 10 else answers(number)
            mode = "door" if number % 3 else "web"
            accept(session, field.wave, f"sample-{number}", said, unit=unit, mode=mode)
        for number in range(open_link):
            community = field.communities[number % 2]
            accept(session, field.wave, f"open-{number}", answers(number), community=community)


def answers(number: int, **other: str) -> dict[str, str]:
    """Someone's answers: of five people, four are aware and three are satisfied."""
    return {
        "S1": "yes",
        "S2": ("1", "2", "3", "5", "-2")[number % 5],
        "K1": ("know", "heard", "heard", "know", "unaware")[number % 5],
        "Z1": ("support", "neutral")[number % 2],
        "P1": ("no", "no", "yes")[number % 3],
        "M0": ("very", "fairly", "very", "unsatisfied", "neutral")[number % 5],
        "O1": WORDS,
        **other,
    }


def units(field: Fieldwork) -> list[SampledUnit]:
    """The drawn units in the order of the draw."""
    with field.office.database.read() as session:
        # Read outside a transaction of writing, the definition stays in memory.
        published.load(session, waves.get(session, field.wave).questionnaire_id)
        return list(session.scalars(sa.select(SampledUnit).order_by(SampledUnit.id)))


def hand_in(field: Fieldwork, instance: str, said: Mapping[str, str], unit: SampledUnit) -> Receipt:
    """Hand in one questionnaire from a slip."""
    with field.office.database.write() as session:
        return accept(session, field.wave, instance, said, unit=unit)


def accept(
    session: Session,
    code: str,
    instance: str,
    said: Mapping[str, str],
    *,
    unit: SampledUnit | None = None,
    community: str = "",
    mode: str = "web",
) -> Receipt:
    """Accept one questionnaire, from a slip or through the open link of a community."""
    wave = waves.get(session, code)
    submission = Submission(
        wave_id=wave.id,
        instance_id=f"uuid:{instance}",
        community_id=unit.community_id if unit else areas.get(session, community).id,
        unit_id=unit.id if unit else None,
        stream="sample" if unit else "open",
        mode=mode,
        language="zh",
        seed=1,
        answers=canonical(published.load(session, wave.questionnaire_id), said),
        started_at=NOON,
        submitted_at=NOON + dt.timedelta(minutes=3),
    )
    return responses.accept(session.connection(), submission)


def close(field: Fieldwork) -> None:
    """Close the wave."""
    with field.office.database.write() as session:
        waves.close(session, waves.get(session, field.wave), "test")
