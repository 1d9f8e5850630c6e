"""Changes since the wave before as people read them: points, intervals, more than chance or not."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from surveys.reading import concerns
from surveys.results.comparisons import Comparison
from webapp.staff import words


@dataclass(frozen=True)
class Change:
    """One change in points of a per cent (of an index, in points)."""

    stored: Comparison

    def path(self, wave: str) -> str:
        """Where ``minyi compare`` has it."""
        of = self.stored
        return f"compare/{of.before}/{wave}/{of.area}/{of.indicator}"

    @property
    def points(self) -> float:
        return self._scaled(self.stored.change)

    @property
    def adjusted(self) -> float | None:
        """The change at the mode mix of the wave before."""
        value = self.stored.adjusted
        return None if value is None else self._scaled(value)

    @property
    def beyond_chance(self) -> bool:
        return concerns.is_beyond_chance(self.stored)

    @property
    def can_be_judged(self) -> bool:
        return self.stored.p is not None

    @property
    def direction(self) -> str:
        """up | down | same: the shape beside the words."""
        if not self.beyond_chance:
            return "same"
        return "up" if self.stored.change > 0 else "down"

    @property
    def says(self) -> str:
        """Whether it is more than chance, in words."""
        if not self.can_be_judged:
            return _("too few to tell")
        if not self.beyond_chance:
            return _("within chance")
        return _("more than chance: up") if self.stored.change > 0 else _("more than chance: down")

    @property
    def interval(self) -> str:
        """The interval, from end to end, in points."""
        if self.stored.lower is None or self.stored.upper is None:
            return ""
        lower, upper = (self._scaled(end) for end in (self.stored.lower, self.stored.upper))
        return _("%(lower)s to %(upper)s", lower=words.signed(lower), upper=words.signed(upper))

    def _scaled(self, value: float) -> float:
        return value * 100 if self.stored.kind == "rate" else value


def of(stored: Comparison | None) -> Change | None:
    """A change, where there is one."""
    return Change(stored) if stored else None
