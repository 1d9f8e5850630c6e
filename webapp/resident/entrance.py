"""The way in: the home page, a code from a slip, the open link of a community."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from surveys.sampling.codes import read as read_code
from webapp.office import office, settings
from webapp.resident import invitations, preferences
from webapp.resident.answering import Answer
from webapp.resident.door import door
from webapp.resident.invitations import Invitation
from webapp.resident.sample import of_demonstration


@door.get("/")
def home() -> str:
    """What this is, and where to enter a code."""
    preferences.read_address()
    return _home()


@door.get("/i")
def enter_code() -> Answer:
    """Lead someone who typed a code to its page."""
    preferences.read_address()
    typed = request.args.get("code")
    if typed is None:  # the address itself, without the form
        return redirect(url_for("resident.home", **preferences.carried()), 303)
    code = read_code(typed)
    if code is None:
        return _home(typed=typed), 422
    return redirect(url_for("resident.invitation", code=code, **preferences.carried()), 303)


@door.get("/i/<code>")
def invitation(code: str) -> str:
    """Who asks, why, and what is kept: for the household that got a slip."""
    preferences.read_address()
    return _show(invitations.of_code(code))


@door.post("/i/<code>")
def accept_invitation(code: str) -> Response:
    """Begin, having read it."""
    preferences.read_address()
    return _begin(invitations.of_code(code))


@door.get("/s/<wave>/<community>")
def open_link(wave: str, community: str) -> str:
    """The same for anyone in a community."""
    preferences.read_address()
    return _show(invitations.of_link(wave, community))


@door.post("/s/<wave>/<community>")
def accept_open_link(wave: str, community: str) -> Response:
    """Begin, having read it."""
    preferences.read_address()
    return _begin(invitations.of_link(wave, community))


def _begin(asked: Invitation) -> Response:
    token = asked.accept(elder=g.elder)
    first = asked.questionnaire.pages[0].name
    return redirect(url_for("resident.question_page", token=token, name=first), 303)


def _show(asked: Invitation) -> str:
    return render_template("resident/invitation.html", asked=asked, settings=settings())


def _home(typed: str | None = None) -> str:
    with office().database.read() as session:
        sample = of_demonstration(session, office().keys)
    return render_template("resident/home.html", sample=sample, typed=typed)
