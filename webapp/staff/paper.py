"""What goes on paper: slips with codes, posters with the open link. A4, by the browser's print."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import segno
from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from surveys import audit
from surveys.areas import Area
from surveys.sampling import invitations
from surveys.waves import Wave
from webapp.office import office, settings
from webapp.staff import scope, tables, words
from webapp.staff.door import blueprint


@dataclass(frozen=True)
class Slip:
    """One household's slip: whom it is for, its code and the code as a picture."""

    place: Area
    address: str
    code: str

    @property
    def link(self) -> str:
        return public_url("resident.invitation", code=self.code)


@blueprint.get("/waves/<code>/slips")
@blueprint.get("/waves/<code>/slips/<community>")
def slips(code: str, community: str | None = None) -> ResponseReturnValue:
    """Slips to cut apart, one per household, a community at a time."""
    wave, places = _places(code)
    place = next((place for place in places if community in {None, place.code}), None) or abort(404)
    found = _slips(wave, [place], "slips.print")
    return render_template(
        "staff/slips.html",
        wave=wave,
        places=places,
        place=place,
        slips=found,
        qr=qr,
        contact=settings().contact,
    )


@blueprint.get("/waves/<code>/codes.csv")
def codes_csv(code: str) -> ResponseReturnValue:
    """The same for a printer's mail merge."""
    rows = [
        {
            _("Area"): words.area(slip.place),
            _("Address"): slip.address,
            _("Invitation code"): slip.code,
            _("Link"): slip.link,
        }
        for slip in _slips(*_places(code), "codes.export")
    ]
    return tables.download(f"minyi-{code}-codes.csv", rows)


@blueprint.get("/waves/<code>/posters")
def posters(code: str) -> ResponseReturnValue:
    """A poster per community, with the open link."""
    wave, places = _places(code)
    links = {
        place.id: public_url("resident.open_link", wave=wave.code, community=place.code)
        for place in places
    }
    return render_template(
        "staff/posters.html",
        wave=wave,
        places=places,
        links=links,
        qr=qr,
        contact=settings().contact,
    )


def _places(code: str) -> tuple[Wave, list[Area]]:
    """A wave and those of its communities that the reader may see."""
    with office().database.read() as session:
        wave = scope.wave_to_read(session, code)
        return wave, scope.communities(session, wave)


def _slips(wave: Wave, places: Sequence[Area], action: str) -> list[Slip]:
    """The slips of some communities. Whoever reads codes leaves a trace: each is a vote."""
    known = {place.code: place for place in places}
    with office().database.read() as session:
        found = [
            Slip(known[slip.community], slip.address, slip.code)
            for slip in invitations.slips(session, office().keys, wave)
            if slip.community in known
        ]
    with office().database.write() as session:
        audit.record(session, current_user.name, action, wave.code, slips=len(found))
    return found


def public_url(endpoint: str, **values: Any) -> str:
    """An address as residents reach it, whatever this server is called inside."""
    return settings().public_url + url_for(endpoint, **values)


def qr(link: str) -> Markup:
    """A QR code as an SVG element that takes the size its place gives it."""
    svg = io.BytesIO()
    segno.make(link, error="m").save(
        svg, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=0, lineclass=None
    )
    picture = svg.getvalue().decode().replace("<svg", '<svg aria-hidden="true"', 1)
    return Markup(picture)  # noqa: S704  (made by segno; the link is drawn, not written)
