"""Stored figures as people read them: per cent, intervals, what they amount to."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from flask_babel import gettext as _

from analysis.sample_size import Fieldwork, next_wave
from surveys.results import figures
from surveys.results.figures import GroupFigure
from surveys.results.periods import Period
from webapp.charts import Mark
from webapp.staff import words


@dataclass(frozen=True)
class Figure:
    """One stored figure; shares become per cent, points of an index stay points."""

    stored: figures.Figure
    apart: str = ""  # where the figure of a group or a period is, among those of its wave

    def path(self, wave: str) -> str:
        """Where the command that recomputes it has it."""
        of = self.stored
        if self.apart:
            return self.apart.replace("*", wave)
        return f"rates/{of.stream}/{wave}/{of.area}/{of.indicator}"

    @property
    def is_rate(self) -> bool:
        return self.stored.kind == "rate"

    @property
    def estimate(self) -> float | None:
        return self._scaled(self.stored.estimate)

    @property
    def unweighted(self) -> float | None:
        return self._scaled(self.stored.unweighted)

    @property
    def with_excluded(self) -> float | None:
        """The estimate, had staff left nothing out; None where they did not."""
        return self._scaled(self.stored.with_excluded)

    @property
    def difference(self) -> float | None:
        """Of the open link: how far it is from the sample, in points."""
        return self._scaled(self.stored.difference)

    @property
    def difference_interval(self) -> str:
        """The interval of that difference, from end to end."""
        ends = self.stored.difference_lower, self.stored.difference_upper
        lower, upper = (self._scaled(end) for end in ends)
        if lower is None or upper is None:
            return ""
        return _("%(lower)s to %(upper)s", lower=words.signed(lower), upper=words.signed(upper))

    @property
    def lower(self) -> float | None:
        return self._scaled(self.stored.lower)

    @property
    def upper(self) -> float | None:
        return self._scaled(self.stored.upper)

    @property
    def target(self) -> float | None:
        return self._scaled(self.stored.target)

    @property
    def half_width(self) -> float | None:
        """Half the width of the interval: the ± beside the figure."""
        if self.lower is None or self.upper is None:
            return None
        return (self.upper - self.lower) / 2

    @property
    def interval(self) -> str:
        """The interval, from end to end."""
        if self.lower is None or self.upper is None:
            return "–"
        return f"{self.lower:.1f}–{self.upper:.1f}{'%' if self.is_rate else ''}"

    @property
    def reaches_target(self) -> bool | None:
        """The bare comparison that superiors ask for: no verdict, and labelled as none."""
        if self.stored.estimate is None or self.stored.target is None:
            return None
        return self.stored.estimate >= self.stored.target

    @cached_property
    def next_wave(self) -> str:
        """How many interviews the next wave of an undecided community would take."""
        stored = self.stored
        if stored.verdict != "undecided" or stored.estimate is None or stored.target is None:
            return ""
        if stored.reason:  # more interviews would not mend it
            return ""
        adults = round(stored.n_weighted) if stored.n_weighted else None
        circumstances = Fieldwork(population=adults, deff=stored.deff or 1.0)
        size = next_wave(stored.estimate, stored.target, circumstances)
        return _("cannot be decided") if size is None else f"{size.interviews:,}"

    def mark(self, label: str, is_subject: bool = True) -> Mark:
        """The figure on a chart."""
        return Mark(
            label=label,
            estimate=self.estimate,
            lower=self.lower,
            upper=self.upper,
            verdict=self.stored.verdict,
            note=self._note(),
            is_subject=is_subject,
        )

    def _note(self) -> str:
        if self.estimate is None:
            return _("Nobody is in the base.")
        unit = "%" if self.is_rate else ""
        lines = [
            f"{self.estimate:.1f}{unit}　{self.interval}",
            _(
                "n=%(n)s, effective %(effective)s",
                n=f"{self.stored.n:,}",
                effective=self.n_effective,
            ),
        ]
        if self.stored.verdict:
            lines.append(words.verdict(self.stored.verdict))
        return "<br>".join(lines)

    @property
    def n_effective(self) -> str:
        """The effective n, rounded down: nobody is given a respondent as a present."""
        value = self.stored.n_effective
        return "–" if value is None else f"{int(value):,}"

    @classmethod
    def of(cls, one: figures.Figure | Period) -> Figure:
        """A figure of a wave, or a pooled one."""
        return cls.of_period(one) if isinstance(one, Period) else cls(one)

    @classmethod
    def of_group(cls, group: GroupFigure) -> Figure:
        """The rate of some residents, as any other figure."""
        path = f"groups/*/{group.area}/{group.indicator}/{group.variable}/{group.category}"
        return cls(_as_figure(group, kind="rate"), path)

    @classmethod
    def of_period(cls, period: Period) -> Figure:
        """The pooled figure of a quarter or year, as any other figure."""
        path = f"trend/{period.span}/{period.area}/{period.indicator}/{period.period}"
        return cls(_as_figure(period), path)

    def _scaled(self, value: float | None) -> float | None:
        return value * 100 if value is not None and self.is_rate else value


_EMPTY: dict[str, Any] = {"stream": "sample", "definition_version": "", "missing": 0, "modes": {}}
_NAMES = {field.name for field in fields(figures.Figure)}


def _as_figure(other: GroupFigure | Period, **more: Any) -> figures.Figure:
    known = {name: value for name, value in vars(other).items() if name in _NAMES}
    return figures.Figure(**_EMPTY | known | more)
