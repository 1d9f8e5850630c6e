"""The interval of verdicts covers, and a false *met* is rare."""

from __future__ import annotations

import pytest

from tests.analysis.coverage import KINDS, RATES, SIZES, SURVEYS, coverage, false_met


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_interval_of_verdicts_covers_at_least_93_percent_everywhere(kind, n):
    for p in RATES:
        covers, _ = coverage(kind, n, p, "korn-graubard")
        assert covers >= 0.93, (p, covers)


@pytest.mark.parametrize("n", [50, 100])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_true_85_percent_is_rarely_called_met(kind, n):
    assert false_met(kind, n) <= 0.025 + 2 * (0.025 * 0.975 / SURVEYS) ** 0.5
