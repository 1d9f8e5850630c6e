"""Two waves compared on the spot, whichever they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from surveys.problems import N_, Problem, Refused
from surveys.results import comparisons, locked
from surveys.results.comparisons import Comparison
from surveys.results.locked import Locked, Order
from surveys.waves import Wave

if TYPE_CHECKING:
    from surveys.office import Office


def compare(office: Office, session: Session, first: Wave, second: Wave) -> list[Comparison]:
    """The changes from one locked wave to another of the same area, as a lock would store them.

    Raises
    ------
    Refused
        Both are the same, one of them is not a locked measurement, they are of different areas, or
        a file is missing or changed.
    """
    if first.id == second.id:
        text = N_("Both are wave %(code)s; a change takes two waves.")
        raise Refused(Problem(text, {"code": first.code}))
    if first.area_id != second.area_id:
        text = N_("Waves %(first)s and %(second)s are of different areas.")
        raise Refused(Problem(text, {"first": first.code, "second": second.code}))
    before, after = (measured(office, session, wave) for wave in (first, second))
    order = Order.of(after)
    return comparisons.make(
        order, first.code, locked.aligned(before, order), locked.aligned(after, order)
    )


def measured(office: Office, session: Session, wave: Wave) -> Locked:
    """A locked measurement with its cells; any other wave is refused."""
    found = locked.read(office, session, wave) if wave.state == "locked" else None
    if found is None:
        text = N_("Wave %(code)s is not a locked measurement: it has no figures to compare.")
        raise Refused(Problem(text, {"code": wave.code}))
    return found
