"""The three steps of a wave, and what each means to whoever takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _


@dataclass(frozen=True)
class Step:
    """One step, with its words as functions: they are said in the language of the moment."""

    name: str
    before: str  # the state it starts from
    act: Callable[[], str]
    means: Callable[[], str]
    done: Callable[[], str]


STEPS = {
    step.name: step
    for step in (
        Step(
            "open",
            "draft",
            lambda: _("Open the wave"),
            lambda: _(
                "From now on residents can answer. You will see how many have answered, and no "
                "rates until the wave is locked. A wave that is open does not become a draft again."
            ),
            lambda: _("The wave is open."),
        ),
        Step(
            "close",
            "open",
            lambda: _("Close the wave"),
            lambda: _(
                "Nobody can answer any more. What still arrives is kept aside and not counted. "
                "A closed wave is not opened again."
            ),
            lambda: _("The wave is closed."),
        ),
        Step(
            "lock",
            "closed",
            lambda: _("Lock the wave"),
            lambda: _(
                "The answers are written into one file that never changes, weighted, and every "
                "rate is estimated. After that nobody can change them, administrators included."
            ),
            lambda: _("The wave is locked; its rates can be read."),
        ),
    )
}


def next_of(state: str) -> Step | None:
    """The step that a wave of this state can take."""
    return next((step for step in STEPS.values() if step.before == state), None)
