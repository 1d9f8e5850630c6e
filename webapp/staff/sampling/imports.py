"""A list from its sending to the record: sent, looked at, shown, taken over."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from surveys import importing, imports
from surveys.imports import Import
from surveys.problems import Refused
from webapp.i18n import say
from webapp.office import office
from webapp.staff import tables
from webapp.staff.door import blueprint
from webapp.staff.forms import ConfirmForm
from webapp.staff.sampling.forms import ListForm, MarginsForm

# The word of an address, and the kind of the import.
KINDS = {"places": "areas", "population": "margins", "addresses": "addresses"}
SHOWN = 200  # faults on the page; the file has them all
SECONDS = 3  # between two looks at an import under way


@blueprint.url_value_preprocessor
def room_for_lists(endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Staff may send more than other pages take; said before anything reads what was sent."""
    if endpoint == "staff.send_list" and current_user.is_authenticated and current_user.is_staff:
        request.max_content_length = importing.MOST


@blueprint.route("/frame/<any(places, population, addresses):what>/import", methods=["GET", "POST"])
def send_list(what: str) -> ResponseReturnValue:
    """Send a list; it is looked at before anything changes."""
    form = MarginsForm() if what == "population" else ListForm()
    if form.validate_on_submit():
        with form.file.data.stream as file:  # a large one lies in a file of its own
            data = file.read()
        one = imports.keep(
            office(),
            data,
            kind=KINDS[what],
            filename=(form.file.data.filename or "")[:200],
            actor=current_user.name,
            area_id=current_user.area_id,
            options=_options(form),
        )
        importing.start(office(), one, len(data))
        return redirect(url_for(".list_sent", token=one.token))
    page = render_template("staff/sampling/send.html", form=form, what=what)
    return page, 422 if form.errors else 200


@blueprint.get("/frame/imports/<token>")
def list_sent(token: str) -> ResponseReturnValue:
    """How far it is, what is wrong with it, or what would change."""
    one = _mine(token)
    found = imports.faults(office(), token)
    page = render_template(
        "staff/sampling/import.html",
        one=one,
        what=next(word for word, kind in KINDS.items() if kind == one.kind),
        faults=found[:SHOWN],
        form=ConfirmForm(),
    )
    response = Response(page)
    if one.is_busy:
        response.headers["Refresh"] = str(SECONDS)  # works without a script
    return response


@blueprint.post("/frame/imports/<token>/<any(take, again, drop):act>")
def act_on_list(token: str, act: str) -> ResponseReturnValue:
    """Take a list over, take up one that was interrupted, or throw it away."""
    one = _mine(token)
    if not ConfirmForm().validate_on_submit():
        abort(400)
    if act == "drop":
        imports.drop(office(), token)
        return redirect(url_for(".frame"))
    ready = one.state == "checked" if act == "take" else one.interrupted
    if ready:
        state = "importing" if act == "take" else one.state
        one = replace(one, state=state, done=0, total=0, interrupted=False)
        imports.note(office(), one)
        importing.start(office(), one, len(imports.contents(office(), token)))
    return redirect(url_for(".list_sent", token=token))


@blueprint.get("/frame/imports/<token>/faults.csv")
def list_faults(token: str) -> ResponseReturnValue:
    """Every fault or remark, to work through in a spreadsheet."""
    one = _mine(token)
    rows = [
        {_("Line"): problem.params.get("line", ""), _("What to look at"): say(problem)}
        for problem in imports.faults(office(), one.token)
    ]
    return tables.download(f"{one.kind}-{one.token[:6]}.csv", rows)


def _mine(token: str) -> Import:
    """The import, if the reader sent it: a list of addresses is nobody else's business."""
    try:
        one = imports.get(office(), token)
    except Refused:
        abort(404)
    return one if one.actor == current_user.name else abort(404)


def _options(form: ListForm) -> dict[str, str]:
    if not isinstance(form, MarginsForm):
        return {}
    day = form.as_of.data
    return {"source": form.source.data or "", "as_of": day.isoformat() if day else ""}
