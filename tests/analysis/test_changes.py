"""Change between waves: a rotating panel simulated, with and without its covariance."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.changes import Level, change
from analysis.scores import Scores, cross_forms, forms
from analysis.wave_cells import WaveCells, compare, cross_blocks

STRATA, PEOPLE, DRAWN = 6, 500, 60


def population(chance):
    """Two waves' answers of everyone, alike within a person, by stratum."""
    base = np.linspace(0.65, 0.9, STRATA)[:, None]
    first = chance.random((STRATA, PEOPLE)) < base
    again = chance.random((STRATA, PEOPLE)) < base + 0.04
    return first.astype(float), np.where(chance.random((STRATA, PEOPLE)) < 0.6, first, again)


def panel(chance, kept):
    """Who is drawn in each wave: a share of the first stays, the rest is drawn from the others."""
    order = chance.random((STRATA, PEOPLE)).argsort(axis=1)
    stay = int(DRAWN * kept)
    return order[:, :DRAWN], np.hstack([order[:, :stay], order[:, DRAWN : 2 * DRAWN - stay]])


def wave(truth, drawn):
    """The cells of one wave: a rate over all strata, each of which weighs the same."""
    y = np.take_along_axis(truth, drawn, axis=1).ravel()
    stratum = np.repeat(np.arange(STRATA), DRAWN)
    unit = (stratum * PEOPLE + drawn.ravel()).astype(str)
    weight = PEOPLE / DRAWN
    door = np.zeros_like(y)
    factors = weight * np.stack([y, np.ones_like(y), door, door], axis=-1)
    scores = Scores(
        unit, 0 * stratum, stratum, np.full(len(y), DRAWN / PEOPLE),
        np.full(STRATA, float(DRAWN)), factors[:, None, :],
    )  # fmt: skip
    totals = factors.sum(axis=0)[None, None, :]
    rate = totals[..., 0] / totals[..., 1]
    blocks = forms(scores, 1)
    slopes = np.array([1, -rate.item(), 0, 0]) / totals[0, 0, 1]
    se = np.sqrt(slopes @ blocks[0, 0] @ slopes)[None, None]
    size = np.full((1, 1), float(len(y)))
    squares = np.stack([totals[..., 0], weight * totals[..., 1]], axis=-1)
    level = Level(rate, se, size - STRATA, size)
    nobody = Scores(unit[:0], stratum[:0], stratum[:0], door[:0], door[:0], factors[:0, None, :])
    return WaveCells(nobody, scores, totals, squares, blocks, size, level, np.array([True]))


def simulate(kept, number, seed=1):
    """Changes found, their standard errors with and without covariance, and the true change."""
    chance = np.random.default_rng(seed)
    first, second = population(chance)
    rows = []
    for _ in range(number):
        waves = [wave(t, d) for t, d in zip((first, second), panel(chance, kept), strict=True)]
        between = cross_blocks(*waves)
        for blocks in (between, np.zeros_like(between)):
            found, _ = compare(*waves, blocks)
            rows.append([x.item() for x in (found.change, found.se, found.lower, found.upper)])
    return np.array(rows).reshape(number, 2, 4), second.mean() - first.mean()


@pytest.mark.parametrize("kept", [0.0, 0.5, 1.0])
def test_standard_errors_of_change_are_right_in_a_small_simulation(kept):
    found, truth = simulate(kept, 400)
    spread = found[:, 0, 0].std(ddof=1)
    assert found[:, 0, 1].mean() == pytest.approx(spread, rel=0.12)
    held = (found[:, 0, 2] <= truth) & (truth <= found[:, 0, 3])
    assert held.mean() > 0.91


@pytest.mark.slow
@pytest.mark.parametrize("kept", [0.25, 0.5, 0.75])
def test_a_rotating_panels_change_has_the_error_it_says(kept):
    found, truth = simulate(kept, 10_000)
    spread = found[:, 0, 0].std(ddof=1)
    held = (found[:, 0, 2] <= truth) & (truth <= found[:, 0, 3])
    alone = (found[:, 1, 2] <= truth) & (truth <= found[:, 1, 3])
    ignoring = found[:, 1, 1].mean() / spread
    print(
        f"{kept:.0%} stay: SD {spread:.5f}, SE {found[:, 0, 1].mean() / spread:.3f} of it, covers "
        f"{held.mean():.1%}; without the covariance {ignoring:.3f}, covers {alone.mean():.1%}"
    )
    assert found[:, 0, 1].mean() == pytest.approx(spread, rel=0.03)
    assert 0.935 <= held.mean() <= 0.97
    assert ignoring > 1.05  # too long by so much, the more the larger a share stays
    assert alone.mean() > 0.955


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
    first, second = population(rng)
    waves = [wave(t, d) for t, d in zip((first, second), panel(rng, 0.0), strict=True)]
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
