"""Smoothed levels and changes of level, on series whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.statespace.mlemodel import MLEModel

from analysis.trends import smooth, smoothed

SERIES, WAVES = 2000, 12


def measured(level, se, seed=1):
    """Series with sampling error around their levels."""
    level = np.broadcast_to(level, (SERIES, WAVES))
    errors = np.full((SERIES, WAVES), se)
    return level + errors * np.random.default_rng(seed).standard_normal(level.shape), errors


def jump(at, by=0.10, start=0.75):
    return np.where(np.arange(WAVES) < at, start, start + by)


@pytest.mark.parametrize("se", [0.01, 0.03])
@pytest.mark.parametrize("waves", [4, 12, 24])
def test_at_most_one_flat_series_in_twenty_is_flagged(waves, se):
    chance = np.random.default_rng(waves)
    estimate = 0.8 + se * chance.standard_normal((4000, waves))
    flagged = smooth(estimate, np.full_like(estimate, se)).changed.any(axis=1).mean()
    assert flagged <= 0.05


def test_a_flat_panel_is_flagged_no_more_often_once_its_covariance_is_known():
    """Neighbouring waves share half their households: correlation 0.4 of neighbours alone."""
    chance = np.random.default_rng(4)
    noise = chance.standard_normal((4000, WAVES + 1))
    se, share = 0.02, 0.4
    a = (1 + np.sqrt(1 - 4 * share**2)) / 2  # moving average with that correlation
    errors = np.sqrt(a) * noise[:, 1:] + np.sqrt(1 - a) * noise[:, :-1]
    estimate, errors_known = 0.8 + se * errors, np.full((4000, WAVES), se)
    neighbours = np.full((4000, WAVES - 1), share * se**2)
    with_them = smooth(estimate, errors_known, neighbours).changed.any(axis=1).mean()
    without = smooth(estimate, errors_known).changed.any(axis=1).mean()
    assert with_them <= 0.05 < without


@pytest.mark.parametrize(
    ("level", "most"),
    [
        (np.full(WAVES, 0.8), 0.3),
        (np.linspace(0.7, 0.85, WAVES), 0.95),
        (jump(6), 0.4),
        (jump(WAVES - 1), 0.5),
    ],
    ids=["flat", "rising", "jump", "jump at the end"],
)
def test_the_smoothed_level_is_nearer_to_the_truth_than_the_estimate(level, most):
    estimate, se = measured(level, 0.02)
    trend = smooth(estimate, se)
    assert ((trend.level - level) ** 2).mean() < most * ((estimate - level) ** 2).mean()


def test_a_wandering_level_is_followed():
    chance = np.random.default_rng(6)
    level = 0.8 + np.cumsum(0.01 * chance.standard_normal((SERIES, WAVES)), axis=1)
    estimate, se = measured(level, 0.02)
    trend = smooth(estimate, se)
    assert ((trend.level - level) ** 2).mean() < 0.75 * ((estimate - level) ** 2).mean()
    lower, upper = trend.interval()
    assert ((lower <= level) & (level <= upper)).mean() > 0.85


@pytest.mark.parametrize("at", [1, 6, WAVES - 1])
def test_a_jump_of_ten_points_is_not_hidden(at):
    """Hidden: the level moves by less than half of it, and no change is flagged.

    At a standard error of 1.5 points, a township's; in the middle of a series always, and at its
    very ends, where a single wave speaks for the new level, in all but one of 200.
    """
    estimate, se = measured(jump(at), 0.015)
    trend = smooth(estimate, se)
    move = trend.level[:, at] - trend.level[:, at - 1]
    hidden = (move < 0.05) & ~trend.changed.any(axis=1)
    assert hidden.mean() <= (0 if at == 6 else 0.005)


def test_no_smoothed_level_leaves_its_wave_by_more_than_one_standard_error():
    estimate, se = measured(jump(9), 0.03)
    assert (np.abs(smooth(estimate, se).level - estimate) <= se + 1e-12).all()


def test_for_a_given_drift_the_levels_are_statsmodels():
    chance = np.random.default_rng(8)
    y, v = chance.standard_normal((3, WAVES)), chance.uniform(0.5, 2, (3, WAVES))
    known = np.ones((3, WAVES), bool)
    known[1, 4] = known[2, 0] = False
    q = np.array([0.0, 0.3, 1.0])
    level, spread, _ = smoothed(y, v, known, np.zeros_like(known), q)
    for row in range(3):
        model = MLEModel(np.where(known[row], y[row], np.nan), k_states=1, k_posdef=1)
        for name in ("design", "transition", "selection"):
            model[name] = np.ones((1, 1))
        model["state_cov"] = q[row].reshape(1, 1)
        model["obs_cov"] = v[row].reshape(1, 1, -1)
        model.ssm.initialize_diffuse()
        theirs = model.ssm.smooth()
        np.testing.assert_allclose(level[row], theirs.smoothed_state[0], atol=1e-5)
        np.testing.assert_allclose(spread[row], theirs.smoothed_state_cov[0, 0], rtol=1e-4)


def test_two_waves_are_left_as_they_are():
    trend = smooth(np.array([[0.7, 0.9]]), np.array([[0.1, 0.1]]))
    assert trend.level.tolist() == [[0.7, 0.9]]


def test_a_wave_without_an_estimate_has_a_level_and_one_without_any_has_none():
    estimate = np.array([[0.7, np.nan, 0.72, 0.71], [np.nan] * 4])
    trend = smooth(estimate, np.where(np.isnan(estimate), np.nan, 0.02))
    assert 0.69 < trend.level[0, 1] < 0.73
    assert np.isnan(trend.level[1]).all()
