"""Similarity of an interviewer's interviews against shuffled names."""

from __future__ import annotations

import itertools

import numpy as np

from analysis.interviewers.similarity import similarity

RNG = np.random.default_rng(11)
WHO = np.repeat([f"pair {number}" for number in range(6)], 15)
WHERE = np.tile(["north", "south", "east"], 30)


def honest(rng: np.random.Generator) -> np.ndarray:
    return rng.choice([0, 1, 2, -1], p=[0.6, 0.25, 0.1, 0.05], size=(90, 14))


def test_agreement_is_the_mean_over_an_interviewers_pairs_in_one_stratum():
    answers = honest(RNG)
    found = similarity(answers, WHO, WHERE, seed=1, shuffles=9)
    shares = []
    for a, b in itertools.combinations(np.flatnonzero(WHO == "pair 2"), 2):
        both = (answers[a] >= 0) & (answers[b] >= 0)
        if WHERE[a] == WHERE[b]:
            shares.append((answers[a] == answers[b])[both].mean())
    assert found.interviewers[2] == "pair 2"
    assert found.pairs[2] == len(shares) == 30
    assert np.isclose(found.agreement[2], np.mean(shares))


def test_who_makes_interviews_up_from_one_is_found():
    answers = honest(np.random.default_rng(2))
    own = np.flatnonzero(WHO == "pair 3")
    answers[own] = np.where(RNG.random((15, 14)) < 0.5, answers[own[0]], answers[own])
    found = similarity(answers, WHO, WHERE, seed=1)
    assert found.p_holm[3] < 0.02
    assert found.agreement[3] > found.expected[3] + 0.1
    assert np.delete(found.p_holm, 3).min() > 0.05


def test_among_honest_interviewers_p_values_are_spread_evenly():
    rng = np.random.default_rng(7)
    p = [similarity(honest(rng), WHO, WHERE, seed=each, shuffles=99).p_value for each in range(60)]
    assert 0.02 < np.mean(np.concatenate(p) <= 0.05) < 0.085


def test_who_worked_alone_in_every_stratum_is_left_out():
    answers = honest(RNG)[:6]
    found = similarity(answers, list("aabbcc"), list("xxyyyy"), seed=1, shuffles=9)
    assert found.interviewers == ("b", "c")


def test_the_same_seed_gives_the_same_figures():
    answers = honest(RNG)
    one, other = (similarity(answers, WHO, WHERE, seed=4, shuffles=19) for _ in range(2))
    assert np.array_equal(one.p_value, other.p_value)
