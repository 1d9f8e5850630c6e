"""What volunteers see after they log in: their branch, and the waves that are open in it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from surveys import areas, waves
from surveys.areas import Area
from surveys.results import readings
from webapp.accounts.guard import guard
from webapp.office import office
from webapp.staff import scope

blueprint = Blueprint("volunteer", __name__, url_prefix="/volunteer")
guard(blueprint, "volunteer")


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """The open waves of the volunteer's branch."""
    with office().database.read() as session:
        place = session.get(Area, current_user.area_id) if current_user.area_id else None
        around = {*areas.branch(session, current_user.area_id)}
        around.update(readings.ancestors(session, current_user.area_id))
        found = [
            (wave, scope.communities(session, wave))
            for wave in waves.every(session)
            if wave.state == "open" and wave.area_id in around
        ]
    return render_template("volunteer/home.html", place=place, waves=found)
