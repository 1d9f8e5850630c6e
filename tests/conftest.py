"""What every test may ask for."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.databases", "tests.support.pages", "tests.support.township"]

# A busy machine is no finding; and what the build server finds, it finds again.
settings.register_profile(
    "minyi",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("minyi")
