"""What is wrong with what someone typed or sent: a text, its particulars, and where.

The record speaks English templates; the doors translate them, so that everyone reads a refusal in
their own language.

>>> problem = Problem(N_("There is no wave %(code)s."), {"code": "2026-13"})
>>> str(problem)
'There is no wave 2026-13.'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


def N_(text: str) -> str:  # noqa: N802
    """Mark a text for the translation catalogues; it is translated where it is shown."""
    return text


@runtime_checkable
class Sayable(Protocol):
    """What is said in the reader's language: a problem, or a phrase of the arithmetic."""

    def said(self, translate: Callable[[str], str], language: str = "") -> str: ...


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Parameters
    ----------
    text : str
        English template with ``%(name)s`` places, marked by :func:`N_` where it is written.
    params : mapping of str to object
        What goes into the places.
    where : str
        The place in the reader's own material: a sheet and row, a line, a field.
    own_words : mapping of str to str
        The same by language, where a questionnaire words the problem itself (a constraint's
        message); empty otherwise.
    """

    text: str
    params: Mapping[str, object] = field(default_factory=dict)
    where: str = ""
    own_words: Mapping[str, str] = field(default_factory=dict)

    def said(self, translate: Callable[[str], str], language: str = "") -> str:
        """The problem in the words of a catalogue, or in its own.

        A place may hold a problem or a phrase in turn ("Line 3: …"); it is said the same way.
        """
        own = self.own_words if language else {}
        text = own.get(language) or next(iter(own.values()), "")
        if not text:
            params = {
                name: value.said(translate, language) if isinstance(value, Sayable) else value
                for name, value in self.params.items()
            }
            text = translate(self.text) % params if params else translate(self.text)
        return self.where + translate(N_(": ")) + text if self.where else text

    def __str__(self) -> str:
        return self.said(str)


class Refused(Exception):  # noqa: N818
    """Someone asked for what cannot be done; ``problems`` says why, each in its own line."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
