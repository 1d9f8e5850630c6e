"""Door slips: a PDF to print and cut, one slip for each sampled address, four to a sheet of A4.

The type is set by Typst from ``slips.typ`` and in the font that comes with the package, so that a
server without Chinese fonts prints the same. The texts are Chinese whatever the reader's language:
they are for residents.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import segno
from sqlalchemy.orm import Session

from surveys import audit, printing
from surveys.keys import Keys
from surveys.problems import N_, Problem, Refused
from surveys.questionnaires import published
from surveys.questionnaires.definition import text_in
from surveys.sampling import invitations
from surveys.sampling.invitations import Slip
from surveys.waves import Wave

TEMPLATE = Path(__file__).with_suffix(".typ")


@dataclass(frozen=True)
class Sheets:
    """What is printed.

    Parameters
    ----------
    wave : Wave
        Its sponsor, approval and validity are printed; what is blank is left out.
    title : str
        The public title, that of the questionnaire: it gives no answer away.
    slips : sequence of Slip
        In the order in which they are to be cut.
    contact : str
        Whom residents may ask; left out where blank.
    retention : int or None
        For how many months after the survey answers are kept; left out where unknown.
    """

    wave: Wave
    title: str
    slips: Sequence[Slip]
    contact: str = ""
    retention: int | None = None


def of_wave(session: Session, keys: Keys, wave: Wave, community: str | None, actor: str) -> Sheets:
    """The slips of a wave, or of one community. Whoever prints them leaves a trace.

    Raises
    ------
    Refused
        There are none.
    """
    found = [
        slip
        for slip in invitations.slips(session, keys, wave)
        if community in (None, slip.community)
    ]
    if not found:
        raise Refused(Problem(N_("There are no slips to print.")))
    title = text_in(published.load(session, wave.questionnaire_id).title, "zh")
    audit.record(session, actor, "slips.print", wave.code, slips=len(found), community=community)
    return Sheets(wave, title, found)


def pdf(sheets: Sheets, public_url: str) -> bytes:
    """Set the slips.

    Parameters
    ----------
    public_url : str
        Where residents reach this server.

    """
    return _compiled(sheets, public_url, "pdf")


def png(sheets: Sheets, public_url: str) -> bytes:
    """Set the first sheet as a picture, to look at before a thousand are printed."""
    return _compiled(replace(sheets, slips=sheets.slips[:4]), public_url, "png")


def _compiled(sheets: Sheets, public_url: str, form: Literal["pdf", "png"]) -> bytes:
    wave = sheets.wave
    content = {
        "title": sheets.title,
        "synthetic": wave.synthetic,
        "sponsor": wave.sponsor,
        "approval": wave.approval_number,
        "valid": _day(wave),
        "contact": sheets.contact,
        "retention": sheets.retention or 0,
        "site": public_url.partition("://")[2] or public_url,
        "slips": [
            {
                "place": slip.place,
                "address": slip.address,
                "code": slip.code,
                "qr": _qr(f"{public_url}/i/{slip.code}"),
            }
            for slip in sheets.slips
        ],
    }
    return printing.typeset(TEMPLATE, content, form)


def _day(wave: Wave) -> str:
    day = wave.valid_until
    return "" if day is None else f"{day.year}年{day.month}月{day.day}日"


def _qr(link: str) -> str:
    picture = io.BytesIO()
    segno.make(link, error="m", micro=False).save(picture, kind="svg", border=0, xmldecl=False)
    return picture.getvalue().decode()
