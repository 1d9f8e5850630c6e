"""What is held aside: why, when it came, from whom, and what was found out about it."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from surveys import people
from surveys.fieldwork import held as record
from surveys.fieldwork.held import KINDS, LONGEST_FINDING, WHY, Held
from surveys.problems import Refused
from surveys.waves import Wave
from webapp.office import office
from webapp.staff import scope
from webapp.staff.door import blueprint
from webapp.staff.forms import refuse


class FindingForm(FlaskForm):
    """What was found out."""

    text = StringField(
        _("What was found out"),
        [InputRequired(_("Write down what was found out.")), Length(max=LONGEST_FINDING)],
        description=_("It stays beside what is held, with your name, and changes no answer."),
    )


@blueprint.get("/waves/<code>/held")
def held(code: str) -> ResponseReturnValue:
    """Everything that came in and does not count."""
    with office().database.read() as session:
        wave = scope.wave_to_read(session, code)
        places = {place.id: place for place in scope.communities(session, wave)}
        found = _held(session, wave)
    return render_template(
        "staff/fieldwork/held.html", wave=wave, found=found, places=places, why=WHY, kinds=KINDS
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
