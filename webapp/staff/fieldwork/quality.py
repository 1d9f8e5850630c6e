"""Quality flags before a wave is locked, and what staff leave out, each with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from surveys.areas import Area
from surveys.fieldwork import exclusions, interviews
from surveys.fieldwork import quality as record
from surveys.fieldwork.exclusions import LONGEST_REASON, Exclusion
from surveys.fieldwork.interviews import Note
from surveys.fieldwork.quality import FLAGS, TELLING, Finding
from surveys.problems import Refused
from surveys.responses import Response
from surveys.waves import Wave
from webapp.office import office
from webapp.staff import scope
from webapp.staff.door import blueprint
from webapp.staff.forms import ConfirmForm, refuse
from webapp.staff.reading import report
from webapp.staff.reading.report import Report

SHOWN = 200  # at a time: more than anybody looks through


class ExclusionForm(FlaskForm):
    """Why a response is left out."""

    reason = StringField(
        _("Reason"),
        [InputRequired(_("Give the reason.")), Length(max=LONGEST_REASON)],
        description=_("It is stored with your name and printed in the report."),
    )


@dataclass(frozen=True)
class Quality:
    """The flags of those communities that the reader may see; flags, never answers.

    Parameters
    ----------
    places : mapping of int to Area
        By id.
    excluded : sequence of (Exclusion, Response)
        All that is left out, flagged or not.
    report : Report or None
        The figures, once the wave is locked.
    notes : sequence of (Response, Note)
        What interviewers pencilled in. A note may tell an answer: it is read once the wave is
        closed, by those who run it.
    """

    wave: Wave
    places: Mapping[int, Area]
    findings: Sequence[Finding]
    excluded: Sequence[tuple[Exclusion, Response]]
    report: Report | None
    notes: Sequence[tuple[Response, Note]]
    runs: bool

    @property
    def counts(self) -> Counter[str]:
        """How many responses have which flag."""
        return Counter(flag for finding in self.findings for flag in finding.flags)

    @property
    def decides(self) -> bool:
        """Whether the reader may leave something out now."""
        return self.runs and self.wave.state == "closed"

    @property
    def names(self) -> list[str]:
        """The flags that are named beside a response: those that are answers only later, to few."""
        return [name for name in FLAGS if name not in TELLING or _tells(self.wave, self.runs)]

    def named(self, finding: Finding) -> list[str]:
        """The flags of a response that the reader may see."""
        return [name for name in finding.flags if name in self.names]

    def with_flag(self, flag: str) -> list[Finding]:
        """The findings of one kind that may be seen; all of them for an empty word."""
        found = [(finding, self.named(finding)) for finding in self.findings]
        # The order must not tell what is hidden either.
        found.sort(key=lambda one: (-len(one[1]), one[0].response.id))
        return [finding for finding, names in found if (flag in names if flag else names)]


@blueprint.get("/waves/<code>/quality")
def quality(code: str) -> ResponseReturnValue:
    """How many responses are flagged for what, and which."""
    with office().database.read() as session:
        found = _quality(session, scope.wave_to_read(session, code))
    flag = request.args.get("flag", "")
    chosen = found.with_flag(flag if flag in FLAGS else "")
    return render_template(
        "staff/fieldwork/quality.html",
        quality=found,
        flags=FLAGS,
        flag=flag,
        findings=chosen[:SHOWN],
        more=max(0, len(chosen) - SHOWN),
        notes=found.notes[:SHOWN],
        more_notes=max(0, len(found.notes) - SHOWN),
        minutes=minutes,
    )


@blueprint.route("/waves/<code>/quality/<int:number>", methods=["GET", "POST"])
def exclusion(code: str, number: int) -> ResponseReturnValue:
    """Leave a response out with a reason, or take that back."""
    with office().database.read() as session:
        wave, response = _response(session, code, number)
        stands = exclusions.of_response(session, response)
        place = session.get_one(Area, response.community_id)
    form = ConfirmForm() if stands else ExclusionForm()
    if form.validate_on_submit():
        try:
            with office().database.write() as session:
                _wave, response = _response(session, code, number)
                _decide(session, response, form)
        except Refused as refused:
            refuse(form, refused)
        else:
            flash(
                gettext("The response counts again.")
                if stands
                else gettext("The response is left out.")
            )
            return redirect(url_for(".quality", code=code))
    page = render_template(
        "staff/fieldwork/exclusion.html",
        wave=wave,
        response=response,
        place=place,
        stands=stands,
        form=form,
    )
    return page, 422 if form.errors else 200


def minutes(response: Response) -> str:
    """How long someone took, to a tenth of a minute."""
    return f"{(response.submitted_at - response.started_at).total_seconds() / 60:.1f}"


def _decide(session: Session, response: Response, form: FlaskForm) -> None:
    if isinstance(form, ExclusionForm):
        exclusions.exclude(session, response, form.reason.data, current_user.name)
    else:
        exclusions.revoke(session, response, current_user.name)


def _response(session: Session, code: str, number: int) -> tuple[Wave, Response]:
    wave = scope.wave_to_run(session, code)
    response = session.get(Response, number)
    if response is None or response.wave_id != wave.id:
        abort(404)
    return wave, response


def _tells(wave: Wave, runs: bool) -> bool:
    """Whether what may be an answer is shown beside its response."""
    return runs and wave.state in ("closed", "locked")


def _quality(session: Session, wave: Wave) -> Quality:
    places = {place.id: place for place in scope.communities(session, wave)}
    runs = scope.mine(session).runs(wave)
    return Quality(
        wave=wave,
        places=places,
        findings=[
            finding
            for finding in record.findings(session, wave)
            if finding.response.community_id in places
        ],
        excluded=[
            (exclusion, response)
            for exclusion, response in exclusions.of_wave(session, wave)
            if response.community_id in places
        ],
        report=report.of_wave(session, wave),
        notes=interviews.notes_of_wave(session, wave) if _tells(wave, runs) else (),
        runs=runs,
    )
