"""Who goes to which address: by grid, by building, or one by one from a list without a map."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from surveys import people
from surveys.areas import Area
from surveys.fieldwork import assignments as record
from surveys.fieldwork import visits, workload
from surveys.fieldwork.assignments import Assignment
from surveys.fieldwork.visits import Case
from surveys.fieldwork.workload import Load
from surveys.problems import N_, Problem, Refused
from surveys.results import readings
from surveys.sampling.addresses import normal
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from webapp.office import office
from webapp.staff import scope
from webapp.staff.door import blueprint
from webapp.staff.fieldwork.trace import addresses_read
from webapp.staff.forms import refuse


class AssignForm(FlaskForm):
    """Whom to send to the chosen addresses, or whether to take them back."""

    units = SelectMultipleField(_("Addresses"), coerce=int, validate_choice=False)
    user_id = SelectField(_("Volunteer"), coerce=int)
    partner = StringField(
        _("Who goes along"),
        [Length(max=64)],
        description=_("Visits are made in pairs. A name is enough; no account is needed."),
        render_kw={"autocomplete": "off", "list": "volunteers"},
    )


@dataclass(frozen=True)
class Door:
    """An address that was sent out, and who has it."""

    unit: SampledUnit
    address: str
    case: Case
    assignment: Assignment | None
    user: str

    @property
    def building(self) -> str:
        """阳光小区12栋; blank where the address names none."""
        found = re.match(r".*?栋", normal(self.address))
        return found[0] if found else ""

    @property
    def is_settled(self) -> bool:
        return self.case.attempts_left == 0


@dataclass(frozen=True)
class Choice:
    """What part of the list is looked at."""

    grid: str
    building: str
    show: str  # free | given | all

    @classmethod
    def made(cls) -> Choice:
        """As the address of the page says."""
        asked = request.args.get
        return cls(asked("grid", ""), asked("building", ""), asked("show", "free"))

    def within(self, doors: Sequence[Door]) -> list[Door]:
        """The doors that are looked at; where attempts are left, unless all are wanted."""
        return [
            door
            for door in doors
            if (not self.grid or door.unit.grid == self.grid)
            and (not self.building or door.building == self.building)
            and (
                self.show == "all"
                or (not door.is_settled and (door.assignment is None) == (self.show == "free"))
            )
        ]


@dataclass(frozen=True)
class Work:
    """A community's addresses and those who may be sent there."""

    wave: Wave
    places: Sequence[Area]
    place: Area
    doors: Sequence[Door]
    loads: Sequence[Load]
    suggested: Sequence[Load]
    choice: Choice

    @property
    def shown(self) -> list[Door]:
        return self.choice.within(self.doors)

    @property
    def grids(self) -> list[str]:
        return sorted({door.unit.grid for door in self.doors} - {""})

    @property
    def buildings(self) -> list[str]:
        """Those of the chosen grid."""
        grid = self.choice.grid
        inside = [door for door in self.doors if not grid or door.unit.grid == grid]
        return sorted({door.building for door in inside} - {""})

    @property
    def counts(self) -> dict[str, int]:
        kinds = {kind: Choice(self.choice.grid, self.choice.building, kind) for kind in SHOWN}
        return {kind: len(choice.within(self.doors)) for kind, choice in kinds.items()}

    def link(self, **other: str) -> str:
        """This page, looked at otherwise."""
        values = {**vars(self.choice), **other}
        given = {name: value for name, value in values.items() if value}
        code, place = self.wave.code, self.place.code
        return url_for("staff.assignments", code=code, community=place, **given)


SHOWN = ("free", "given", "all")


@blueprint.route("/waves/<code>/assignments", methods=["GET", "POST"])
@blueprint.route("/waves/<code>/assignments/<community>", methods=["GET", "POST"])
def assignments(code: str, community: str | None = None) -> ResponseReturnValue:
    """The addresses of a community with boxes to tick, and those who could go there."""
    with office().database.read() as session:
        work = _work(session, code, community)
    form = _form(work)
    if form.validate_on_submit():
        try:
            with office().database.write() as session:
                flash(_carry_out(session, code, work, form))
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect(work.link())
    addresses_read(work.wave, work.place, units=len(work.doors))
    page = render_template("staff/fieldwork/assignments.html", work=work, form=form)
    return page, 422 if form.errors else 200


def _work(session: Session, code: str, community: str | None) -> Work:
    wave = scope.wave_to_read(session, code)
    places = scope.communities(session, wave)
    place = next((place for place in places if community in {None, place.code}), None)
    if place is None:
        raise NotFound
    loads = workload.of_wave(session, wave, places)
    choice = Choice.made()
    return Work(
        wave=wave,
        places=places,
        place=place,
        doors=_doors(session, wave, place),
        loads=loads,
        suggested=workload.suggested(session, loads, place, choice.grid),
        choice=choice,
    )


def _doors(session: Session, wave: Wave, place: Area) -> list[Door]:
    cases = {case.unit_id: case for case in visits.cases(session, wave, [place.id])}
    dwellings = readings.dwellings(session, office().keys, wave, place)
    standing = record.current(session, [unit for unit, _address in dwellings])
    names = {user.id: user.name for user in people.every(session)}
    return [
        Door(
            unit,
            address,
            cases[unit.id],
            standing.get(unit.id),
            names.get(standing[unit.id].user_id, "") if unit.id in standing else "",
        )
        for unit, address in dwellings
    ]


def _form(work: Work) -> AssignForm:
    form = AssignForm()
    form.user_id.choices = [
        SelectChoice(0, gettext("Choose")),
        *(
            SelectChoice(load.user.id, _said(load, work.place), render_kw={"translate": "no"})
            for load in work.suggested
        ),
    ]
    return form


def _said(load: Load, place: Area) -> str:
    """A volunteer with what they have: here, and everywhere."""
    return gettext(
        "%(name)s: %(here)d here, %(all)d in all",
        name=load.user.name, here=load.given[place.id], all=load.given.total(),
    )  # fmt: skip


def _carry_out(session: Session, code: str, work: Work, form: AssignForm) -> str:
    """Assign, move or take back what was ticked; returns what to say of it."""
    wave = scope.wave_to_read(session, code)
    known = {door.unit.id for door in work.doors}
    ticked = {number for number in form.units.data or [] if number in known}
    if request.form.get("every") == "yes":
        ticked |= {door.unit.id for door in work.shown}
    units = [session.get_one(SampledUnit, number) for number in sorted(ticked)]
    if not units:
        raise Refused(Problem(N_("Tick at least one address.")))
    if request.form.get("act") == "withdraw":
        count = record.withdraw(session, units, current_user.name)
        return ngettext(
            "%(num)d address is taken back.", "%(num)d addresses are taken back.", count
        )
    user = next((load.user for load in work.loads if load.user.id == form.user_id.data), None)
    if user is None or wave.state not in record.ASSIGNABLE:
        raise Refused(Problem(N_("Choose a volunteer.")))
    give = record.move if request.form.get("act") == "move" else record.assign
    partner = (form.partner.data or "").strip()
    person = people.get(session, user.name)
    given = give(session, person, units, current_user.name, partner=partner)
    return ngettext(
        "%(num)d address is assigned to %(name)s.",
        "%(num)d addresses are assigned to %(name)s.",
        len(given),
        name=person.name,
    )
