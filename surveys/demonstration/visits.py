"""Who goes to which door in the demonstration township, and what comes of every attempt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from surveys.demonstration.fieldwork import CHINA, Field

PAIRS = 20  # of volunteers in the township
SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高罗"
PAIRS_HERE = 4  # in a community; neighbours share some, so that pairs are spread
MOST = 3  # attempts at an address
NOBODY = ("no_answer", "no_answer", "no_answer", "no_entry", "come_back", "away")

# How an address ends where nobody was interviewed, with and without an adult living there.
INHABITED = {"refused": 0.36, "no_answer": 0.42, "unable": 0.05, "away": 0.07, "no_entry": 0.10}
EMPTY = {"vacant": 0.55, "no_adult": 0.20, "unclear": 0.25}
CONCLUSIVE = ("refused", "unable", "vacant", "no_adult")  # nobody goes there again


def pair(place: int, lot: int) -> int:
    """The number of one of the pairs that work in a community."""
    return (place * 3 + lot % PAIRS_HERE) % PAIRS + 1


def members(number: int) -> tuple[str, str]:
    """The two of a pair; 甲 and 乙 are what nobody is called.

    >>> members(1)
    ('王甲', '李乙')
    """
    return f"{SURNAMES[number - 1]}甲", f"{SURNAMES[number % PAIRS]}乙"


def interviewers(attempts: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """The pair that made each interview among some attempts, by unit, as its answers name it.

    >>> interviewers([{"unit_id": 7, "outcome": "interview", "actor": members(2)[0]}])
    {7: 'pair-02'}
    """
    return {
        row["unit_id"]: f"pair-{SURNAMES.index(row['actor'][0]) + 1:02}"
        for row in attempts
        if row["outcome"] == "interview"
    }


@dataclass(frozen=True)
class Address:
    """A sampled address and what is to come of it."""

    unit_id: int
    answered: str | None  # the mode, if anyone answered
    is_inhabited: bool


def attempts(
    addresses: Sequence[Address], field: Field, effort: float, chance: np.random.Generator
) -> list[dict[str, Any]]:
    """The attempts at a community's addresses in one wave, as rows of the record.

    Parameters
    ----------
    addresses : sequence of Address
    field : Field
        The wave there.
    effort : float
        Share of the addresses that somebody has been to.
    """
    year, number = map(int, field.month.split("-"))
    first = dt.datetime(year, number, 3, 9, tzinfo=CHINA)
    outcomes = _outcomes(addresses, effort, chance)
    lots = chance.integers(PAIRS_HERE, size=len(addresses)).tolist()
    # One hour each of those that people are at home, ten a day.
    hours = np.sort(chance.integers((field.days - 3) * 10 - MOST, size=(len(addresses), MOST)))
    rows = []
    for address, came, lot, at in zip(addresses, outcomes, lots, hours.tolist(), strict=True):
        actor, partner = members(pair(field.place, lot))
        for attempt, outcome in enumerate(came):
            day, hour = divmod(at[attempt] + attempt, 10)
            rows.append(
                {
                    "unit_id": address.unit_id,
                    "at": first + dt.timedelta(days=day, hours=hour),
                    "outcome": outcome,
                    "actor": actor,
                    "partner": partner,
                    "recorded_at": first + dt.timedelta(days=day, hours=11),
                }
            )
    return rows


def _outcomes(
    addresses: Sequence[Address], effort: float, chance: np.random.Generator
) -> Iterator[list[str]]:
    """What the attempts at each address come to, one after another."""
    n = len(addresses)
    vain = np.array(NOBODY)[chance.integers(len(NOBODY), size=(n, MOST - 1))].tolist()
    before = chance.integers(MOST, size=n).tolist()
    is_visited = (chance.random(n) < effort).tolist()
    last = {
        is_inhabited: chance.choice(list(ends), n, p=list(ends.values())).tolist()
        for is_inhabited, ends in ((True, INHABITED), (False, EMPTY))
    }
    for row, address in enumerate(addresses):
        end = last[address.is_inhabited][row]
        if address.answered == "door":
            yield [*vain[row][: before[row]], "interview"]
        elif address.answered == "web" or not is_visited[row]:
            yield []
        elif end in CONCLUSIVE:
            yield [*vain[row][: before[row]], end]
        else:
            yield [*vain[row], end]
