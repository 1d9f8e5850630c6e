"""What staff read: figures of locked waves, how they were made, how they compare."""

from webapp.staff.reading import areas, papers, results, weights  # noqa: F401  (their routes)
