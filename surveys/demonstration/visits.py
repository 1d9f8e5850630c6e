"""Who goes to which door in the demonstration township, and what comes of every attempt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from surveys.demonstration.fieldwork import CHINA, Field

PAIRS = 20  # of volunteers in the township
PAIRS_HERE = 4  # in a community; neighbours share some, so that pairs are spread
MOST = 3  # attempts at an address
NOBODY = ("no_answer", "no_answer", "no_answer", "no_entry", "come_back", "away")

# How an address ends where nobody was interviewed, with and without an adult living there.
INHABITED = {"refused": 0.36, "no_answer": 0.42, "unable": 0.05, "away": 0.07, "no_entry": 0.10}
EMPTY = {"vacant": 0.55, "no_adult": 0.20, "unclear": 0.25}


def pair(place: int, lot: int) -> str:
    """One of the pairs that work in a community."""
    return f"pair-{(place * 3 + lot % PAIRS_HERE) % PAIRS + 1:02}"


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
    rows = []
    for address in addresses:
        outcomes = _outcomes(address, effort, chance)
        if not outcomes:
            continue
        moments = np.sort(chance.choice((field.days - 3) * 10, len(outcomes), replace=False))
        who = pair(field.place, int(chance.integers(PAIRS_HERE)))
        rows += [
            {
                "unit_id": address.unit_id,
                "at": first + dt.timedelta(days=int(moment) // 10, hours=int(moment) % 10),
                "outcome": outcome,
                "actor": f"{who}-a",
                "partner": f"{who}-b",
                "recorded_at": first + dt.timedelta(days=int(moment) // 10, hours=11),
            }
            for moment, outcome in zip(moments, outcomes, strict=True)
        ]
    return rows


def _outcomes(address: Address, effort: float, chance: np.random.Generator) -> list[str]:
    """What the attempts at an address come to, one after another."""
    if address.answered == "web":
        return []
    before = [str(one) for one in chance.choice(NOBODY, int(chance.integers(MOST)))]
    if address.answered == "door":
        return [*before, "interview"]
    if chance.random() >= effort:
        return []
    ends = INHABITED if address.is_inhabited else EMPTY
    end = str(chance.choice(list(ends), p=list(ends.values())))
    if end in ("refused", "unable", "vacant", "no_adult"):
        return [*before, end]
    return [*(str(one) for one in chance.choice(NOBODY, MOST - 1)), end]
