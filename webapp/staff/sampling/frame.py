"""The list of addresses, in counts: what is there, what is missing, where to begin."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from surveys import waves
from surveys.sampling import overview
from surveys.sampling.frames import HOUSING
from surveys.weighting import margins
from webapp.office import office
from webapp.staff import scope
from webapp.staff.door import blueprint


@blueprint.get("/frame/")
def frame() -> ResponseReturnValue:
    """How far the reader's branch is on the way to a sample."""
    with office().database.read() as session:
        listed = overview.overview(session, current_user.area_id)
        gaps = margins.check(session, current_user.area_id) if listed else []
        my = scope.mine(session)
        drafts = [wave for wave in waves.every(session) if my.runs(wave) and wave.state == "draft"]
    return render_template(
        "staff/sampling/frame.html",
        listed=listed,
        housing=[kind for kind in HOUSING if any(one.housing[kind] for one in listed)],
        gaps=gaps,
        drafts=drafts,
        likely=overview.LIKELY,
    )


@blueprint.get("/frame/communities/<code>")
def frame_of(code: str) -> ResponseReturnValue:
    """The list of one community: counts by grid and housing type, and who drew from it."""
    with office().database.read() as session:
        every = overview.overview(session, current_user.area_id)
        one = next((one for one in every if one.area.code == code), None) or abort(404)
        drew = overview.drew_from(session, one.area)
    return render_template(
        "staff/sampling/community.html",
        one=one,
        housing=[kind for kind in HOUSING if one.housing[kind]],
        drew=drew,
        likely=overview.LIKELY,
    )
