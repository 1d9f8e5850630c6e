"""Addresses are sealed, and unsealing one is never silent."""

from __future__ import annotations

from flask_login import current_user

from surveys import audit
from surveys.areas import Area
from surveys.waves import Wave
from webapp.office import office


def addresses_read(wave: Wave, place: Area | None = None, **read: int) -> None:
    """Record in the trail who read which addresses of a wave, or of a community in it."""
    subject = f"{wave.code}/{place.code}" if place else wave.code
    with office().database.write() as session:
        audit.record(session, current_user.name, "addresses.read", subject, **read)
