"""Papers of a wave: made in the background, one after another, then fetched."""

from __future__ import annotations

import io

from flask import abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from surveys import audit
from surveys.problems import Refused
from surveys.waves import Wave
from webapp import reports
from webapp.i18n import say
from webapp.office import office
from webapp.reports import PAPERS
from webapp.reports.workshop import Workshop
from webapp.staff import scope
from webapp.staff.door import blueprint
from webapp.staff.forms import ConfirmForm


@blueprint.route("/waves/<code>/papers", methods=["GET", "POST"])
def papers(code: str) -> ResponseReturnValue:
    """What papers there are, and the button that makes them all anew."""
    wave = _wave(code)
    workshop, names = Workshop(office(), code), _names(wave)
    form = ConfirmForm()
    if form.validate_on_submit():
        if workshop.start(names):
            with office().database.write() as session:
                audit.record(session, current_user.name, "papers.make", code, papers=names)
        return redirect(url_for(".papers", code=code))
    return render_template(
        "staff/reading/papers.html",
        wave=wave,
        form=form,
        pieces=workshop.pieces(names),
        papers=PAPERS,
        is_busy=workshop.is_busy(),
        progress=workshop.progress(),
    )


@blueprint.get("/waves/<code>/papers/<name>")
def paper(code: str, name: str) -> ResponseReturnValue:
    """One paper, as it was made."""
    if name not in _names(_wave(code)):
        abort(404)
    file = Workshop(office(), code).file(name)
    if not file.exists():
        abort(404)
    return send_file(
        file, mimetype=PAPERS[name].kind, as_attachment=True, download_name=file.name, max_age=0
    )


@blueprint.get("/results/<code>/sheets/<community>")
def sheet(code: str, community: str) -> ResponseReturnValue:
    """The sheet of one community, for whoever may read its figures."""
    with office().database.read() as session:
        wave = scope.wave_to_read(session, code)
        place = next((p for p in scope.communities(session, wave) if p.code == community), None)
    if place is None:
        abort(404)
    try:
        made = reports.make(office(), "sheets", code, community)
    except Refused as refused:
        for problem in refused.problems:
            flash(say(problem))
        return redirect(url_for(".wave", code=code))
    name = f"{place.name_zh}-{code}.pdf"
    return send_file(
        io.BytesIO(made), mimetype="application/pdf", as_attachment=True, download_name=name
    )


def _wave(code: str) -> Wave:
    with office().database.read() as session:
        return scope.wave_to_run(session, code)


def _names(wave: Wave) -> list[str]:
    """The papers that a wave can have as it stands."""
    locked = wave.state == "locked" and wave.kind == "measurement"
    if wave.opened_at is None:
        return []
    return [name for name, kind in PAPERS.items() if locked or not kind.from_the_lock]
