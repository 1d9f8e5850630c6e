"""Sample size: how many interviews, and how many addresses for them.

Three steps, each rounded up: the simple random sample that is precise enough, or decides; times the
design effect; over the response rate.

References
----------
.. [1] Cochran 1977, Sampling Techniques, 3rd ed., §4.4.
.. [2] Kish 1965, Survey Sampling, §8.2: an effective sample of n/deff.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtri

from analysis import power as power_of
from analysis.feasibility import UndecidableError, effective_n_to_decide
from analysis.problems import DesignError
from analysis.verdicts import LEVEL


@dataclass(frozen=True)
class Fieldwork:
    """The circumstances of a wave that turn precision into interviews.

    Parameters
    ----------
    population : int, optional
        Adults from whom the sample is drawn; without it, so many that it makes no difference.
    deff : float
        Design effect: variance over that of a simple random sample of as many interviews.
    response_rate : float
        Share of drawn addresses that yield an interview, above 0, at most 1.

    Raises
    ------
    DesignError
        Where one of them is impossible.
    """

    population: int | None = None
    deff: float = 1.0
    response_rate: float = 1.0

    def __post_init__(self) -> None:
        if self.population is not None and self.population < 1:
            raise DesignError("A population of %(found)s cannot be sampled.", found=self.population)
        if not 0 < self.deff < float("inf"):
            raise DesignError("A design effect lies above 0; %(found)s does not.", found=self.deff)
        if not 0 < self.response_rate <= 1:
            raise DesignError(
                "A response rate lies above 0 and is at most 1; %(found)s is not.",
                found=self.response_rate,
            )

    def corrected(self, n: float) -> float:
        """Return n/(1 + (n−1)/N): from a small population fewer are as precise [1]_."""
        return n if self.population is None else n / (1 + (n - 1) / self.population)


@dataclass(frozen=True)
class SampleSize:
    """How large a wave must be, and what for.

    Parameters
    ----------
    rate : float
        The rate assumed.
    simple : int
        Interviews in a simple random sample; against a target, the effective n.
    interviews : int
        Completed interviews under the design.
    addresses : int
        Addresses to draw, so that so many are completed.
    fieldwork : Fieldwork
        What was assumed of it.
    margin, target, power : float, optional
        What was asked for: a half-width of the interval, or a decision and its probability.
    """

    rate: float
    simple: int
    interviews: int
    addresses: int
    fieldwork: Fieldwork
    level: float = LEVEL
    margin: float | None = None
    target: float | None = None
    power: float | None = None

    @property
    def attainable(self) -> bool:
        """Whether there are enough adults: one is interviewed at each address."""
        population = self.fieldwork.population
        return population is None or self.addresses <= population


def for_margin(
    margin: float,
    rate: float = 0.5,
    fieldwork: Fieldwork | None = None,
    *,
    level: float = LEVEL,
) -> SampleSize:
    """Return the sample whose rate has a given margin of error.

    Parameters
    ----------
    margin : float
        Half the width of the interval: 0.05 is ± 5 points.
    rate : float
        The rate expected; 0.5 is the worst case.
    fieldwork : Fieldwork, optional
    level : float
        Confidence of the interval.

    Returns
    -------
    SampleSize
        From n₀ = z² p(1−p)/e², corrected for the population [1]_; never more than all of it.

    Raises
    ------
    DesignError
        Where the margin, the rate or the level is not between 0 and 1.

    Examples
    --------
    Of 3,000 adults, 184 give ± 5 points at 85 %; with design effect 1.5, ± 10 points at 50 % take
    94 · 1.5:

    >>> for_margin(0.05, 0.85, Fieldwork(3000)).interviews
    184
    >>> size = for_margin(0.10, 0.50, Fieldwork(3000, deff=1.5, response_rate=0.6))
    >>> size.simple, size.interviews, size.addresses
    (94, 141, 235)
    """
    fieldwork = fieldwork or Fieldwork()
    for name, value in {"margin": margin, "rate": rate, "level": level}.items():
        if not 0 < value < 1:
            raise DesignError(
                "The %(name)s must lie between 0 and 1, and not be %(found)s.",
                name=name, found=value,
            )  # fmt: skip
    z = float(ndtri((1 + level) / 2))
    simple = ceil(fieldwork.corrected(max(1.0, z**2 * rate * (1 - rate) / margin**2)))
    interviews = ceil(simple * fieldwork.deff)
    if fieldwork.population is not None:
        interviews = min(interviews, fieldwork.population)
    return SampleSize(
        rate, simple, interviews, ceil(interviews / fieldwork.response_rate), fieldwork,
        level=level, margin=margin,
    )  # fmt: skip


def for_decision(
    rate: float,
    target: float = 0.85,
    fieldwork: Fieldwork | None = None,
    *,
    power: float | None = 0.8,
) -> SampleSize:
    """Return the sample that decides against a target.

    Parameters
    ----------
    rate : float
        The true rate assumed: above the target, *met* is the right verdict; below it, *not met*.
    target : float
    fieldwork : Fieldwork, optional
    power : float, optional
        Probability of the right verdict. None plans for a sample that shows exactly ``rate``: it
        decides, but a second one from the same people would do so only every other time.

    Returns
    -------
    SampleSize
        ``simple`` is the effective n. The verdict's interval never counts a sample as more than its
        interviews, so the population correction can offset the design effect, and no more.

    Raises
    ------
    DesignError
        Where a figure is impossible.
    UndecidableError
        Where rate and target are equal, or too close for any sample.

    Examples
    --------
    >>> size = for_decision(0.90, 0.85, Fieldwork(3000, deff=1.5, response_rate=0.6))
    >>> size.simple, size.interviews, size.addresses, size.attainable
    (379, 505, 842, True)
    >>> for_decision(0.90, power=None).interviews
    202
    """
    fieldwork = fieldwork or Fieldwork()
    effective = (
        effective_n_to_decide(rate, target)
        if power is None
        else power_of.effective_n_for_power(rate, target, power=power)
    )
    interviews = max(effective, ceil(fieldwork.corrected(effective) * fieldwork.deff))
    return SampleSize(
        rate, effective, interviews, ceil(interviews / fieldwork.response_rate), fieldwork,
        target=target, power=power,
    )  # fmt: skip


def next_wave(
    rate: float,
    target: float = 0.85,
    fieldwork: Fieldwork | None = None,
    *,
    power: float | None = 0.8,
) -> SampleSize | None:
    """Return how large the *next* wave of an undecided community must be.

    Only the next: topping up the present wave until it is *met* makes a false *met* likely.

    Parameters
    ----------
    rate : float
        The rate of this wave, taken for the true one (it has an error of its own: a plan, not a
        promise).
    target, power
        See :func:`for_decision`.
    fieldwork : Fieldwork, optional
        The community's adults, the design effect and response rate of this wave.

    Returns
    -------
    SampleSize or None
        None: cannot be decided, for it would take more adults than there are.

    Examples
    --------
    >>> village = Fieldwork(population=800, deff=1.3)
    >>> next_wave(0.90, 0.85, village).interviews
    379
    >>> next_wave(0.87, 0.85, village) is None
    True
    """
    try:
        size = for_decision(rate, target, fieldwork, power=power)
    except UndecidableError:
        return None
    return size if size.attainable else None


def ceil(number: float) -> int:
    """Round up, but not because of the last binary digit.

    >>> ceil(1.1 * 100), ceil(110.001)
    (110, 111)
    """
    return math.ceil(number * (1 - 1e-12))
