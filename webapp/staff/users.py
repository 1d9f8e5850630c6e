"""Who has an account: add, give a new password, close. For administrators."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from surveys import people
from surveys.areas import Area
from surveys.people import User
from surveys.problems import Refused
from surveys.results import readings
from webapp.accounts import lock
from webapp.office import office
from webapp.staff import scope
from webapp.staff.door import users as blueprint
from webapp.staff.forms import ConfirmForm, ParticularsForm, refuse, user_form


@blueprint.get("/")
def every() -> ResponseReturnValue:
    """Everyone with an account in the administrator's branch."""
    with office().database.read() as session:
        found = _accounts(session)
    return render_template("staff/users.html", accounts=found)


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Add someone."""
    with office().database.read() as session:
        form = user_form(session)
    if form.validate_on_submit():
        try:
            with office().database.write() as session:
                area = session.get(Area, form.area_id.data)
                user, password = people.add_user(
                    session,
                    form.name.data,
                    form.role.data,
                    area,
                    actor=current_user.name,
                    full_name=form.full_name.data or "",
                )
                if form.grid.data and form.grid.data.strip():
                    people.set_grid(session, user, form.grid.data, actor=current_user.name)
        except Refused as refused:
            refuse(form, refused)
        else:
            return render_template("staff/user_password.html", user=user, password=password)
    return render_template("staff/user_new.html", form=form), 422 if form.errors else 200


@blueprint.route("/<int:number>/password", methods=["GET", "POST"])
def password(number: int) -> ResponseReturnValue:
    """Give someone a new password, shown once."""
    form = ConfirmForm()
    if form.validate_on_submit():
        with office().database.write() as session:
            user = _user(session, number)
            fresh = people.reset_password(session, user, actor=current_user.name)
            lock.release(session, user.name)
        return render_template("staff/user_password.html", user=user, password=fresh)
    with office().database.read() as session:
        user = _user(session, number)
    return render_template("staff/user_confirm.html", user=user, form=form, act="password")


@blueprint.route("/<int:number>/close", methods=["GET", "POST"])
def close(number: int) -> ResponseReturnValue:
    """Close an account. What its owner did stays in the trail."""
    form = ConfirmForm()
    if number == current_user.id:
        flash(_("You cannot close your own account."))
        return redirect(url_for(".every"))
    if form.validate_on_submit():
        with office().database.write() as session:
            user = _user(session, number)
            people.deactivate(session, user, actor=current_user.name)
        flash(_("The account of %(name)s is closed.", name=user.name))
        return redirect(url_for(".every"))
    with office().database.read() as session:
        user = _user(session, number)
    return render_template("staff/user_confirm.html", user=user, form=form, act="close")


@blueprint.route("/<int:number>/particulars", methods=["GET", "POST"])
def particulars(number: int) -> ResponseReturnValue:
    """Say how papers call someone, and in which grid they live or work."""
    with office().database.read() as session:
        user = _user(session, number)
    form = ParticularsForm(obj=user)
    if form.validate_on_submit():
        with office().database.write() as session:
            user = _user(session, number)
            _note(session, user, form.full_name.data or "", form.grid.data or "")
        flash(_("The particulars of %(name)s are noted.", name=user.name))
        return redirect(url_for(".every"))
    page = render_template("staff/user_particulars.html", user=user, form=form)
    return page, 422 if form.errors else 200


def _note(session: Session, user: User, full_name: str, grid: str) -> None:
    """Note what is new, so that the trail says what changed."""
    if full_name != user.full_name:
        people.set_full_name(session, user, full_name, actor=current_user.name)
    if grid != user.grid:
        people.set_grid(session, user, grid, actor=current_user.name)


def _accounts(session: Session) -> list[tuple[User, Area | None]]:
    """Those accounts that belong to the administrator's branch."""
    if current_user.area_id is None:
        return readings.accounts(session)
    branch = scope.mine(session).branch
    return [(user, area) for user, area in readings.accounts(session) if user.area_id in branch]


def _user(session: Session, number: int) -> User:
    known = {user.id: user for user, _area in _accounts(session)}
    return known.get(number) or abort(404)
