"""Running a wave: make it, draw, open, close, lock. Counts while it runs, never rates."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from surveys import waves as record
from surveys.problems import Refused
from surveys.results import locking
from webapp.i18n import say
from webapp.office import office
from webapp.staff import scope
from webapp.staff.door import blueprint
from webapp.staff.fieldwork.counts import Fieldwork, fieldwork_of
from webapp.staff.forms import ConfirmForm, refuse
from webapp.staff.steps import STEPS, Step
from webapp.staff.wave_forms import rules_form, wave_form


@blueprint.get("/waves/")
def waves() -> ResponseReturnValue:
    """All waves that concern the reader, the newest first."""
    with office().database.read() as session:
        my = scope.mine(session)
        found = [wave for wave in record.every(session) if my.reads(wave)]
        runs = {wave.id for wave in found if my.runs(wave)}
    return render_template("staff/waves.html", waves=found, runs=runs)


@blueprint.route("/waves/new", methods=["GET", "POST"])
def new_wave() -> ResponseReturnValue:
    """Make a wave; what is blank and should not be is pointed out, not forbidden."""
    with office().database.read() as session:
        form = wave_form(session)
    if form.validate_on_submit():
        try:
            with office().database.write() as session:
                wave = form.create(session, actor=current_user.name)
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect(url_for(".wave", code=wave.code))
    return render_template("staff/wave_new.html", form=form), 422 if form.errors else 200


@blueprint.get("/waves/<code>")
def wave(code: str) -> ResponseReturnValue:
    """How a wave stands."""
    return render_template("staff/wave.html", work=_fieldwork(code))


@blueprint.route("/waves/<code>/rules", methods=["GET", "POST"])
def rules(code: str) -> ResponseReturnValue:
    """Change the rules of a draft; they are fixed once it is opened."""
    work = _fieldwork(code, to_run=True)
    if request.method == "GET" and work.wave.state != "draft":
        return redirect(url_for(".wave", code=code, _anchor="rules"))
    form = rules_form(work.wave, work.questionnaire)
    if form.validate_on_submit():
        try:
            with office().database.write() as session:
                wave, settled = scope.wave_to_run(session, code), form.rules(work.questionnaire)
                record.settle(session, wave, settled, current_user.name)
        except Refused as refused:
            refuse(form, refused)
        else:
            flash(_("The rules are set."))
            return redirect(url_for(".wave", code=code))
    return render_template("staff/rules.html", work=work, form=form), 422 if form.errors else 200


@blueprint.route("/waves/<code>/<any(open, close, lock):action>", methods=["GET", "POST"])
def step(code: str, action: str) -> ResponseReturnValue:
    """Take a wave one step further, after a page that says what that means."""
    work, taken = _fieldwork(code, to_run=True), STEPS[action]
    form = ConfirmForm()
    if form.validate_on_submit():
        try:
            _take(taken, code)
        except Refused as refused:
            refuse(form, refused)
        else:
            flash(taken.done())
            return redirect(url_for(".wave", code=code))
    page = render_template("staff/step.html", work=work, step=taken, form=form)
    return page, 422 if form.errors else 200


def _take(step: Step, code: str) -> None:
    if step.name == "lock":
        locking.lock(office(), code, current_user.name)
        return
    with office().database.write() as session:
        wave = scope.wave_to_run(session, code)
        act = record.open_ if step.name == "open" else record.close
        for problem in act(session, wave, current_user.name) or ():
            flash(say(problem))


def _fieldwork(code: str, to_run: bool = False) -> Fieldwork:
    with office().database.read() as session:
        found = (scope.wave_to_run if to_run else scope.wave_to_read)(session, code)
        return fieldwork_of(session, found)
