"""What phones send: the shapes of their writes, and of an interview once it is unsealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from surveys.fieldwork.attempts import MOST_HOUSEHOLDS, OUTCOMES
from surveys.fieldwork.interviews import LONGEST_NOTE
from surveys.fieldwork.rechecks import CLAIMS, RESULTS
from surveys.questionnaires.answers import LONGEST_TEXT
from surveys.shapes import Length, Range

LONGEST_REASON = 200  # characters
NAME = r"[!-~]{1,72}"
INSTANCE = r"uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

Id: TypeAlias = Annotated[str, Length(72, NAME)]
UnitId: TypeAlias = Annotated[int, Range(1, 2**31 - 1)]
Partner: TypeAlias = Annotated[str, Length(64)]
WaveCode: TypeAlias = Annotated[str, Length(32)]
Kid: TypeAlias = Annotated[str, Length(64)]
Base64: TypeAlias = Annotated[str, Length(1_000_000)]
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
    wave: WaveCode
    kid: Kid
    mode: Literal["door", "paper"]
    sealed: Base64
    phone_time: dt.datetime


@dataclass(frozen=True)
class RecheckUpload:
    """What a household says at a re-check, sealed in the same way."""

    id: Id
    recheck: UnitId
    wave: WaveCode
    kid: Kid
    sealed: Base64
    phone_time: dt.datetime


Sealed: TypeAlias = InterviewUpload | RecheckUpload


@dataclass(frozen=True)
class ShiftUpload:
    """Hours that someone was out."""

    id: Id
    started_at: dt.datetime
    ended_at: dt.datetime
    partner: Partner = ""
    phone_time: dt.datetime | None = None


@dataclass(frozen=True)
class Correction:
    """A count of the adults that was wrong, whom it chose, and what was wrong with it."""

    adults: Annotated[int, Range(1, 99)]
    chosen: Annotated[int, Range(1, 99)]
    reason: Annotated[str, Length(LONGEST_REASON)]
    at: dt.datetime


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
    corrections : sequence of Correction
        Earlier counts, the first one first.
    """

    rule: Literal["next_birthday", "kish"]
    households: Households | None = None
    adults: Annotated[int, Range(1, 99)] | None = None
    chosen: Annotated[int, Range(1, 99)] | None = None
    corrections: Annotated[Sequence[Correction], Length(20)] = ()


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


@dataclass(frozen=True)
class Confirmed:
    """What a re-check says once it is unsealed, as :func:`surveys.fieldwork.rechecks.record`."""

    id: Id
    recheck: UnitId
    wave: WaveCode
    at: dt.datetime
    result: Literal[tuple(RESULTS)]  # type: ignore[valid-type]
    took_place: Literal[("", *CLAIMS)] = ""  # type: ignore[valid-type]
    right_person: Literal[("", *CLAIMS)] = ""  # type: ignore[valid-type]
    answers: Annotated[Mapping[str, Annotated[str, Length(64)]], Length(100)] = field(
        default_factory=dict
    )
    partner: Partner = ""
