"""The places of the reader's branch, and a list to add to them."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from surveys import areas
from surveys.areas import LEVELS, Area
from webapp.office import office
from webapp.staff.door import blueprint

SHOWN = 500  # places on the page; a province has more


@blueprint.get("/frame/places")
def places() -> ResponseReturnValue:
    """The tree, each place below the one it lies in."""
    with office().database.read() as session:
        found = areas.tree(session, current_user.area_id)
    return render_template(
        "staff/sampling/places.html", places=found[:SHOWN], number=len(found), depth=_depth(found)
    )


def _depth(found: list[Area]) -> dict[int, int]:
    """How far in each place stands."""
    top = min((LEVELS.index(area.level) for area in found), default=0)
    return {area.id: LEVELS.index(area.level) - top for area in found}
