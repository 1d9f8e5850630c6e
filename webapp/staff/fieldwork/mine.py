"""What a volunteer has to do, without the app: for a browser that cannot run it."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from surveys.fieldwork import assignments, visits
from surveys.fieldwork import rechecks as confirmed
from surveys.results import readings
from webapp.office import office
from webapp.staff.door import visits as blueprint
from webapp.staff.fieldwork.trace import addresses_read


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """The addresses of whoever is logged in at which something is left to be done."""
    with office().database.read() as session:
        work = assignments.of_user(session, current_user.id)
        waves = {wave.id: wave for _one, _unit, wave in work}
        communities = {
            of: sorted({unit.community_id for _one, unit, _wave in work if unit.wave_id == of})
            for of in waves
        }
        left = {
            case.unit_id
            for wave in waves.values()
            for case in visits.cases(session, wave, communities[wave.id])
            if case.attempts_left
        }
        found = [
            (unit, wave, readings.address(session, office().keys, unit))
            for _one, unit, wave in work
            if unit.id in left
        ]
        rechecks = len(confirmed.of_user(session, current_user.id))
    for wave in waves.values():
        addresses_read(wave, units=sum(one.id == wave.id for _unit, one, _address in found))
    return render_template("staff/fieldwork/my_visits.html", found=found, rechecks=rechecks)
