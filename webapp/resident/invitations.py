"""Invitations: what a code from a slip, or the open link of a community, opens."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NoReturn

import sqlalchemy as sa
from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from surveys import areas, drafts, people, waves
from surveys.areas import Area
from surveys.problems import Refused
from surveys.questionnaires import published
from surveys.questionnaires.definition import Questionnaire
from surveys.responses import Response
from surveys.sampling import invitations
from surveys.sampling.invitations import Invited
from surveys.waves import Wave
from webapp.i18n import language
from webapp.office import office
from webapp.resident.dead_ends import stop, stop_after_the_end

TRIES = 10
WINDOW = dt.timedelta(minutes=15)


@dataclass(frozen=True)
class Invitation:
    """Someone is asked, in a wave and a community, and of the sample at one dwelling."""

    wave: Wave
    community: Area
    questionnaire: Questionnaire
    unit_id: int | None = None

    @property
    def is_personal(self) -> bool:
        """Whether it came on a slip to a sampled dwelling."""
        return self.unit_id is not None

    def accept(self, *, elder: bool) -> str:
        """Begin a draft and give its token."""
        with office().database.write_connection() as connection:
            return drafts.start(
                connection,
                wave_id=self.wave.id,
                community_id=self.community.id,
                unit_id=self.unit_id,
                stream="sample" if self.is_personal else "open",
                mode="web",
                language=language(),
                elder=elder,
            )


def of_code(code: str) -> Invitation:
    """The invitation of a code; ends the request kindly if it opens nothing (now)."""
    with office().database.read() as session:
        unit = invitations.find_unit(session.connection(), office().keys, code)
        if unit is None:
            _stop_unknown_code()
        wave = session.get_one(Wave, unit.wave_id)
        _stop_unless_open(wave)
        _stop_if_answered(session, unit)
        return _invitation(session, wave, unit.community_id, unit.unit_id)


def of_link(wave_code: str, community_code: str) -> Invitation:
    """The open invitation of a community; ends the request kindly if there is none (now)."""
    with office().database.read() as session:
        try:
            wave = waves.get(session, wave_code)
        except Refused:
            _stop_unknown_link()
        asked = {area.code: area.id for area in areas.communities(session, wave.area_id)}
        if community_code not in asked:
            _stop_unknown_link()
        _stop_unless_open(wave)
        return _invitation(session, wave, asked[community_code])


def _invitation(
    session: Session, wave: Wave, community_id: int, unit_id: int | None = None
) -> Invitation:
    community = session.get_one(Area, community_id)
    questionnaire = published.load(session, wave.questionnaire_id)
    return Invitation(wave, community, questionnaire, unit_id)


def _stop_unknown_code() -> NoReturn:
    """Slow down who guesses. A code that is right is never asked how often others were wrong."""
    subject = office().keys.subject("code", request.remote_addr or "")
    with office().database.write() as session:
        has_guessed_enough = people.too_many(session, subject, TRIES, WINDOW)
        if not has_guessed_enough:
            people.note_failure(session, subject)
    if has_guessed_enough:
        stop(
            _("Too many attempts"),
            _("Please wait a quarter of an hour and enter the code once more."),
            429,
        )
    stop(
        _("We do not know this code"),
        _("Please compare it with the slip, letter by letter, and enter it once more."),
        404,
        enter_code=True,
    )


def _stop_unless_open(wave: Wave) -> None:
    if wave.state == "draft":
        stop(
            _("This survey has not begun yet"),
            _("Please come back in a few days. Your code stays valid."),
            404,
        )
    if wave.state != "open":
        stop_after_the_end()


def _stop_if_answered(session: Session, unit: Invited) -> None:
    counted = sa.select(Response.id).where(
        Response.wave_id == unit.wave_id,
        Response.community_id == unit.community_id,  # with the wave: the index
        Response.unit_id == unit.unit_id,
        Response.eligible,
    )
    if session.scalar(counted) is not None:
        stop(
            _("Your household has already answered"),
            _("Thank you! One adult of each household is enough, so there is nothing to do."),
            200,
        )


def _stop_unknown_link() -> NoReturn:
    stop(
        _("We do not know this address"),
        _("Please scan the poster once more. If you have a code, you can enter it here."),
        404,
        enter_code=True,
    )
