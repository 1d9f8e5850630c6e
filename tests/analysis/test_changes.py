"""Change between waves: a rotating panel simulated, with and without its covariance."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.changes import Level, change
from analysis.scores import Scores, cross_forms, forms
from analysis.wave_cells import cross_blocks
from tests.analysis.change_accuracy import accuracy, panels, population, wave


@pytest.mark.parametrize(
    ("kept", "too_long"),
    [
        pytest.param(0.25, 1.04, marks=pytest.mark.slow),
        (0.5, 1.15),
        pytest.param(0.75, 1.3, marks=pytest.mark.slow),
        pytest.param(1.0, 1.5, marks=pytest.mark.slow),
    ],
)
def test_a_rotating_panels_change_has_the_error_it_says(kept, too_long):
    """10,000 runs; docs/simulation.md has the figures."""
    found = accuracy(kept, 10_000)
    assert found.error == pytest.approx(1, rel=0.03)
    assert 0.935 <= found.coverage <= 0.97
    assert found.error_ignoring > too_long  # the longer, the more stay
    assert found.coverage_ignoring > found.coverage


def test_where_everyone_is_left_out_the_next_time_the_error_is_a_little_short():
    """No common unit tells how those left out would have answered: 12 % of the population each
    time, and 3.5 % of the standard error."""
    found = accuracy(0.0, 2_000)
    assert found.error == pytest.approx(0.97, abs=0.04)
    assert found.coverage >= 0.93


def test_the_same_units_in_both_waves_are_a_panel():
    """C is then the one-wave formula of the two scores: n/(n−1) Σ (z₁ − z̄₁)(z₂ − z̄₂)."""
    chance = np.random.default_rng(2)
    values = chance.random((2, 40, 1, 1))
    unit, stratum = np.arange(40).astype(str), np.arange(40) % 4
    one, other = (
        Scores(unit, 0 * stratum, stratum, np.zeros(40), np.full(4, 10.0), v) for v in values
    )
    both = Scores(
        unit, 0 * stratum, stratum, np.zeros(40), np.full(4, 10.0), np.concatenate(values, axis=-1)
    )
    np.testing.assert_allclose(
        cross_forms(one, other, 1).item(), forms(both, 1)[0, 0, 0, 1], rtol=1e-12
    )


def test_waves_without_a_common_unit_have_no_covariance():
    rng = np.random.default_rng(3)
    waves = [wave(t, d) for t, d in zip(population(rng), panels(rng, 0.0, 2), strict=True)]
    assert (cross_blocks(*waves) == 0).all()


def test_a_correlation_beyond_one_is_cut():
    level = Level(*np.array([[0.8], [0.02], [100], [400]]))
    assert change(level, level, np.array([1.0])).se.item() == 0


def test_small_waves_are_compared_and_not_judged():
    small = Level(*np.array([[0.8], [0.06], [39], [40]]))
    large = Level(*np.array([[0.5], [0.02], [400], [400]]))
    found = change(small, large, np.zeros(1))
    assert found.p.item() < 0.001
    assert not found.judged.item()
    assert np.isnan(found.holm()).all()


def test_the_whole_stands_outside_the_family_of_communities():
    level = [np.full((4, 1), value) for value in (0.8, 0.02, 100.0, 400.0)]
    later = [np.array([[0.85], [0.87], [0.87], [0.87]]), *level[1:]]
    found = change(Level(*level), Level(*later), np.zeros((4, 1)))
    adjusted = found.holm(slice(1, None))
    assert adjusted[0] == found.p[0]
    np.testing.assert_allclose(adjusted[1:], 3 * found.p[1:])
