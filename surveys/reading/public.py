"""The public page: aggregates of a wave with suppression, off unless the office turns it on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import areas, audit, waves
from surveys.areas import Area
from surveys.database import now
from surveys.problems import N_, Problem, Refused
from surveys.questionnaires.definition import Indicator
from surveys.reading import editions
from surveys.reading.editions import Edition
from surveys.results.figures import Figure
from surveys.waves import Wave

FEWEST = 10  # respondents in a cell that is shown


@dataclass(frozen=True)
class Public:
    """What anybody may read of a wave.

    Parameters
    ----------
    edition : Edition
    communities : sequence of Area
    figures : mapping
        By area code and indicator; what is suppressed is None.
    """

    edition: Edition
    communities: Sequence[Area]
    figures: Mapping[tuple[str, str], Figure | None]


def of(session: Session, code: str) -> Public | None:
    """The public figures of a wave; None while the office has not published it."""
    wave = session.scalar(sa.select(Wave).where(Wave.code == code))
    edition = editions.of(session, wave) if wave and wave.public_at else None
    if edition is None:
        return None
    communities = [
        one for one in areas.communities(session, edition.whole.id) if one.id != edition.whole.id
    ]
    stored = editions.figures(session, edition, [edition.whole, *communities], edition.headline)
    shown: dict[tuple[str, str], Figure | None] = {}
    for indicator in edition.headline:
        shown |= suppressed(edition.whole, communities, indicator, stored)
    return Public(edition, communities, shown)


def suppressed(
    whole: Area, communities: Sequence[Area], indicator: Indicator, stored: editions.Figures
) -> dict[tuple[str, str], Figure | None]:
    """The figures of an indicator with those left out that would tell of fewer than ten people.

    A figure is left out where fewer than ten are in its base, or fewer than ten but somebody
    answered one way or the other. Where one community alone is left out, or those left out hold
    fewer than ten together, the whole less the others would tell, and the smallest of the rest go
    too.
    """
    found = {
        place.code: figure
        for place in communities
        if (figure := stored.get((place.code, indicator.name)))
    }
    hidden = [code for code, figure in found.items() if _tells(figure)]
    rest = sorted((f.n, code) for code, f in found.items() if code not in hidden)
    while hidden and rest and (len(hidden) < 2 or _least(found[code] for code in hidden) < FEWEST):
        hidden.append(rest.pop(0)[1])
    shown: dict[tuple[str, str], Figure | None] = {
        (code, indicator.name): None if code in hidden else figure for code, figure in found.items()
    }
    total = stored.get((whole.code, indicator.name))
    if total is not None:
        shown[whole.code, indicator.name] = None if _tells(total) else total
    return shown


def publish(session: Session, code: str, actor: str, *, public: bool) -> Wave:
    """Put a wave's figures on the public page, or take them off.

    Raises
    ------
    Refused
        The wave is not a locked measurement.
    """
    wave = waves.get(session, code)
    if editions.of(session, wave) is None:
        raise Refused(Problem(N_("Wave %(code)s has no figures to publish."), {"code": code}))
    wave.public_at = now() if public else None
    audit.record(session, actor, "wave.publish" if public else "wave.unpublish", code)
    return wave


def _counts(figure: Figure) -> tuple[int, int]:
    """Who counts, and who is in the base and does not."""
    yes = round((figure.unweighted or 0.0) * figure.n)
    return yes, figure.n - yes


def _tells(figure: Figure) -> bool:
    return figure.n < FEWEST or any(0 < count < FEWEST for count in _counts(figure))


def _least(figures: Iterable[Figure]) -> int:
    counts = [_counts(one) for one in figures]
    return min(sum(yes for yes, _no in counts), sum(no for _yes, no in counts))
