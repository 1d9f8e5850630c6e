"""How many adults live where, and what in these figures does not fit together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from surveys import areas
from surveys.weighting import margins
from webapp.office import office
from webapp.staff.door import blueprint

SHOWN = 100  # gaps and contradictions on the page


@blueprint.get("/frame/population")
def population() -> ResponseReturnValue:
    """The margins of the branch by place, with gaps and contradictions."""
    with office().database.read() as session:
        found = [one for one in areas.tree(session, current_user.area_id) if one.level != "grid"]
        stored = margins.of(session, (place.id for place in found))
        adults = margins.adults(session, (place.id for place in found))
        problems = margins.check(session, current_user.area_id) if stored else []
    told: dict[int, list[margins.Margin]] = {}
    for one in stored:
        told.setdefault(one.area_id, []).append(one)
    rows = [
        (place, adults.get(place.id), told.get(place.id, []))
        for place in found
        if place.id in told or place.level == "community"
    ]
    return render_template(
        "staff/sampling/population.html",
        rows=rows,
        stored=stored,
        problems=problems[:SHOWN],
        number=len(problems),
        kinds=_kinds,
        shared=_shared(stored),
    )


def _shared(cells: Iterable[margins.Margin]) -> tuple[str, dt.date | None] | None:
    """Source and date, where all the figures have the same."""
    found = {(cell.source, cell.as_of) for cell in cells}
    return found.pop() if len(found) == 1 else None


def _kinds(cells: list[margins.Margin]) -> list[str]:
    """What the figures of a place are broken down by: names of margins, coarse ones first."""
    found = {
        "*".join(name for name in ("sex", "age", "housing") if getattr(cell, name))
        for cell in cells
    }
    return sorted(found - {""}, key=lambda name: (name.count("*"), name))
