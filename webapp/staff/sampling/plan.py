"""How many interviews do we need? What the next wave takes, side by side."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from surveys import areas, waves
from surveys.problems import Refused
from surveys.results import readings
from surveys.sampling import planning
from surveys.sampling.planning import Aims, Planning, Work
from webapp.office import office
from webapp.staff import scope, words
from webapp.staff.door import blueprint
from webapp.staff.forms import refuse
from webapp.staff.sampling.forms import PlanForm


@blueprint.get("/frame/plan")
def plan() -> ResponseReturnValue:
    """The plan as the address asks for it; at first, the usual aims."""
    found: Planning | None = None
    with office().database.read() as session:
        places = readings.places(session, current_user.area_id, above="community")
        townships = [place for place in places if place.level == "township"] or places[:1]
        is_asked = "area" in request.args
        form = PlanForm(request.args if is_asked else None)
        form.area.choices = [SelectChoice(place.code, words.area(place)) for place in townships]
        if not form.area.data and townships:
            form.area.data = townships[0].code
        if townships and (not is_asked or form.validate()):
            area = next((p for p in townships if p.code == form.area.data), None) or abort(404)
            try:
                found = planning.plan(session, area, _aims(form), _work(form), form.interviews.data)
            except Refused as refused:
                refuse(form, refused)
        my = scope.mine(session)
        drafts = [w for w in waves.every(session) if my.runs(w) and w.state == "draft"]
        known = {place.code: place for place in areas.communities(session, current_user.area_id)}
    page = render_template(
        "staff/sampling/plan.html", form=form, found=found, drafts=drafts, known=known
    )
    return page, 422 if form.errors else 200


def _aims(form: PlanForm) -> Aims:
    return Aims(
        margin=float(form.margin.data) / 100,
        community_margin=float(form.community_margin.data) / 100,
        target=float(form.target.data) / 100,
        true_rate=float(form.true_rate.data) / 100,
        power=float(form.power.data) / 100,
        deff=float(form.deff.data),
        response=float(form.response.data) / 100,
    )


def _work(form: PlanForm) -> Work:
    return Work(pairs=form.pairs.data, interviews_per_day=float(form.interviews_per_day.data))
