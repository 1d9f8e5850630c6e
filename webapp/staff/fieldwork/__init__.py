"""The staff pages about fieldwork: who goes where, what came of it, and how good it is."""

from webapp.staff.fieldwork import (  # noqa: F401  (their routes)
    assignments,
    board,
    campaigns,
    held,
    interviewers,
    mine,
    quality,
    rechecks,
    service,
    visits,
)
