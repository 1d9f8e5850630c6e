"""A township to try things on: fifteen invented communities, six locked waves and one under way.

Everything in it is synthetic and says so. The people and their opinions are simulated, so that the
truth is known; whatever happens with them goes through the real path.
"""

from surveys.demonstration.township import SEED, STEPS, build, is_unfinished
from surveys.demonstration.truth import truth

__all__ = ["SEED", "STEPS", "build", "is_unfinished", "truth"]
