"""The staff pages about fieldwork: who goes where, what came of it, and how good it is."""

from webapp.staff.fieldwork import board, campaigns, quality, visits  # noqa: F401  (their routes)
