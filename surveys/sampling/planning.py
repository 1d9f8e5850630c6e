"""How many interviews the next wave needs, where, and how much work that is.

Response and design effect come from earlier locked waves of the same place; where there are none,
from assumptions that the result names. The arithmetic is that of :mod:`analysis.sample_size` and
:mod:`analysis.allocation`; verdicts are planned with the interval that will judge them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from analysis import allocation
from analysis.allocation import Allocation
from analysis.problems import DesignError
from analysis.sample_size import Fieldwork, SampleSize, for_margin, next_wave
from surveys import areas
from surveys.areas import Area
from surveys.problems import N_, Problem, Refused
from surveys.responses import Response
from surveys.results.estimates import StoredEstimate
from surveys.sampling import frames
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from surveys.weighting import margins

WAVES = 4  # earlier waves that count as experience
Z = 1.959963984540054  # of 95 %


@dataclass(frozen=True)
class Aims:
    """What the wave is to find out, and what is assumed where no earlier wave tells.

    Parameters
    ----------
    margin, community_margin : float
        Half the width of the 95 % interval of the township's rate and of each community's.
    target : float
        Against which the verdict is.
    true_rate : float
        The rate at which a verdict is wanted.
    power : float
        Probability of the right verdict then.
    indicator : str
        Whose design effect and rates are taken from earlier waves; empty for the largest effect.
    deff, response, adults : float
        Design effect, response rate and adults at an address, where nothing is known.
    """

    margin: float = 0.05
    community_margin: float = 0.10
    target: float = 0.85
    true_rate: float = 0.90
    power: float = 0.8
    indicator: str = ""
    deff: float = 1.5
    response: float = 0.6
    adults: float = 2.2


@dataclass(frozen=True)
class Work:
    """What a pair of volunteers gets done; stated, because nobody knows it beforehand."""

    pairs: int = 6
    interviews_per_day: float = 8.0
    attempts_per_day: float = 24.0
    attempts_per_address: float = 2.0


@dataclass(frozen=True)
class Experience:
    """What earlier waves say of a place.

    Parameters
    ----------
    waves : tuple of str
        Their codes, the newest first; empty where everything is assumed.
    deff, response : float
        Mean over them: variance over that of a simple random sample; responses over addresses.
    rate : float
        The newest rate, or the one assumed.
    """

    waves: tuple[str, ...]
    deff: float
    response: float
    rate: float


@dataclass(frozen=True)
class Need:
    """What one place needs.

    Parameters
    ----------
    code, name : str
    adults : int
        18 and over: of the margins, else estimated from the list.
    is_counted : bool
        Whether they come from the margins.
    addresses : int
        On the list.
    experience : Experience
    for_margin : SampleSize
        For the margin of error asked.
    for_verdict : SampleSize or None
        For a verdict at the true rate assumed; None: cannot be decided, it takes more people than
        there are.
    """

    code: str
    name: str
    adults: int
    is_counted: bool
    addresses: int
    experience: Experience
    for_margin: SampleSize
    for_verdict: SampleSize | None


@dataclass(frozen=True)
class Option:
    """One way to share the interviews out over the communities.

    Parameters
    ----------
    rule : {"proportional", "equal", "neyman", "power"}
    interviews, addresses : tuple of int, one for each community
    margins : tuple of float, one for each community
        Half the width of the 95 % interval it would have.
    margin : float
        That of the township.
    """

    rule: str
    interviews: tuple[int, ...]
    addresses: tuple[int, ...]
    margins: tuple[float, ...]
    margin: float


@dataclass(frozen=True)
class Workload:
    """Days of work under an option: of pairs in all, and of each pair."""

    rule: str
    attempts: int
    pair_days: float
    days: float


@dataclass(frozen=True)
class Planning:
    """The whole answer; the communities stand in the order of their codes."""

    aims: Aims
    work: Work
    township: Need
    communities: tuple[Need, ...]
    interviews: int
    options: tuple[Option, ...]
    workloads: tuple[Workload, ...]


def plan(
    session: Session, area: Area, aims: Aims, work: Work, interviews: int | None = None
) -> Planning:
    """Plan the next wave of a township.

    Parameters
    ----------
    interviews : int, optional
        To share out; by default what the township's margin takes, or ten in each community.

    Raises
    ------
    Refused
        There are no addresses, or a figure is impossible.
    """
    listed = frames.counts(session)
    places = [place for place in areas.communities(session, area.id) if place.id in listed]
    if not places:
        raise Refused(Problem(N_("There are no addresses to draw from.")))
    try:
        known = _experience(session, [area, *places], aims)
        counted = margins.adults(session, (place.id for place in places))
        needs = tuple(
            _need(
                place, counted.get(place.id), sum(listed[place.id].values()), known[place.id], aims,
                margin=aims.community_margin,
            )
            for place in places
        )  # fmt: skip
        everyone, addresses = sum(n.adults for n in needs), sum(n.addresses for n in needs)
        township = replace(
            _need(area, everyone, addresses, known[area.id], aims, margin=aims.margin),
            is_counted=all(need.is_counted for need in needs),
        )
        total = interviews or max(township.for_margin.interviews, 10 * len(needs))
        options = tuple(_options(min(total, addresses), needs, township))
    except DesignError as error:
        raise Refused(Problem(error.text, error.params)) from error
    loads = tuple(_workload(option, work) for option in options)
    return Planning(aims, work, township, needs, sum(options[0].interviews), options, loads)


def _need(
    place: Area,
    adults: int | None,
    addresses: int,
    experience: Experience,
    aims: Aims,
    *,
    margin: float,
) -> Need:
    people = adults or max(1, round(addresses * aims.adults))
    field = Fieldwork(people, experience.deff, experience.response)
    return Need(
        code=place.code,
        name=place.name_zh,
        adults=people,
        is_counted=adults is not None,
        addresses=addresses,
        experience=experience,
        for_margin=for_margin(margin, experience.rate, field),
        for_verdict=next_wave(aims.true_rate, aims.target, field, power=aims.power),
    )


def _options(total: int, needs: Sequence[Need], township: Need) -> list[Option]:
    units = np.array([need.addresses for need in needs])
    rates = np.array([need.experience.rate for need in needs])
    spread, varies = np.sqrt(rates * (1 - rates)), np.sqrt((1 - rates) / rates)
    least = np.minimum(4, units)
    shared = (
        allocation.proportional(total, units, minimum=least),
        allocation.equal(total, units, minimum=least),
        allocation.neyman(total, units, spread, minimum=least),
        allocation.power(total, units, varies, minimum=least),
    )
    return [_option(one, needs, spread, township) for one in shared]


def _option(
    shared: Allocation, needs: Sequence[Need], spread: NDArray[np.float64],
    township: Need,
) -> Option:  # fmt: skip
    sizes = [int(size) for size in shared.sample]
    margins = []
    for need, size, deviation in zip(needs, sizes, spread, strict=True):
        variance = deviation**2 * need.experience.deff / size * (1 - min(size / need.adults, 1))
        margins.append(Z * math.sqrt(variance))
    overall = Z * shared.standard_error(spread) * math.sqrt(township.experience.deff)
    addresses = [
        min(math.ceil(size / need.experience.response), need.addresses)
        for need, size in zip(needs, sizes, strict=True)
    ]
    return Option(shared.rule, tuple(sizes), tuple(addresses), tuple(margins), overall)


def _workload(option: Option, work: Work) -> Workload:
    """The longer of the two: what the interviews take, and what the attempts take."""
    attempts = math.ceil(sum(option.addresses) * work.attempts_per_address)
    talking = sum(option.interviews) / work.interviews_per_day
    days = max(talking, attempts / work.attempts_per_day)
    return Workload(option.rule, attempts, days, days / work.pairs)


# ---- what is known -------------------------------------------------------------------------------


def _experience(session: Session, places: Sequence[Area], aims: Aims) -> dict[int, Experience]:
    """By place; a community without experience borrows the township's, which comes first."""
    township, *communities = places
    query = (
        sa.select(Wave)
        .where(Wave.area_id == township.id, Wave.state == "locked", Wave.kind == "measurement")
        .order_by(Wave.month.desc(), Wave.code.desc())
        .limit(WAVES)
    )
    earlier = list(session.scalars(query))
    nothing = Experience((), aims.deff, aims.response, aims.true_rate)
    came = _response(session, earlier)
    figures = _figures(session, earlier, aims.indicator)
    ids = [place.id for place in communities]
    whole = {wave.id: _whole(came, wave.id, ids) for wave in earlier}
    judged = {wave.id: figures.get((wave.id, township.id), []) for wave in earlier}
    overall = _mean(earlier, whole, judged, nothing)
    found = {township.id: overall}
    for place in communities:
        counts = {wave.id: came.get((wave.id, place.id), (0, 0)) for wave in earlier}
        own = {wave.id: figures.get((wave.id, place.id), []) for wave in earlier}
        found[place.id] = _mean(earlier, counts, own, overall)
    return found


