"""Logging in, and a new password of one's own."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from surveys.people import SHORTEST


class LoginForm(FlaskForm):
    """Name and password; ``next`` is the page that was asked for."""

    name = StringField(
        _("User name"),
        [InputRequired(_("Enter your user name."))],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _("Password"),
        [InputRequired(_("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class PasswordForm(FlaskForm):
    """A new password, typed twice so that a slip of the finger locks nobody out."""

    present = PasswordField(
        _("Present password"),
        [InputRequired(_("Enter your present password."))],
        render_kw={"autocomplete": "current-password"},
    )
    chosen = PasswordField(
        _("New password"),
        [
            InputRequired(_("Enter a new password.")),
            Length(min=SHORTEST, message=_("Use at least %(min)d characters.")),
        ],
        description=_(
            "At least %(shortest)d characters; a short sentence is easy to remember.",
            shortest=SHORTEST,
        ),
        render_kw={"autocomplete": "new-password"},
    )
    repeated = PasswordField(
        _("New password once more"),
        [EqualTo("chosen", _("The two new passwords differ. Type them again."))],
        render_kw={"autocomplete": "new-password"},
    )
