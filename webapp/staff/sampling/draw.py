"""The draw of a wave: asked for, shown, confirmed; then its record, and the proof that it holds."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from surveys import waves as record
from surveys.areas import Area
from surveys.problems import Refused
from surveys.sampling import draws, planning, previews, redraw, reserves
from surveys.sampling.planning import Aims, Work
from surveys.sampling.previews import Preview
from surveys.waves import Wave
from webapp.office import office
from webapp.staff import scope
from webapp.staff.door import blueprint
from webapp.staff.fieldwork.counts import fieldwork_of
from webapp.staff.forms import ConfirmForm, refuse
from webapp.staff.sampling.forms import EACH, DrawForm


@blueprint.route("/waves/<code>/draw", methods=["GET", "POST"])
def draw(code: str) -> ResponseReturnValue:
    """Draw the sample from the address list, after a page that shows what will be drawn."""
    with office().database.read() as session:
        wave = scope.wave_to_run(session, code)
        if request.method == "GET" and draws.made(session, wave):
            return redirect(url_for(".sample", code=code))
        form = _form(session, wave)
        work = fieldwork_of(session, wave)
        shown = _shown(session, wave, form) if form.is_submitted() else None
    if (
        shown
        and request.form.get("do") == "draw"
        and request.form.get("list") == shown.frame_sha256
    ):
        try:
            return _drawn(code, form)
        except Refused as refused:
            refuse(form, refused)
    page = render_template("staff/sampling/draw.html", work=work, form=form, shown=shown)
    return page, 422 if form.errors else 200


@blueprint.route("/waves/<code>/sample", methods=["GET", "POST"])
def sample(code: str) -> ResponseReturnValue:
    """The record of a draw; pressed, the draw is made again from it and compared."""
    form, differences = ConfirmForm(), None
    with office().database.read() as session:
        wave = scope.wave_to_read(session, code)
        found = draws.made(session, wave)
        if found is None:
            return redirect(url_for(".wave", code=code))
        if form.validate_on_submit():
            differences = redraw.replay(session, wave)
        mine = scope.communities(session, wave)
        batches = reserves.batches(session, wave)
    return render_template(
        "staff/sampling/sample.html",
        wave=wave,
        record=found,
        plan=found.settings["plan"],
        parts=previews.recorded(found),
        communities=mine,
        batches={(one.community_id, one.batch): one for one in batches},
        form=form,
        differences=differences,
    )


def _form(session: Session, wave: Wave) -> DrawForm:
    form = DrawForm()
    if not form.is_submitted():
        form.process(data=_asked())
    earlier = [
        one
        for one in record.every(session)
        if one.area_id == wave.area_id and one.id != wave.id and draws.made(session, one)
    ]
    form.previous.choices = [
        SelectChoice("", lazy_gettext("no earlier wave")),
        *(SelectChoice(one.code, one.code) for one in earlier),
    ]
    return form


def _asked() -> dict[str, object]:
    """What the plan's page hands over by the address."""
    interviews, rule = request.args.get("interviews", type=int), request.args.get("rule")
    return {"amount": "total", "interviews": interviews, "rule": rule} if interviews else {}


def _shown(session: Session, wave: Wave, form: DrawForm) -> Preview | None:
    """What the form as it was sent would draw; None, and the form says why, if nothing."""
    if not (form.validate_on_submit() and form.check_amount()):
        return None
    try:
        return previews.preview(session, wave, form.plan(_wanted(session, wave, form)))
    except Refused as refused:
        refuse(form, refused)
        return None


def _wanted(session: Session, wave: Wave, form: DrawForm) -> int | dict[str, int]:
    """Addresses to draw: as typed, or by community, from interviews shared out by a rule."""
    if form.amount.data == EACH:
        return int(form.per_community.data)
    area = session.get_one(Area, wave.area_id)
    found = planning.plan(session, area, Aims(), Work(), form.interviews.data)
    option = next(one for one in found.options if one.rule == form.rule.data)
    codes = [need.code for need in found.communities]
    return dict(zip(codes, option.addresses, strict=True))


def _drawn(code: str, form: DrawForm) -> ResponseReturnValue:
    with office().database.write() as session:
        wave = scope.wave_to_run(session, code)
        plan = form.plan(_wanted(session, wave, form))
        main, *_reserves = draws.draw(session, office().keys, wave, plan, current_user.name)
    flash(_("%(count)d addresses are drawn.", count=main))
    return redirect(url_for(".wave", code=code))
