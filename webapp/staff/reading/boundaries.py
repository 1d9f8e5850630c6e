"""Boundaries: an office uploads the outlines of its communities, and the map appears."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired

from surveys.problems import Refused
from surveys.reading import boundaries as record
from surveys.results import readings
from webapp.office import office
from webapp.staff.door import blueprint
from webapp.staff.forms import refuse


class BoundariesForm(FlaskForm):
    """One file."""

    file = FileField(
        _("GeoJSON file"),
        [FileRequired(_("Choose a file."))],
        description=_(
            "A FeatureCollection of polygons in longitude and latitude, up to 2 MB. The property "
            "code, or name, of each says which place it is."
        ),
    )


@blueprint.route("/boundaries", methods=["GET", "POST"])
def boundaries() -> ResponseReturnValue:
    """Upload outlines; those of the same places are replaced."""
    form = BoundariesForm()
    if form.validate_on_submit():
        try:
            with office().database.write() as session:
                places = readings.places(session, current_user.area_id, above="grid")
                drawn = record.upload(session, form.file.data.read(), places, current_user.name)
        except Refused as refused:
            refuse(form, refused)
        else:
            flash(ngettext("%(num)d outline is kept.", "%(num)d outlines are kept.", drawn))
            return redirect(url_for(".newest_results"))
    page = render_template("staff/reading/boundaries.html", form=form)
    return page, 422 if form.errors else 200
