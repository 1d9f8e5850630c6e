"""Every table of the record, so that foreign keys find each other whatever is imported first."""

from surveys import areas, audit, boundaries, drafts, people, responses, waves  # noqa: F401
from surveys.database import Base
from surveys.fieldwork import (  # noqa: F401
    assignments,
    campaigns,
    exclusions,
    held,
    interviews,
    rechecks,
    shifts,
    uploads,
    visits,
)
from surveys.questionnaires import published  # noqa: F401
from surveys.results import (  # noqa: F401
    associations,
    breakdowns,
    cells,
    comparisons,
    estimates,
    periods,
    rankings,
    snapshots,
    trends,
)
from surveys.sampling import draws, frames, units  # noqa: F401
from surveys.weighting import margins, weight_sets  # noqa: F401

metadata = Base.metadata
