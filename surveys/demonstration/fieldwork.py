"""How the people of the demonstration township respond: who answers, how, when, and what they skip.

Whether someone answers depends on where and how old they are, hardly on what they think; through
the open link come those who are pleased and young. That is the difference the two streams show.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from surveys.demonstration.places import PLACES, Place
from surveys.demonstration.population import SATISFIED, Codes, Integers, Population
from surveys.demonstration.words import COMMENTS, IN_ENGLISH

CHINA = dt.timezone(dt.timedelta(hours=8))
DAY = 86_400  # seconds
NOBODY = -1  # in a household without adults

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
        return self._interviews(
            households[answering].tolist(),
            np.where(adults > 0, chosen, NOBODY)[answering],
            np.where(by_phone, "web", "door")[answering].tolist(),
        )

    def open_link(self) -> list[Interview]:
        """What comes in through the link in the chat groups."""
        residents = np.flatnonzero(self.who.community == self.place)
        pleased = np.isin(self.opinions["M0"][residents], SATISFIED[:2])
        appeal = np.exp(PLEASED * pleased - YOUNGER * self.who.age[residents])
        many = min(self.chance.poisson(OPEN_LINK * self.effort), len(residents))
        followers = self.chance.choice(residents, many, replace=False, p=appeal / appeal.sum())
        return self._interviews([None] * many, followers, ["web"] * many)

    def _interviews(
        self, households: Sequence[int | None], adults: Integers, modes: Sequence[str]
    ) -> list[Interview]:
        n = len(adults)
        in_english = (np.array(modes) == "web") & (self.chance.random(n) < IN_ENGLISH_SHARE)
        year, month = map(int, self.month.split("-"))
        first = dt.datetime(year, month, 1, 9, tzinfo=CHINA)
        begun = self.chance.integers(2, self.days, n) * DAY + self.chance.integers(DAY // 2, size=n)
        took = np.clip(self.chance.lognormal(5.2, 0.35, n), 70, 1500).round()
        names = [uuid.UUID(bytes=self.chance.bytes(16), version=4) for _ in range(n)]
        rows = zip(
            households,
            modes,
            ["en" if one else "zh" for one in in_english],
            names,
            self.chance.integers(2**31, size=n).tolist(),
            begun.tolist(),
            (begun + took).tolist(),
            self._answers(adults, in_english),
            strict=True,
        )
        return [
            Interview(
                household=household,
                mode=mode,
                language=language,
                instance_id=f"uuid:{name}",
                seed=seed,
                started_at=first + dt.timedelta(seconds=start),
                submitted_at=first + dt.timedelta(seconds=end),
                answers=answers,
            )
            for household, mode, language, name, seed, start, end, answers in rows
        ]

    def _answers(
        self, adults: Integers, in_english: npt.NDArray[np.bool_]
    ) -> Iterator[dict[str, str]]:
        """What each adult says; where nobody may be asked, someone says so."""
        said = [codes[adults].tolist() for codes in self.opinions.values()]
        skipping = [SKIPS.get(name, SKIPS_ELSE) * (name != "S1") for name in self.opinions]
        skipped = self.chance.random((len(adults), len(said))) < skipping
        comments = self.chance.random(len(adults)) < COMMENTS_GIVEN
        for row, adult in enumerate(adults.tolist()):
            if adult == NOBODY:
                yield {"S1": "no"}
                continue
            given = {
                name: answers[row]
                for name, answers, skip in zip(self.opinions, said, skipped[row], strict=True)
                if not skip
            }
            if comments[row]:
                given["O1"] = self._comment(given, bool(in_english[row]))
            yield given

    def _comment(self, given: Mapping[str, str], in_english: bool) -> str:
        if in_english:
            return IN_ENGLISH[self.chance.integers(len(IN_ENGLISH))]
        displeased = [m for m in COMMENTS if given.get(m) in SATISFIED[2:5]] or list(COMMENTS)
        choices = COMMENTS[displeased[self.chance.integers(len(displeased))]]
        return choices[self.chance.integers(len(choices))]
