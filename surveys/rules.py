"""The rules of a wave: what is decided before its first answer.

A floor or a recipe chosen afterwards could be chosen to please. So rules are set while a wave is a
draft (:func:`surveys.waves.settle`); once it is opened the record takes no others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from surveys.problems import N_, Problem, Refused
from surveys.weighting.recipes import Recipe

SELECTIONS = ("next_birthday", "kish")
LONGEST_EMBARGO = 366  # days


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What of a wave is fixed when it opens; each field is a column of the wave.

    Parameters
    ----------
    targets : mapping of str to float, optional
        Indicator → share to be reached; one that is left out is estimated and not judged. None, as
        a wave is made, for those that its questionnaire says.
    selection : {"next_birthday", "kish"}
        Which adult of a household is asked: the next to have a birthday, or one by Kish's table
        after the adults were counted.
    response_floor : float or None
        RR2 of a community, as a share, below which its rates are never *met*; None for none.
    fieldwork_from, fieldwork_until : date or None
        First and last day; None for the days on which the wave is opened and closed.
    embargo_days : int
        Days before fieldwork in which no campaign should be held.
    weighting : mapping
        Settings of :class:`surveys.weighting.recipes.Recipe` that differ from its own; the wave
        keeps them all, so that a later release with another usual recipe changes nothing.

    Examples
    --------
    >>> Rules(response_floor=50.0).check()
    Traceback (most recent call last):
    surveys.problems.Refused: The response-rate floor must be a share between 0 and 1.
    """

    targets: Mapping[str, float] | None = None
    selection: str = SELECTIONS[0]
    response_floor: float | None = None
    fieldwork_from: dt.date | None = None
    fieldwork_until: dt.date | None = None
    embargo_days: int = 14
    weighting: Mapping[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Refused with everything that is wrong."""
        if problems := list(self.faults()):
            raise Refused(*problems)

    def faults(self) -> Iterator[Problem]:
        """Everything that is wrong."""
        for indicator, target in (self.targets or {}).items():
            if not 0 < target <= 1:
                share = N_("The target of %(indicator)s must be a share between 0 and 1.")
                yield Problem(share, {"indicator": indicator})
        if self.selection not in SELECTIONS:
            odd = N_("“%(rule)s” is no rule of selection; there are: %(rules)s.")
            yield Problem(odd, {"rule": self.selection, "rules": ", ".join(SELECTIONS)})
        if self.response_floor is not None and not 0 < self.response_floor < 1:
            yield Problem(N_("The response-rate floor must be a share between 0 and 1."))
        first, last = self.fieldwork_from, self.fieldwork_until
        if first and last and last < first:
            backwards = N_("Fieldwork ends on %(last)s, before it begins on %(first)s.")
            yield Problem(backwards, {"first": first, "last": last})
        if not 0 <= self.embargo_days <= LONGEST_EMBARGO:
            params = {"most": LONGEST_EMBARGO}
            yield Problem(N_("The embargo is between 0 and %(most)d days."), params)
        try:
            Recipe.of(self.weighting)
        except Refused as refused:
            yield from refused.problems

    def columns(self) -> dict[str, Any]:
        """The wave's columns, as the record keeps them."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        recipe = Recipe.of(self.weighting).as_settings()
        return said | {"targets": dict(self.targets or {}), "weighting": recipe}

    def in_words(self) -> dict[str, Any]:
        """For the audit trail: days as text."""
        return {
            name: value.isoformat() if isinstance(value, dt.date) else value
            for name, value in self.columns().items()
        }


NAMES = tuple(one.name for one in fields(Rules))
