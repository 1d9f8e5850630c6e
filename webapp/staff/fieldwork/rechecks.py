"""Re-checks: drawn and given out by staff, done by somebody who was not at the interview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import Field, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from surveys.areas import Area
from surveys.fieldwork import confirmation, pairs, workload
from surveys.fieldwork import rechecks as record
from surveys.fieldwork.confirmation import Confirmations
from surveys.fieldwork.pairs import Pair
from surveys.fieldwork.rechecks import CLAIMS, RESULTS, Recheck
from surveys.people import User
from surveys.problems import Refused
from surveys.questionnaires.definition import Question
from surveys.responses import Response
from surveys.results import readings
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from webapp.office import office
from webapp.staff import scope, words
from webapp.staff.door import blueprint, visits
from webapp.staff.fieldwork.trace import addresses_read
from webapp.staff.forms import ConfirmForm, refuse

QUESTION = "question_"  # begins the name of a question's field


@dataclass(frozen=True)
class Row:
    """A re-check as staff see it: where, who asked, who is to go; never an answer."""

    recheck: Recheck
    unit: SampledUnit
    place: Area
    address: str
    asked_by: Pair
    goes: str


@dataclass(frozen=True)
class Rechecks:
    """The re-checks of those communities that the reader may see."""

    wave: Wave
    rows: Sequence[Row]
    confirmations: Confirmations
    interviews: int
    runs: bool

    @property
    def may_change(self) -> bool:
        return self.runs and self.wave.state in ("open", "closed")

    @property
    def waiting(self) -> int:
        """Those that nobody has."""
        return sum(not row.goes and row.recheck.done_at is None for row in self.rows)


class GiveForm(FlaskForm):
    """Who is to go."""

    user_id = SelectField(_("Who goes there"), coerce=int)


class RecheckForm(FlaskForm):
    """What the household said. The questions put again are added by :func:`_recheck_form`."""

    result = RadioField(_("What came of it"), [Optional()])
    took_place = RadioField(
        _("Were you asked by volunteers for this survey, at your door, of late?"), [Optional()]
    )
    right_person = RadioField(
        _("Was it the adult whose birthday came next who answered?"), [Optional()]
    )

    @property
    def question_fields(self) -> list[Field]:
        return [field for field in self if field.name.startswith(QUESTION)]


@blueprint.route("/waves/<code>/rechecks", methods=["GET", "POST"])
def rechecks(code: str) -> ResponseReturnValue:
    """What was drawn, who has it, what came of it; drawing and giving out."""
    form = ConfirmForm()
    if form.validate_on_submit():
        try:
            with office().database.write() as session:
                flash(_draw_or_distribute(session, scope.wave_to_run(session, code)))
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect(url_for(".rechecks", code=code))
    with office().database.read() as session:
        found = _rechecks(session, scope.wave_to_read(session, code))
    if found.rows:
        addresses_read(found.wave, rechecks=len(found.rows))
    page = render_template(
        "staff/fieldwork/rechecks.html", found=found, form=form, results=RESULTS, claims=CLAIMS
    )
    return page, 422 if form.errors else 200


@blueprint.route("/waves/<code>/rechecks/<int:number>", methods=["GET", "POST"])
def recheck_given(code: str, number: int) -> ResponseReturnValue:
    """Choose who goes; whoever was at the interview is refused, with the reason."""
    with office().database.read() as session:
        wave, recheck, place = recheck_of(session, code, number)
        loads = workload.suggested(session, workload.of_wave(session, wave, [place]), place)
    form = GiveForm()
    form.user_id.choices = [
        SelectChoice(load.user.id, load.user.name, render_kw={"translate": "no"}) for load in loads
    ]
    if form.validate_on_submit():
        try:
            with office().database.write() as session:
                _wave, recheck, _place = recheck_of(session, code, number)
                user = session.get_one(User, form.user_id.data)
                record.assign(session, recheck, user, current_user.name)
        except Refused as refused:
            refuse(form, refused)
        else:
            flash(gettext("%(name)s has the re-check.", name=user.name))
            return redirect(url_for(".rechecks", code=code))
    page = render_template(
        "staff/fieldwork/recheck_given.html", wave=wave, recheck=recheck, form=form
    )
    return page, 422 if form.errors else 200


@visits.get("/rechecks")
def mine() -> ResponseReturnValue:
    """What whoever is logged in is still to confirm."""
    with office().database.read() as session:
        found = [
            (recheck, wave, readings.address(session, office().keys, unit))
            for recheck, unit, wave in record.of_user(session, current_user.id)
        ]
    for wave in {wave.id: wave for _recheck, wave, _address in found}.values():
        addresses_read(wave, rechecks=len(found))
    return render_template("staff/fieldwork/my_rechecks.html", found=found)


@visits.route("/<code>/rechecks/<int:number>", methods=["GET", "POST"])
def recheck(code: str, number: int) -> ResponseReturnValue:
    """What the household says now. What it said before is not shown, then or later."""
    with office().database.read() as session:
        wave, found, place = recheck_of(session, code, number)
        unit = session.get_one(SampledUnit, session.get_one(Response, found.response_id).unit_id)
        address = readings.address(session, office().keys, unit)
        asked = record.questions(session, wave)
    form = _recheck_form(asked)
    if form.validate_on_submit():
        try:
            with office().database.write() as session:
                _wave, found, _place = recheck_of(session, code, number)
                _record(session, found, form)
        except Refused as refused:
            refuse(form, refused)
        else:
            flash(gettext("The re-check is recorded. Thank you."))
            is_staff = current_user.role != "volunteer"
            return redirect(url_for("staff.rechecks", code=code) if is_staff else url_for(".mine"))
    addresses_read(wave, recheck=number)
    page = render_template(
        "staff/fieldwork/recheck.html",
        wave=wave,
        place=place,
        recheck=found,
        address=address,
        form=form,
    )
    return page, 422 if form.errors else 200


def recheck_of(session: Session, code: str, number: int) -> tuple[Wave, Recheck, Area]:
    """A re-check in the reader's branch; a volunteer has to have been given it."""
    wave = scope.wave_to_read(session, code)
    found = session.get(Recheck, number) or abort(404)
    response = session.get_one(Response, found.response_id)
    if response.wave_id != wave.id or response.community_id not in scope.mine(session).branch:
        abort(404)
    if current_user.role == "volunteer" and found.user_id != current_user.id:
        abort(404)
    return wave, found, session.get_one(Area, response.community_id)


