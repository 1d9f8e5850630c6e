"""The public page and its switch: aggregates for everybody, off unless the office turns it on."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from surveys.reading import public
from webapp.i18n import set_language
from webapp.office import office
from webapp.staff import scope
from webapp.staff.door import blueprint
from webapp.staff.forms import ConfirmForm
from webapp.staff.reading.figures import Figure
from webapp.staff.reading.results import edition_of

open_to_all = Blueprint("public", __name__)


@open_to_all.get("/public/<code>")
def figures(code: str) -> ResponseReturnValue:
    """A wave's headline rates, with suppression; a page that does not exist until it is on."""
    set_language(request.args.get("lang"))
    with office().database.read() as session:
        found = public.of(session, code) or abort(404)
    return render_template(
        "staff/reading/public.html", found=found, wave=found.edition.wave, Figure=Figure
    )


@blueprint.route("/results/<code>/public", methods=["GET", "POST"])
def publish(code: str) -> ResponseReturnValue:
    """Turn a wave's public page on or off, after a page that says what that means."""
    with office().database.read() as session:
        scope.wave_to_run(session, code)
        edition = edition_of(session, code)
    form = ConfirmForm()
    if form.validate_on_submit():
        with office().database.write() as session:
            wave = scope.wave_to_run(session, code)
            on = wave.public_at is None
            public.publish(session, code, current_user.name, public=on)
        flash(_("The public page is on.") if on else _("The public page is off."))
        return redirect(url_for(".publish", code=code))
    return render_template(
        "staff/reading/publish.html", edition=edition, wave=edition.wave, form=form
    )
