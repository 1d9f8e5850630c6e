"""What a sample is drawn from, how large it should be, and the draw."""

from webapp.staff.sampling import (  # noqa: F401  (their routes)
    areas,
    draw,
    frame,
    imports,
    margins,
    plan,
    templates,
)
