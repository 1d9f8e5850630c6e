"""The register of campaign visits: publicity, kept apart from measurement by an embargo."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from surveys.areas import Area
from surveys.fieldwork import campaigns as record
from surveys.problems import Refused
from surveys.results import readings
from webapp.office import office
from webapp.staff import scope, words
from webapp.staff.door import blueprint
from webapp.staff.forms import refuse


class CampaignForm(FlaskForm):
    """A visit, planned or past."""

    title = StringField(
        _("What it was"),
        [InputRequired(_("Say what the visit was.")), Length(max=120)],
        description=_("In a few words, such as: leaflets on the eight environments."),
    )
    area_id = SelectField(_("Area"), coerce=int)
    grid = StringField(
        _("Grid"),
        [Length(max=32)],
        description=_("As the list of addresses names it. Left blank, it is the whole area."),
        render_kw={"class": "short"},
    )
    starts = DateField(
        _("First day"), [InputRequired(_("Enter a date."))], render_kw={"class": "short"}
    )
    ends = DateField(
        _("Last day"),
        [Optional()],
        description=_("Left blank, it is the first."),
        render_kw={"class": "short"},
    )
    reach = IntegerField(
        _("Households reached"),
        [Optional(), NumberRange(min=0, message=_("Enter a whole number."))],
        description=_("Where someone counted."),
        render_kw={"inputmode": "numeric", "class": "short"},
    )


@blueprint.get("/campaigns/")
def campaigns() -> ResponseReturnValue:
    """Every visit in the reader's branch, the latest first."""
    with office().database.read() as session:
        visits = record.visits(session, current_user.area_id)
    return render_template("staff/fieldwork/campaigns.html", visits=visits)


@blueprint.route("/campaigns/new", methods=["GET", "POST"])
def new_campaign() -> ResponseReturnValue:
    """Write a visit down. It is not undone: what happened is not made unhappened."""
    with office().database.read() as session:
        form = _form(session)
    if form.validate_on_submit():
        try:
            with office().database.write() as session:
                _register(session, form)
        except Refused as refused:
            refuse(form, refused)
        else:
            flash(gettext("The visit is registered."))
            return redirect(url_for(".campaigns"))
    return render_template(
        "staff/fieldwork/campaign_new.html", form=form
    ), 422 if form.errors else 200


def _form(session: Session) -> CampaignForm:
    form = CampaignForm()
    form.area_id.choices = [
        SelectChoice(place.id, words.area(place))
        for place in readings.places(session, current_user.area_id, above="grid")
    ]
    return form


def _register(session: Session, form: CampaignForm) -> None:
    area = session.get(Area, form.area_id.data)
    if area is None or area.id not in scope.mine(session).branch:
        abort(403)
    record.register(
        session,
        area,
        form.title.data,
        form.starts.data,
        form.ends.data,
        grid=form.grid.data,
        reach=form.reach.data,
        actor=current_user.name,
    )
