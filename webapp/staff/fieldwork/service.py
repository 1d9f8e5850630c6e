"""The service record: for staff everybody's, for volunteers their own; on screen and on paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from surveys import areas, audit, people, waves
from surveys.areas import Area
from surveys.database import now
from surveys.fieldwork import certificate
from surveys.fieldwork import service as record
from surveys.fieldwork.service import Period, Service
from surveys.fieldwork.visits import CHINA
from surveys.people import User
from surveys.problems import Refused
from webapp.i18n import say
from webapp.office import office
from webapp.staff import scope, tables
from webapp.staff.door import blueprint, visits


@dataclass(frozen=True)
class Asked:
    """The period that was asked for; this year, where none was or it is none."""

    period: Period
    fault: str

    @classmethod
    def read(cls) -> Asked:
        """As the address of the page says."""
        today = now().astimezone(CHINA).date()
        this_year = Period(dt.date(today.year, 1, 1), today)
        first, last = request.args.get("from", ""), request.args.get("until", "")
        try:
            first_day = dt.date.fromisoformat(first) if first else this_year.first
            last_day = dt.date.fromisoformat(last) if last else this_year.last
            return cls(Period(first_day, last_day), "")
        except ValueError:
            return cls(this_year, _("Enter days such as 2026-11-07."))
        except Refused as refused:
            return cls(this_year, say(refused.problems[0]))

    @property
    def words(self) -> dict[str, str]:
        """For a link to the same period."""
        return {"from": str(self.period.first), "until": str(self.period.last)}


@blueprint.get("/service")
def service() -> ResponseReturnValue:
    """Volunteers by name with visits, times out and hours; nobody is ranked."""
    asked = Asked.read()
    with office().database.read() as session:
        users = _volunteers(session)
        found = record.of_users(session, users, asked.period)
    return render_template(
        "staff/fieldwork/service.html",
        found=found,
        whole=record.together(found),
        served=sum(not one.is_blank for one in found),
        numbers={user.name: user.id for user in users},
        asked=asked,
        hours=certificate.hours,
    )


@blueprint.get("/service.csv")
def service_csv() -> ResponseReturnValue:
    """The same as a table to take away."""
    asked = Asked.read()
    with office().database.read() as session:
        found = record.of_users(session, _volunteers(session), asked.period)
    return tables.download("minyi-service.csv", _lines(found))


@blueprint.get("/service/<int:number>.pdf")
def service_certificate(number: int) -> ResponseReturnValue:
    """A volunteer's certificate."""
    with office().database.read() as session:
        user = next((user for user in _volunteers(session) if user.id == number), None)
    return _certificate(user or abort(404))


@visits.get("/service")
def my_service() -> ResponseReturnValue:
    """What whoever is logged in gave; only they and their office read it."""
    asked = Asked.read()
    with office().database.read() as session:
        user = session.get_one(User, current_user.id)
        (found,) = record.of_users(session, [user], asked.period)
    return render_template(
        "staff/fieldwork/my_service.html", found=found, asked=asked, hours=certificate.hours
    )


@visits.get("/service.pdf")
def my_certificate() -> ResponseReturnValue:
    """Their own certificate."""
    with office().database.read() as session:
        user = session.get_one(User, current_user.id)
    return _certificate(user)


def _volunteers(session: Session) -> list[User]:
    """Those of the reader's branch, by name; former ones keep their record."""
    branch = scope.mine(session).branch
    return [
        user
        for user in people.every(session)
        if user.role == "volunteer" and (current_user.area_id is None or user.area_id in branch)
    ]


def _certificate(user: User) -> Response:
    asked = Asked.read()
    with office().database.write() as session:
        (found,) = record.of_users(session, [user], asked.period)
        place, sponsor, synthetic = _of_office(session, user)
        audit.record(session, current_user.name, "service.print", user.name, **asked.words)
    pdf = certificate.made(
        found,
        asked.period,
        place=place,
        sponsor=sponsor,
        today=now().astimezone(CHINA).date(),
        synthetic=synthetic,
    )
    response = Response(pdf, content_type="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename="minyi-service.pdf")
    return response


def _of_office(session: Session, user: User) -> tuple[str, str, bool]:
    """Where someone served and for whom, as the newest wave there says."""
    branch = set(areas.branch(session, user.area_id))
    place = session.get(Area, user.area_id) if user.area_id else None
    concerned = [
        wave
        for wave in waves.every(session)
        if wave.area_id in branch or (place and place.id in areas.branch(session, wave.area_id))
    ]
    newest = max(concerned, key=lambda wave: (wave.month, wave.code), default=None)
    if place is None and newest:
        place = session.get_one(Area, newest.area_id)
    name = place.name_zh if place else ""
    return name, newest.sponsor if newest else "", newest.synthetic if newest else False


def _lines(found: Sequence[Service]) -> Iterator[tables.Row]:
    for one in found:
        yield {
            _("Volunteer"): one.name,
            _("Visits"): one.visits,
            _("Times out"): one.days,
            _("Hours served"): certificate.hours(one),
        }
