"""The weighted rate is near the truth, and its interval covers it, where weights can know."""

import pytest

from tests.surveys import simulation

RUNS = 200  # the documentation's table has 2,000


@pytest.fixture(scope="module")
def world():
    return simulation.world()


def test_one_wave_is_the_same_every_time(world):
    first, second = (simulation.wave(world, 3, by_the_answer=False) for _ in range(2))
    assert first == second


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_response_by_weighting_variables_is_repaired(world):
    waves = [simulation.wave(world, run, by_the_answer=False) for run in range(RUNS)]
    found = simulation.summary(world, waves)
    assert found["unweighted"] > 3
    assert abs(found["bias"]) <= 0.2 + 2 * found["bias_se"]
    # 93.5 to 97 %, and three Monte Carlo standard errors of 200 runs
    assert 93.5 - 4.6 < found["coverage"] < 97 + 3


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_response_by_the_answer_itself_is_not_repaired(world):
    waves = [simulation.wave(world, run, by_the_answer=True) for run in range(RUNS // 4)]
    found = simulation.summary(world, waves)
    assert found["bias"] > 1
    assert found["coverage"] < 80
