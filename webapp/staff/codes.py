"""The invitation code of one address: a new one for a slip that was lost, or none any more."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from surveys.problems import Refused
from surveys.results import readings
from surveys.sampling import invitations
from webapp.office import office
from webapp.staff.door import blueprint
from webapp.staff.fieldwork.visits import unit_of
from webapp.staff.forms import ConfirmForm, refuse


@blueprint.route(
    "/waves/<code>/units/<int:number>/<any(reissue, revoke):act>", methods=["GET", "POST"]
)
def invitation_code(code: str, number: int, act: str) -> ResponseReturnValue:
    """Reissue or revoke, after a page that says what that means."""
    with office().database.read() as session:
        wave, unit, _place = unit_of(session, code, number)
        address = readings.address(session, office().keys, unit)
    form, fresh = ConfirmForm(), ""
    if form.validate_on_submit():
        try:
            with office().database.write() as session:
                _wave, unit, _place = unit_of(session, code, number)
                if act == "reissue":
                    keys = office().keys
                    fresh = invitations.reissue(session, keys, unit, current_user.name)
                else:
                    invitations.revoke(session, unit, current_user.name)
        except Refused as refused:
            refuse(form, refused)
        else:
            if act == "revoke":
                flash(_("The code is revoked."))
                return redirect(url_for("visits.unit", code=code, number=number))
    page = render_template(
        "staff/code.html", wave=wave, unit=unit, address=address, act=act, fresh=fresh, form=form
    )
    return page, 422 if form.errors else 200
