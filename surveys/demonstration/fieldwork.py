"""How the people of the demonstration township respond: who answers, how, when, and what they skip.

Whether someone answers depends on where and how old they are, hardly on what they think; through
the open link come those who are pleased and young. That is the difference the two streams show.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from surveys.demonstration.places import PLACES, Place
from surveys.demonstration.population import SATISFIED, Codes, Integers, Population
from surveys.demonstration.words import COMMENTS, IN_ENGLISH

CHINA = dt.timezone(dt.timedelta(hours=8))

# Of the drawn households' chosen adults by age band, how many answer, relative to the place's rate,
# and how many of those by phone rather than at the door.
ANSWERS = (0.90, 0.93, 0.98, 1.02, 1.05, 1.05)
BY_PHONE = (0.80, 0.75, 0.65, 0.50, 0.35, 0.20)
NOBODY_ELIGIBLE_SAYS_SO = 0.5
COMMENTS_GIVEN = 0.38
SKIPS = {"S2": 0.03, "D1": 0.015, "D2": 0.02, "D3": 0.02, "D4": 0.02}
SKIPS_ELSE = 0.012
IN_ENGLISH_SHARE = 0.015

OPEN_LINK = 26  # people per community who follow the link
PLEASED, YOUNGER = 1.0, 0.35  # log odds of following it, per being satisfied and per age band


@dataclass(frozen=True)
class Interview:
    """A finished questionnaire before it is handed in."""

    household: int | None  # None: through the open link
    mode: str
    language: str
    instance_id: str
    seed: int
    started_at: dt.datetime
    submitted_at: dt.datetime
    answers: Mapping[str, str]


@dataclass(frozen=True)
class Field:
    """One wave in one community.

    Parameters
    ----------
    who, opinions
        The population and what everybody would answer.
    place : int
        Index into ``places``.
    month : str
        ``2026-09``.
    days : int
        So many days of the month have passed.
    effort : float
        1 for a finished wave; less for one that has just begun.
    """

    who: Population
    opinions: Mapping[str, Codes]
    place: int
    month: str
    days: int
    effort: float
    chance: np.random.Generator
    places: Sequence[Place] = PLACES

    def sample(self, households: Integers) -> list[Interview]:
        """What comes back from the drawn households: one adult of each, if anyone."""
        adults = self.who.adults[households]
        chosen = self.who.first[households] + self.chance.integers(np.maximum(adults, 1))
        age = self.who.age[np.where(adults > 0, chosen, 0)]
        likely = np.where(adults > 0, np.array(ANSWERS)[age], NOBODY_ELIGIBLE_SAYS_SO)
        rate = self.places[self.place].response * self.effort
        answering = self.chance.random(len(households)) < likely * rate
        by_phone = self.chance.random(len(households)) < np.array(BY_PHONE)[age]
        return [
            self._interview(
                int(households[at]),
                int(chosen[at]) if adults[at] else None,
                "web" if by_phone[at] else "door",
            )
            for at in np.flatnonzero(answering)
        ]

    def open_link(self) -> list[Interview]:
        """What comes in through the link in the chat groups."""
        residents = np.flatnonzero(self.who.community == self.place)
        pleased = np.isin(self.opinions["M0"][residents], SATISFIED[:2])
        appeal = np.exp(PLEASED * pleased - YOUNGER * self.who.age[residents])
        many = min(self.chance.poisson(OPEN_LINK * self.effort), len(residents))
        followers = self.chance.choice(residents, many, replace=False, p=appeal / appeal.sum())
        return [self._interview(None, int(adult), "web") for adult in followers]

    def _interview(self, household: int | None, adult: int | None, mode: str) -> Interview:
        in_english = mode == "web" and self.chance.random() < IN_ENGLISH_SHARE
        year, month = map(int, self.month.split("-"))
        started = dt.datetime(year, month, 1, 9, tzinfo=CHINA) + dt.timedelta(
            days=int(self.chance.integers(2, self.days)), seconds=int(self.chance.integers(43200))
        )
        took = float(np.clip(self.chance.lognormal(5.2, 0.35), 70, 1500))
        return Interview(
            household=household,
            mode=mode,
            language="en" if in_english else "zh",
            instance_id=f"uuid:{uuid.UUID(bytes=self.chance.bytes(16), version=4)}",
            seed=int(self.chance.integers(2**31)),
            started_at=started,
            submitted_at=started + dt.timedelta(seconds=round(took)),
            answers={"S1": "no"} if adult is None else self._answers(adult, in_english),
        )

    def _answers(self, adult: int, in_english: bool) -> dict[str, str]:
        said = {question: str(codes[adult]) for question, codes in self.opinions.items()}
        skipped = self.chance.random(len(said))
        given = {
            question: answer
            for (question, answer), lot in zip(said.items(), skipped, strict=True)
            if question == "S1" or lot >= SKIPS.get(question, SKIPS_ELSE)
        }
        if self.chance.random() < COMMENTS_GIVEN:
            given["O1"] = self._comment(given, in_english)
        return given

    def _comment(self, given: Mapping[str, str], in_english: bool) -> str:
        if in_english:
            return IN_ENGLISH[self.chance.integers(len(IN_ENGLISH))]
        displeased = [m for m in COMMENTS if given.get(m) in SATISFIED[2:5]] or list(COMMENTS)
        choices = COMMENTS[displeased[self.chance.integers(len(displeased))]]
        return choices[self.chance.integers(len(choices))]
