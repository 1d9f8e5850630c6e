"""The simulated people: repeatable, of one piece, and with opinions that hang together."""

import numpy as np
import pytest

from surveys.demonstration.fieldwork import Field
from surveys.demonstration.places import PLACES
from surveys.demonstration.population import NEWEST, opinions, people
from surveys.demonstration.words import COMMENTS, IN_ENGLISH
from surveys.questionnaires.answers import canonical
from surveys.questionnaires.xlsform import read
from surveys.sampling.frames import HOUSING
from tests.support.fieldwork import STANDARD

SEED = 11


@pytest.fixture(scope="module")
def who():
    return people(SEED)


@pytest.fixture(scope="module")
def said(who):
    return opinions(who, NEWEST, SEED)


@pytest.fixture(scope="module")
def questionnaire():
    return read(STANDARD.read_bytes(), STANDARD.name)


def test_the_same_seed_makes_the_same_people_and_opinions(who, said):
    again = people(SEED)
    assert np.array_equal(again.age, who.age)
    assert all(np.array_equal(said[q], codes) for q, codes in opinions(again, NEWEST, SEED).items())
    assert not np.array_equal(people(SEED + 1).adults, who.adults)


def test_adults_stand_together_in_the_order_of_their_households(who):
    assert who.adults.sum() == len(who.household)
    lived_in = np.flatnonzero(who.adults)
    assert np.array_equal(who.household[who.first[lived_in]], lived_in)


def test_nobody_lives_where_no_such_housing_stands(who):
    for number, place in enumerate(PLACES):
        found = np.bincount(who.housing[who.place == number], minlength=len(HOUSING))
        assert [share == 0 for share in place.housing] == [count == 0 for count in found]


def test_every_code_is_one_of_the_standard_questionnaire(said, questionnaire):
    for name, codes in said.items():
        question = questionnaire.question(name)
        given = {code for answer in np.unique(codes) for code in str(answer).split()}
        assert given <= set(question.codes), name


def test_the_shares_are_about_what_the_places_say(who, said):
    aware = said["K1"] != "unaware"
    for number, place in enumerate(PLACES):
        if place.households > 500:
            share = aware[who.community == number].mean()
            assert share == pytest.approx(place.aware, abs=0.06)


@pytest.mark.parametrize("place", [0, 9, 11])
def test_what_comes_back_is_accepted_as_it_is(who, said, questionnaire, place):
    field = Field(
        who=who,
        opinions=said,
        place=place,
        month="2026-09",
        days=24,
        effort=1.0,
        chance=np.random.default_rng(1),
    )
    households = np.flatnonzero(who.place == place)
    interviews = field.sample(households) + field.open_link()
    for interview in interviews:
        assert canonical(questionnaire, interview.answers)["S1"] in ("yes", "no")
        assert interview.submitted_at > interview.started_at
        assert interview.started_at.month == interview.submitted_at.month == 9
        if interview.household is not None:
            assert (interview.answers["S1"] == "no") == (who.adults[interview.household] == 0)
    assert len({interview.instance_id for interview in interviews}) == len(interviews)
    assert {interview.mode for interview in interviews} == {"web", "door"}


def test_comments_hold_no_figures_that_could_be_somebodys_number():
    words = "".join((*IN_ENGLISH, *(text for texts in COMMENTS.values() for text in texts)))
    assert not any(sign.isdigit() for sign in words)
