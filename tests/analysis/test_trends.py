"""Smoothed levels and changes of level, on series whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.statespace.mlemodel import MLEModel

from analysis.local_level import Series
from analysis.trends import smooth
from tests.analysis import trend_accuracy
from tests.analysis.trend_accuracy import jump, measured

WAVES = 12
TRUTHS = trend_accuracy.truths(WAVES)


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


@pytest.mark.parametrize("se", [0.015, 0.03, 0.05])
@pytest.mark.parametrize("truth", list(TRUTHS))
def test_the_smoothed_level_is_nearer_to_the_truth_than_the_estimate(truth, se):
    assert measured(TRUTHS[truth], se).error < (0.95 if "seasons" in truth else 0.65)


def test_a_steady_rise_is_smoothed_as_well_as_a_level_that_stays():
    assert measured(TRUTHS["rise of 15 points"], 0.02).error < 0.5


def test_a_steady_rise_is_not_called_a_new_level():
    assert measured(TRUTHS["rise of 15 points"], 0.015).flagged < 0.05


def test_the_band_holds_the_level_of_a_flat_series_as_often_as_it_says():
    assert measured(TRUTHS["flat"], 0.03).coverage > 0.93
    assert measured(TRUTHS["drift (1 point a wave)"], 0.02).coverage > 0.87


@pytest.mark.parametrize("at", [1, 2, 6, WAVES - 2, WAVES - 1])
def test_a_jump_of_ten_points_is_not_hidden(at):
    """At a township's standard error of 1.5 points: at the ends, in less than one of 500."""
    level, _ = measured(jump(WAVES, at), 0.015).hidden(at)
    assert level <= 0.002


@pytest.mark.parametrize("at", [1, WAVES - 1])
@pytest.mark.parametrize("se", [0.03, 0.05])
def test_where_the_first_or_last_wave_lies_beyond_chance_it_stands_as_measured(se, at):
    """A jump at the very end: no later wave can confirm it, and none may be needed to show it."""
    found = measured(jump(WAVES, at), se)
    wave = 0 if at == 1 else at
    others = np.delete(found.estimate, wave, axis=1).mean(axis=1)
    beyond = np.abs(found.estimate[:, wave] - others) > 2.5 * se * np.sqrt(1 + 1 / (WAVES - 1))
    shown = np.abs(found.trend.level[:, wave] - found.estimate[:, wave]) < 1e-12
    assert beyond.mean() > 0.2
    assert (shown | found.trend.changed.any(axis=1))[beyond].mean() > 0.97


def test_a_single_wave_far_from_the_others_stands_as_measured():
    campaign = np.where(np.arange(WAVES) == 6, 0.90, 0.75)
    found = measured(campaign, 0.015)
    assert (found.trend.alone[:, 6] | found.trend.changed[:, 6]).mean() > 0.99


def test_no_smoothed_level_leaves_its_wave_by_more_than_one_standard_error():
    found = measured(jump(WAVES, 9), 0.03)
    assert (np.abs(found.trend.level - found.estimate) <= 0.03 + 1e-12).all()


@pytest.mark.parametrize("scale", [1, 100])
def test_where_the_estimates_move_by_ten_points_the_level_moves_by_five(scale):
    estimate = np.array([[0.75, 0.72, 0.77, 0.73, 0.83], [0.85, 0.70, 0.80, 0.70, 0.80]]) * scale
    level = smooth(estimate, np.full((2, 5), 0.08 * scale), point=0.01 * scale).level
    moved, shown = np.diff(estimate), np.diff(level)
    large = np.abs(moved) >= 0.1 * scale - 1e-9
    assert large.sum() == 5
    assert (np.sign(moved) * shown)[large].min() >= 0.05 * scale - 1e-9


@pytest.mark.parametrize("prior", [0.0, 0.4])
def test_for_a_given_drift_and_slope_the_levels_are_statsmodels(prior):
    chance = np.random.default_rng(8)
    y, v = chance.standard_normal((3, WAVES)), chance.uniform(0.5, 2, (3, WAVES))
    known = np.ones((3, WAVES), bool)
    known[1, 4] = known[2, 0] = False
    series = Series(np.where(known, y, 0), v, known, np.zeros_like(known))
    for q in (0.0, 0.3):
        found = series.smoothed(q, (prior,))[0]
        for row in range(3):
            model = MLEModel(np.where(known[row], y[row], np.nan), k_states=2, k_posdef=1)
            model["design"] = np.array([[1.0, 0]])
            model["transition"] = np.array([[1.0, 1], [0, 1]])
            model["selection"] = np.array([[1.0], [0]])
            model["state_cov"] = np.array([[q]])
            model["obs_cov"] = v[row].reshape(1, 1, -1)
            model.ssm.initialize_known(np.zeros(2), np.diag([1e6, prior]))
            theirs = model.ssm.smooth()
            np.testing.assert_allclose(found.level[row], theirs.smoothed_state[0], atol=1e-4)
            np.testing.assert_allclose(
                found.variance[row], theirs.smoothed_state_cov[0, 0], rtol=1e-3
            )


def test_two_waves_are_left_as_they_are():
    trend = smooth(np.array([[0.7, 0.9]]), np.array([[0.1, 0.1]]))
    assert trend.level.tolist() == [[0.7, 0.9]]


def test_a_wave_without_an_estimate_has_a_level_and_one_without_any_has_none():
    estimate = np.array([[0.7, np.nan, 0.72, 0.71], [np.nan] * 4])
    trend = smooth(estimate, np.where(np.isnan(estimate), np.nan, 0.02))
    assert 0.69 < trend.level[0, 1] < 0.73
    assert np.isnan(trend.level[1]).all()
