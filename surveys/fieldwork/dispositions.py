"""Final dispositions of sampled units, and the outcome rates made of them.

Both are the American Association for Public Opinion Research's, *Standard Definitions: Final
Dispositions of Case Codes and Outcome Rates for Surveys*, 10th edition, 2023; the letters below
(I, P, R, NC, O, UH, UO, e) are theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from surveys.problems import N_


@dataclass(frozen=True)
class Disposition:
    """What became of a unit: its number in the Standard Definitions, and plain words."""

    code: str
    words: str


DISPOSITIONS = {
    "complete": Disposition("1.1", N_("complete interview")),
    "partial": Disposition("1.2", N_("partial interview")),
    "refusal": Disposition("2.1", N_("refused or broken off")),
    "noncontact": Disposition("2.2", N_("nobody reached")),
    "other": Disposition("2.3", N_("no interview for another reason")),
    "unknown_household": Disposition("3.1", N_("unknown whether anyone lives there")),
    "unknown_person": Disposition("3.2", N_("unknown whether an eligible adult lives there")),
    "ineligible": Disposition("4.0", N_("not eligible")),
}
INTERVIEWS = ("complete", "partial")
ELIGIBLE = (*INTERVIEWS, "refusal", "noncontact", "other")
UNKNOWN = ("unknown_household", "unknown_person")


@dataclass(frozen=True)
class Rates:
    """Outcome rates, each None where its denominator is zero.

    Parameters
    ----------
    e : float
        Share of the units of unknown eligibility that was taken to be eligible.
    rr1, …, rr6 : float or None
        Response rates. The even ones count partial interviews; 1 and 2 take every unknown unit to
        be eligible (the lowest rates), 3 and 4 the share ``e`` of them, 5 and 6 none.
    coop1, …, coop4 : float or None
        Cooperation of those who were reached; 3 and 4 leave out those unable to take part.
    ref1, ref2, ref3, con1, con2, con3 : float or None
        Refusal and contact, with all, the share ``e``, or none of the unknown units.
    """

    e: float
    rr1: float | None
    rr2: float | None
    rr3: float | None
    rr4: float | None
    rr5: float | None
    rr6: float | None
    coop1: float | None
    coop2: float | None
    coop3: float | None
    coop4: float | None
    ref1: float | None
    ref2: float | None
    ref3: float | None
    con1: float | None
    con2: float | None
    con3: float | None


def rates(counts: Mapping[str, int], e: float | None = None) -> Rates:
    """The outcome rates of so many units of each disposition.

    Parameters
    ----------
    counts : mapping of disposition to int
        A disposition that is left out has no units.
    e : float, optional
        Share of the unknown units that is eligible; by default estimated by proportional
        allocation, as among the units whose eligibility is known (:func:`share_eligible`).

    Examples
    --------
    >>> found = rates({"complete": 50, "refusal": 30, "noncontact": 20, "ineligible": 25})
    >>> found.rr1, found.coop1, found.con1, found.e
    (0.5, 0.625, 0.8, 0.8)
    """
    I, P, R, NC, O, UH, UO, _NE = (counts.get(name, 0) for name in DISPOSITIONS)  # noqa: E741, N806
    e = share_eligible(counts) if e is None else e
    eligible = (I + P) + (R + NC + O)
    reached = (I + P) + R + O
    unknown = UH + UO
    return Rates(
        e=e,
        rr1=_over(I, eligible + unknown),
        rr2=_over(I + P, eligible + unknown),
        rr3=_over(I, eligible + e * unknown),
        rr4=_over(I + P, eligible + e * unknown),
        rr5=_over(I, eligible),
        rr6=_over(I + P, eligible),
        coop1=_over(I, reached),
        coop2=_over(I + P, reached),
        coop3=_over(I, (I + P) + R),
        coop4=_over(I + P, (I + P) + R),
        ref1=_over(R, eligible + unknown),
        ref2=_over(R, eligible + e * unknown),
        ref3=_over(R, eligible),
        con1=_over(reached, eligible + unknown),
        con2=_over(reached, eligible + e * unknown),
        con3=_over(reached, eligible),
    )


def share_eligible(counts: Mapping[str, int]) -> float:
    """Eligible units among those whose eligibility is known; 1, the cautious value, if none is.

    >>> share_eligible({"complete": 30, "refusal": 10, "ineligible": 10, "unknown_household": 7})
    0.8
    """
    eligible = sum(counts.get(name, 0) for name in ELIGIBLE)
    known = eligible + counts.get("ineligible", 0)
    return eligible / known if known else 1.0


def _over(part: float, whole: float) -> float | None:
    return part / whole if whole else None
