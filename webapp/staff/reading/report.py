"""Every figure of a locked wave that a reader may see: what tables to take away are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from surveys import waves
from surveys.areas import Area
from surveys.questionnaires.definition import Indicator, Questionnaire
from surveys.reading import editions
from surveys.reading.editions import Edition
from surveys.waves import Wave
from webapp.staff import scope
from webapp.staff.reading.figures import Figure

STREAMS = ("sample", "open")


@dataclass(frozen=True)
class Report:
    """Figures of one locked wave.

    Parameters
    ----------
    edition : Edition
    communities : sequence of Area
        Those the reader may see, in the order of their codes.
    figures : mapping
        By area code, stream and indicator.
    """

    edition: Edition
    communities: Sequence[Area]
    figures: Mapping[tuple[str, str, str], Figure]

    @property
    def wave(self) -> Wave:
        return self.edition.wave

    @property
    def questionnaire(self) -> Questionnaire:
        return self.edition.questionnaire

    @property
    def whole(self) -> Area:
        """What the wave belongs to; its figures are pooled, never averaged."""
        return self.edition.whole

    @property
    def headline(self) -> Sequence[Indicator]:
        return self.edition.headline

    def figure(self, place: Area, indicator: Indicator, stream: str = "sample") -> Figure | None:
        """One figure; None where nothing was estimated."""
        return self.figures.get((place.code, stream, indicator.name))


def of_wave(session: Session, wave: Wave) -> Report | None:
    """The report of a locked wave for whoever is logged in; None before there are figures."""
    edition = editions.of(session, wave)
    if edition is None:
        return None
    communities = scope.communities(session, wave)
    places, measured = [edition.whole, *communities], edition.questionnaire.indicators
    figures = {
        (area, stream, name): Figure(figure)
        for stream in STREAMS
        for (area, name), figure in editions.figures(
            session, edition, places, measured, stream
        ).items()
    }
    return Report(edition, communities, figures)


def readable(session: Session) -> list[Wave]:
    """The locked measurement waves that concern the reader, the newest first."""
    my = scope.mine(session)
    return [
        wave
        for wave in waves.every(session)
        if wave.state == "locked" and wave.kind == "measurement" and my.reads(wave)
    ]
