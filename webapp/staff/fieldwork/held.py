"""What is held aside: why, when it came, from whom, and what was found out about it."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from surveys import people
from surveys.fieldwork import held as record
from surveys.fieldwork import receiving, remarks, sealing
from surveys.fieldwork.held import KINDS, LONGEST_FINDING, WHY, Held
from surveys.fieldwork.uploads import STORED
from surveys.problems import Problem, Refused
from surveys.waves import Wave
from webapp.office import office
from webapp.staff import scope
from webapp.staff.door import blueprint
from webapp.staff.forms import ConfirmForm, refuse


class FindingForm(FlaskForm):
    """What was found out."""

    text = StringField(
        _("What was found out"),
        [InputRequired(_("Write down what was found out.")), Length(max=LONGEST_FINDING)],
        description=_("It stays beside what is held, with your name, and changes no answer."),
    )


@blueprint.route("/waves/<code>/held", methods=["GET", "POST"])
def held(code: str) -> ResponseReturnValue:
    """What does not count, and what does but should be looked at.

    What did not open is tried again, all of it at once.
    """
    form = ConfirmForm()
    if form.validate_on_submit():
        try:
            flash(_reopened(code))
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect(url_for(".held", code=code))
    with office().database.read() as session:
        wave = scope.wave_to_read(session, code)
        places = {place.id: place for place in scope.communities(session, wave)}
        found = _held(session, wave)
        remarked = remarks.of_wave(session, wave, places)
        runs = scope.mine(session).runs(wave)
    closed = [one for one in found if one.reason == "sealed" and one.has_wave]
    page = render_template(
        "staff/fieldwork/held.html",
        wave=wave,
        found=found,
        places=places,
        why=WHY,
        kinds=KINDS,
        remarked=remarked,
        remark_words=remarks.WORDS,
        form=form,
        unopened=len(closed) if runs and wave.state != "locked" else 0,
    )
    return page, 422 if form.errors else 200


def sealing_fault(wave: Wave) -> Problem | None:
    """What is wrong with the key that a wave's phones seal with."""
    return sealing.fault(office().sealing_keys, wave)


def _reopened(code: str) -> str:
    """Open what did not open before; says how much did."""
    with office().database.read() as session:
        wave = scope.wave_to_run(session, code)
    outcomes = receiving.reopen(office(), wave, current_user.name)
    opened = sum(one.status == STORED for one in outcomes)
    return ngettext(
        "%(num)d is opened and counts now; %(rest)d stay here.",
        "%(num)d are opened and count now; %(rest)d stay here.",
        opened,
        rest=len(outcomes) - opened,
    )


@blueprint.route(
    "/waves/<code>/held/<any(upload, response):source>/<int:number>", methods=["GET", "POST"]
)
def held_finding(code: str, source: str, number: int) -> ResponseReturnValue:
    """Write down what was found out about one of them."""
    with office().database.read() as session:
        wave = scope.wave_to_read(session, code)
        one = _one(session, wave, source, number)
    form = FindingForm()
    if form.validate_on_submit():
        try:
            with office().database.write() as session:
                wave = scope.wave_to_read(session, code)
                found = _one(session, wave, source, number)
                record.note(session, found, form.text.data, current_user.name)
        except Refused as refused:
            refuse(form, refused)
        else:
            flash(gettext("It is written down."))
            return redirect(url_for(".held", code=code))
    page = render_template(
        "staff/fieldwork/held_finding.html", wave=wave, one=one, why=WHY, kinds=KINDS, form=form
    )
    return page, 422 if form.errors else 200


def _held(session: Session, wave: Wave) -> list[Held]:
    branch = scope.mine(session).branch
    senders = {
        user.name
        for user in people.every(session)
        if current_user.area_id is None or user.area_id in branch
    }
    return record.within(record.of_wave(session, wave), branch, senders)


def _one(session: Session, wave: Wave, source: str, number: int) -> Held:
    found = _held(session, wave)
    wanted = (source, number)
    return next((one for one in found if (one.source, one.number) == wanted), None) or abort(404)