def _draw_or_distribute(session: Session, wave: Wave) -> str:
    if request.form.get("act") == "distribute":
        given = record.distribute(session, wave, current_user.name)
        return ngettext("%(num)d re-check is given out.", "%(num)d re-checks are given out.", given)
    drawn = len(record.draw(session, wave, current_user.name))
    return ngettext("%(num)d interview is drawn.", "%(num)d interviews are drawn.", drawn)


def _rechecks(session: Session, wave: Wave) -> Rechecks:
    places = {place.id: place for place in scope.communities(session, wave)}
    made = pairs.of_wave(session, wave)
    rows = []
    for one in record.of_wave(session, wave):
        response = session.get_one(Response, one.response_id)
        if response.community_id not in places:
            continue
        unit = session.get_one(SampledUnit, response.unit_id)
        user = session.get(User, one.user_id) if one.user_id else None
        address = readings.address(session, office().keys, unit)
        rows.append(
            Row(
                recheck=one,
                unit=unit,
                place=places[response.community_id],
                address=address,
                asked_by=made.get(response.id, ()),
                goes=user.name if user else "",
            )
        )
    return Rechecks(
        wave=wave,
        rows=rows,
        confirmations=confirmation.of_wave(session, wave, places),
        interviews=record.interviews(session, wave),
        runs=scope.mine(session).runs(wave),
    )


def _recheck_form(asked: Sequence[Question]) -> RecheckForm:
    fields = {
        QUESTION + question.name: RadioField(
            words.text(question.label),
            [Optional()],
            choices=[
                *(SelectChoice(one.name, words.text(one.label)) for one in question.choices),
                SelectChoice("", gettext("no answer this time")),
            ],
            default="",
        )
        for question in asked
    }
    form: RecheckForm = type("AskedRecheckForm", (RecheckForm,), fields)()
    form.result.choices = _choices(RESULTS)
    form.took_place.choices = form.right_person.choices = _choices(CLAIMS)
    return form


def _choices(said: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice(name, words.recorded(text)) for name, text in said.items()]


def _record(session: Session, found: Recheck, form: RecheckForm) -> None:
    record.record(
        session,
        found,
        form.result.data or "",
        current_user.name,
        took_place=form.took_place.data or "",
        right_person=form.right_person.data or "",
        answers={
            field.name.removeprefix(QUESTION): field.data or "" for field in form.question_fields
        },
    )
