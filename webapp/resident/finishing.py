"""The end of a visit: check the answers, submit them, be thanked."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from surveys import drafts
from surveys.problems import Refused
from webapp.office import office
from webapp.resident import preferences
from webapp.resident.answering import Answer, address, standing, stop_if_closed
from webapp.resident.door import door
from webapp.resident.visit import Visit


@door.get("/d/<token>/check")
def check(token: str) -> Answer:
    """Show all answers before they are sent."""
    visit = Visit.find(token)
    stop_if_closed(visit)
    if visit.is_over or visit.due:
        return redirect(standing(visit), 303)
    return _show_check(visit)


@door.post("/d/<token>/check")
def submit(token: str) -> Answer:
    """Send the answers; a second press finds the work done."""
    visit = Visit.find(token)
    if visit.is_over or visit.due:
        return redirect(standing(visit), 303)
    try:
        with office().database.write_connection() as connection:
            drafts.submit(connection, visit.draft)
    except Refused as refusal:
        return _show_check(visit, refusal), 422
    return redirect(address(visit, "done"), 303)


@door.get("/d/<token>/done")
def done(token: str) -> Answer:
    """Thank, and say honestly what became of the answers."""
    visit = Visit.find(token)
    if not visit.is_over:
        return redirect(standing(visit), 303)
    with office().database.read_connection() as connection:
        receipt = drafts.submit(connection, visit.draft)  # done already: it is only read again
    return render_template("resident/done.html", visit=visit, reason=receipt.reason)


@door.post("/d/<token>/prefer")
def prefer_here(token: str) -> Response:
    """Change language or size where nothing is typed."""
    visit = Visit.find(token)
    preferences.keep(visit.draft)
    return redirect(standing(visit), 303)


def _show_check(visit: Visit, refusal: Refused | None = None) -> str:
    template = "check" if visit.is_eligible else "ineligible"
    problems = refusal.problems if refusal else ()
    return render_template(f"resident/{template}.html", visit=visit, problems=problems)
