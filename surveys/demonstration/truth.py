"""What is true of the demonstration township, which no survey ever knows."""

from __future__ import annotations

import pyarrow as pa

from surveys.demonstration.places import PLACES, TOWNSHIP
from surveys.demonstration.population import opinions, people
from surveys.questionnaires.definition import Questionnaire
from surveys.results import indicators
from surveys.texts import coded


def truth(questionnaire: Questionnaire, seed: int, wave: int) -> dict[tuple[str, str], float]:
    """Every indicator over all adults, by area code and indicator.

    Parameters
    ----------
    questionnaire : Questionnaire
        The definitions; those of the standard questionnaire are known to the population.
    seed : int
        Of the township.
    wave : int
        Counted from 0, the oldest.

    Returns
    -------
    dict
        Rates as shares, indices in points.
    """
    who = people(seed)
    said = {
        question: coded(pa.array(codes)) for question, codes in opinions(who, wave, seed).items()
    }
    true = {}
    for indicator in questionnaire.indicators:
        y, r = indicators.evaluate_columns(indicator, said, len(who.household))
        true[TOWNSHIP, indicator.name] = float(y.sum() / r.sum())
        for number, place in enumerate(PLACES):
            own = who.community == number
            true[place.code, indicator.name] = float(y[own].sum() / r[own].sum())
    return true
