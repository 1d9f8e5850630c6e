"""The interviewer report: what quality needs to know of those who ask at the door."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from surveys.fieldwork import interviewers as record
from webapp.office import office
from webapp.staff import scope
from webapp.staff.door import blueprint


@blueprint.get("/waves/<code>/interviewers")
def interviewers(code: str) -> ResponseReturnValue:
    """Pairs in the order of their names, and what interviewers make of the whole; never a rate."""
    with office().database.read() as session:
        wave = scope.wave_to_read(session, code)
        places = [place.id for place in scope.communities(session, wave)]
        report = record.report(session, wave, places)
    return render_template("staff/fieldwork/interviewers.html", wave=wave, report=report)
