"""What staff read: figures of locked waves, how they were made, how they compare."""

from webapp.staff.reading import (  # noqa: F401  (their routes)
    areas,
    boundaries,
    papers,
    public,
    questions,
    ranks,
    results,
    weights,
)
