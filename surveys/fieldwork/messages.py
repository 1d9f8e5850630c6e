"""What phones send: the shapes of their writes, and of an interview once it is unsealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from surveys.fieldwork.attempts import MOST_HOUSEHOLDS, OUTCOMES
from surveys.fieldwork.interviews import LONGEST_NOTE
from surveys.questionnaires.answers import LONGEST_TEXT
from surveys.shapes import Length, Range

NAME = r"[!-~]{1,72}"
INSTANCE = r"uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

Id: TypeAlias = Annotated[str, Length(72, NAME)]
UnitId: TypeAlias = Annotated[int, Range(1, 2**31 - 1)]
Partner: TypeAlias = Annotated[str, Length(64)]
Households: TypeAlias = Annotated[int, Range(1, MOST_HOUSEHOLDS)]


@dataclass(frozen=True)
class AttemptUpload:
    """A visit to an address, as :func:`surveys.fieldwork.attempts.record` knows it."""

    id: Id
    unit: UnitId
    outcome: Literal[tuple(OUTCOMES)]  # type: ignore[valid-type]
    at: dt.datetime
    phone_time: dt.datetime
    return_at: dt.datetime | None = None
    households: Households | None = None
    partner: Partner = ""


@dataclass(frozen=True)
class InterviewUpload:
    """An interview, sealed; see :mod:`surveys.fieldwork.sealing`."""

    id: Annotated[str, Length(41, INSTANCE)]
    unit: UnitId
    wave: Annotated[str, Length(32)]
    kid: Annotated[str, Length(64)]
    mode: Literal["door", "paper"]
    sealed: Annotated[str, Length(1_000_000)]  # base64
    phone_time: dt.datetime


@dataclass(frozen=True)
class ShiftUpload:
    """Hours that someone was out."""

    id: Id
    started_at: dt.datetime
    ended_at: dt.datetime
    partner: Partner = ""
    phone_time: dt.datetime | None = None


@dataclass(frozen=True)
class Selection:
    """How the respondent was chosen.

    Parameters
    ----------
    households : int or None
        Counted at the address.
    adults : int or None
        Counted in the household, where the rule needs it.
    chosen : int or None
        Which of them was asked, the eldest being 1.
    """

    rule: Literal["next_birthday", "kish"]
    households: Households | None = None
    adults: Annotated[int, Range(1, 99)] | None = None
    chosen: Annotated[int, Range(1, 99)] | None = None


@dataclass(frozen=True)
class Unsealed:
    """What a sealed interview says."""

    instance_id: Annotated[str, Length(41)]
    wave: Annotated[str, Length(32)]
    unit: UnitId
    language: Annotated[str, Length(8)]
    seed: Annotated[int, Range(0, 2**31 - 1)]
    answers: Annotated[
        Mapping[str, Annotated[str, Length(LONGEST_TEXT, any_sign=True)]], Length(2000)
    ]
    started_at: dt.datetime
    finished_at: dt.datetime
    private: bool
    selection: Selection
    questionnaire: Annotated[str, Length(100)]  # name/version
    partner: Partner = ""
    notes: Annotated[
        Mapping[str, Annotated[str, Length(LONGEST_NOTE, any_sign=True)]], Length(2000)
    ] = field(default_factory=dict)
