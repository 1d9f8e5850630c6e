"""Logging in and out."""

from __future__ import annotations

from flask import (
    Blueprint,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required, login_user, logout_user

from surveys.problems import Refused
from webapp.accounts import lock, person
from webapp.accounts.forms import LoginForm, PasswordForm
from webapp.accounts.guard import guard
from webapp.i18n import say

blueprint = Blueprint("accounts", __name__)
guard(blueprint)


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Name and password."""
    form = LoginForm(next=request.args.get("next"))
    if form.validate_on_submit():
        try:
            user = lock.open_with(form.name.data, form.password.data, _address())
        except Refused as refused:
            form.form_errors = [say(problem) for problem in refused.problems]
        else:
            return _begin(person.of(user), form.next.data)
    return render_template("accounts/login.html", form=form), 422 if form.errors else 200


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """The end of the session; the language stays."""
    logout_user()
    _forget_all_but_language()
    return redirect(url_for(".login"))


@blueprint.route("/password", methods=["GET", "POST"])
@login_required
def password() -> ResponseReturnValue:
    """A new password; it ends every other session of the person."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            user = lock.change(current_user, form.present.data, form.chosen.data, _address())
        except Refused as refused:
            form.form_errors = [say(problem) for problem in refused.problems]
        else:
            flash(_("Your password is changed. You are logged out everywhere else."))
            return _begin(person.of(user))
    return render_template("accounts/password.html", form=form), 422 if form.errors else 200


def _begin(someone: person.Person, asked: str | None = None) -> ResponseReturnValue:
    """A fresh session, so that one that was planted before the login is worth nothing."""
    _forget_all_but_language()
    session.permanent = True
    login_user(someone)
    return redirect(asked if asked and _is_ours(asked) else url_for(someone.home))


def _forget_all_but_language() -> None:
    kept = {name: session[name] for name in ("language", "_flashes") if name in session}
    session.clear()
    session.update(kept)


def _address() -> str:
    return request.remote_addr or ""


def _is_ours(address: str) -> bool:
    """Whether an address stays on this server, whatever browsers make of odd characters.

    >>> _is_ours("/staff/waves"), _is_ours("//elsewhere.example/"), _is_ours("/\\t/elsewhere")
    (True, False, False)
    """
    is_odd = "\\" in address or not address.isprintable()
    return address.startswith("/") and not address.startswith("//") and not is_odd