def _mean(
    earlier: Sequence[Wave],
    came: Mapping[int, tuple[int, int]],
    figures: Mapping[int, list[tuple[float, float]]],
    otherwise: Experience,
) -> Experience:
    told = [wave for wave in earlier if came[wave.id][0] and came[wave.id][1] and figures[wave.id]]
    if not told:
        return otherwise
    deffs = [max(deff for deff, _rate in figures[wave.id]) for wave in told]
    responses, units = (sum(came[wave.id][place] for wave in told) for place in (0, 1))
    rate = min((rate for _deff, rate in figures[told[0].id]), key=lambda p: abs(p - 0.5))
    return Experience(
        waves=tuple(wave.code for wave in told),
        deff=max(0.5, sum(deffs) / len(deffs)),
        response=min(1.0, responses / units),
        rate=min(0.99, max(0.01, rate)),
    )


def _response(session: Session, earlier: Sequence[Wave]) -> dict[tuple[int, int], tuple[int, int]]:
    """Eligible responses and released addresses, by wave and community."""
    ids = [wave.id for wave in earlier]
    unit, answer = SampledUnit, Response
    units = session.execute(
        sa.select(unit.wave_id, unit.community_id, sa.func.count())
        .where(unit.wave_id.in_(ids), unit.released_at.is_not(None))
        .group_by(unit.wave_id, unit.community_id)
    )
    answers = session.execute(
        sa.select(answer.wave_id, answer.community_id, sa.func.count())
        .where(answer.wave_id.in_(ids), answer.stream == "sample", answer.eligible)
        .group_by(answer.wave_id, answer.community_id)
    )
    came = {(wave, place): number for wave, place, number in answers}
    return {(wave, place): (came.get((wave, place), 0), n) for wave, place, n in units}


