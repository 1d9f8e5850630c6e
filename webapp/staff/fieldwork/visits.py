"""The units of a community and the attempts at each, for staff and volunteers of its branch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import DateTimeLocalField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from surveys.areas import Area
from surveys.database import now
from surveys.fieldwork import attempts, visits
from surveys.fieldwork.attempts import MOST_HOUSEHOLDS, OUTCOMES, Attempt
from surveys.fieldwork.dispositions import DISPOSITIONS
from surveys.fieldwork.visits import CHINA, Case
from surveys.problems import Refused
from surveys.results import readings
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from webapp.office import office
from webapp.staff import scope, words
from webapp.staff.door import visits as blueprint
from webapp.staff.fieldwork.trace import addresses_read
from webapp.staff.forms import refuse

MINUTE = "%Y-%m-%dT%H:%M"


class AttemptForm(FlaskForm):
    """What came of standing at a door."""

    outcome = SelectField(
        _("What came of it"), [InputRequired(_("Choose what came of the attempt."))]
    )
    at = DateTimeLocalField(
        _("When"),
        [InputRequired(_("Enter the date and the time."))],
        format=MINUTE,
    )
    partner = StringField(
        _("Who went along"),
        [Length(max=64)],
        description=_("Visits are made in pairs."),
        render_kw={"autocomplete": "off"},
    )
    households = IntegerField(
        _("Households at this address"),
        [
            Optional(),
            NumberRange(1, MOST_HOUSEHOLDS, _("Enter a number of at least 1.")),
        ],
        description=_("Counted at the door, once. Which of several is asked is then shown here."),
        render_kw={"inputmode": "numeric", "class": "short"},
    )
    return_at = DateTimeLocalField(
        _("When to come back"),
        [Optional()],
        format=MINUTE,
        description=_("Where they asked you to."),
    )


@dataclass(frozen=True)
class Door:
    """A unit as those need it who go there."""

    unit: SampledUnit
    address: str
    case: Case

    @property
    def is_settled(self) -> bool:
        return self.case.attempts_left == 0

    def stands(self) -> str:
        """How it ended, or what the last attempt came to."""
        case = self.case
        if case.answered or not case.visits:
            settled = case.answered or case.broke_off
            return words.recorded(DISPOSITIONS[case.disposition].words) if settled else ""
        return words.recorded(OUTCOMES[case.visits[-1].outcome].words)

    def untried(self) -> list[str]:
        """The times of day at which nobody has been there."""
        return [words.recorded(visits.TIMES[time]) for time in self.case.untried]


@blueprint.get("/<code>/<community>")
def units(code: str, community: str) -> ResponseReturnValue:
    """The addresses of a community that were sent out, in the order of the list."""
    with office().database.read() as session:
        wave = _wave(session, code)
        places = scope.communities(session, wave)
        place = next((place for place in places if place.code == community), None) or abort(404)
        doors = _doors(session, wave, place)
    addresses_read(wave, place, units=len(doors))
    left = [door for door in doors if not door.is_settled]
    show_all = request.args.get("show") == "all" or not left
    return render_template(
        "staff/fieldwork/units.html",
        wave=wave,
        place=place,
        places=places,
        doors=doors if show_all else left,
        counts={"left": len(left), "all": len(doors)},
        show_all=show_all,
    )


@blueprint.route("/<code>/units/<int:number>", methods=["GET", "POST"])
def unit(code: str, number: int) -> ResponseReturnValue:
    """One unit: what was tried, and the form for what was tried now."""
    with office().database.read() as session:
        wave, found, place = unit_of(session, code, number)
        door, tried = _door(session, wave, found), attempts.of_unit(session, found)
    form = _form(door)
    if form.validate_on_submit():
        try:
            with office().database.write() as session:
                wave, found, _place = unit_of(session, code, number)
                _record(session, found, form)
        except Refused as refused:
            refuse(form, refused)
        else:
            flash(gettext("The attempt is recorded."))
            return redirect(url_for(".unit", code=code, number=number))
    addresses_read(wave, place, unit=number)
    page = _page(wave, place, door, tried, form)
    return page, 422 if form.errors else 200


def unit_of(session: Session, code: str, number: int) -> tuple[Wave, SampledUnit, Area]:
    """A unit of the reader's branch that was sent out; any other is a page that does not exist."""
    wave = _wave(session, code)
    found = session.get(SampledUnit, number)
    if found is None or found.wave_id != wave.id or found.released_at is None:
        abort(404)
    place = session.get_one(Area, found.community_id)
    return (wave, found, place) if place.id in scope.mine(session).branch else abort(404)


def _wave(session: Session, code: str) -> Wave:
    """A wave that concerns the reader; volunteers go out only while it is open."""
    wave = scope.wave_to_read(session, code)
    if current_user.role == "volunteer" and wave.state != "open":
        abort(404)
    return wave


def _page(wave: Wave, place: Area, door: Door, tried: Sequence[Attempt], form: AttemptForm) -> str:
    return render_template(
        "staff/fieldwork/unit.html",
        wave=wave,
        place=place,
        door=door,
        tried=tried,
        outcomes=OUTCOMES,
        household=attempts.chosen_household(wave, door.unit),
        form=form,
    )


def _doors(session: Session, wave: Wave, place: Area) -> list[Door]:
    cases = {case.unit_id: case for case in visits.cases(session, wave, [place.id])}
    dwellings = readings.dwellings(session, office().keys, wave, place)
    return [Door(unit, address, cases[unit.id]) for unit, address in dwellings]


def _door(session: Session, wave: Wave, unit: SampledUnit) -> Door:
    cases = visits.cases(session, wave, [unit.community_id])
    case = next(case for case in cases if case.unit_id == unit.id)
    return Door(unit, readings.address(session, office().keys, unit), case)


def _form(door: Door) -> AttemptForm:
    form = AttemptForm()
    form.outcome.choices = [
        SelectChoice("", gettext("Choose")),
        *(SelectChoice(name, words.recorded(one.words)) for name, one in OUTCOMES.items()),
    ]
    if door.unit.households is not None:
        del form.households
    if not form.is_submitted():
        form.at.data = now().astimezone(CHINA)
    return form


def _record(session: Session, unit: SampledUnit, form: AttemptForm) -> None:
    """What is typed is the time in China, wherever the server stands."""
    return_at = form.return_at.data
    visits.record(
        session,
        unit,
        form.outcome.data,
        form.at.data.replace(tzinfo=CHINA),
        current_user.name,
        partner=form.partner.data.strip(),
        return_at=return_at and return_at.replace(tzinfo=CHINA),
        households=form.households.data if "households" in form else None,
    )
