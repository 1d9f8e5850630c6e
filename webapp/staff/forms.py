"""Forms of the desk."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from surveys.areas import Area
from surveys.people import ROLES
from surveys.problems import Refused
from surveys.results import readings
from webapp.i18n import say
from webapp.staff import words

WHOLE_TREE = 0  # the choice of no branch


def refuse(form: FlaskForm, refused: Refused) -> None:
    """Show on the form what the record refused."""
    form.form_errors = [say(problem) for problem in refused.problems]


class ConfirmForm(FlaskForm):
    """Nothing but the token: the press of the button is the answer."""


class ParticularsForm(FlaskForm):
    """What is noted of someone who has an account."""

    full_name = StringField(
        _("Full name"),
        [Length(max=64)],
        description=_(
            "Printed on the record of volunteer service; if it is empty, the user name is. Phones "
            "of other volunteers are never told it."
        ),
        render_kw={"autocomplete": "off"},
    )
    grid = StringField(
        _("Own grid"),
        [Length(max=32)],
        description=_(
            "The grid they live or work in, as the address list names it. Its addresses are never "
            "assigned to them."
        ),
        render_kw={"autocomplete": "off", "class": "short"},
    )


class UserForm(ParticularsForm):
    """A new account; its password is generated."""

    name = StringField(
        _("User name"),
        [InputRequired(_("Enter a user name.")), Length(max=64)],
        render_kw={"autocomplete": "off", "autocapitalize": "none"},
    )
    role = SelectField(_("Role"))
    area_id = SelectField(_("Branch"), coerce=int, description=_("They see this branch only."))


def user_form(session: Session) -> UserForm:
    """The form with the roles and the places of the administrator's branch."""
    form = UserForm()
    form.role.choices = [SelectChoice(role, words.role(role)) for role in reversed(ROLES)]
    form.area_id.choices = choices(readings.places(session, current_user.area_id))
    if current_user.area_id is None:
        form.area_id.choices.insert(0, SelectChoice(WHOLE_TREE, words.whole_tree()))
    return form


def choices(places: Iterable[Area]) -> list[SelectChoice]:
    """Places to choose from, by name."""
    return [SelectChoice(place.id, words.area(place)) for place in places]