def _whole(
    came: Mapping[tuple[int, int], tuple[int, int]], wave: int, places: Sequence[int]
) -> tuple[int, int]:
    pairs = [came.get((wave, place), (0, 0)) for place in places]
    return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)


def _figures(
    session: Session, earlier: Sequence[Wave], indicator: str
) -> dict[tuple[int, int], list[tuple[float, float]]]:
    """Design effects and rates by wave and place: of one indicator, or of all that have a target.

    Later weight sets come later and replace the earlier ones of the same figure.
    """
    one = StoredEstimate
    query = (
        sa.select(one.wave_id, one.area_id, one.indicator, one.deff, one.estimate)
        .where(one.wave_id.in_([wave.id for wave in earlier]), one.stream == "sample")
        .where(one.kind == "rate", one.deff.is_not(None), one.estimate.is_not(None))
        .where(one.indicator == indicator if indicator else one.target.is_not(None))
        .order_by(one.weight_set_id)
    )
    newest: dict[tuple[int, int, str], tuple[float, float]] = {}
    for wave, place, name, deff, rate in session.execute(query):
        if deff is not None and rate is not None:
            newest[wave, place, name] = deff, rate
    found: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for (wave, place, _name), figure in newest.items():
        found.setdefault((wave, place), []).append(figure)
    return found
