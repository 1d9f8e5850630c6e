"""Whom an estimate is about: domains, base and degrees of freedom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

Names = str | Sequence[str] | None


class Options(TypedDict, total=False):
    """Whom an estimate is about.

    Parameters
    ----------
    by : str or sequence of str
        One or several columns whose crossings are the domains.
    base : str
        A 0/1 column: 1 where the respondent is in the base. Missing answers never are.
    where : mapping of column to codes
        Only respondents who hold one of these codes are in the base.
    missing : sequence
        Answers that leave the base, such as refusals.
    df : "auto", "design" or a number
        Degrees of freedom: PSUs less strata among the base of each domain (the default); those of
        the whole design; or as given.
    """

    by: Names
    base: str | None
    where: Mapping[str, Sequence[object]] | None
    missing: Sequence[object]
    df: float | str


def names(given: Names) -> tuple[str, ...]:
    """Return one name, several or none as a tuple."""
    return (given,) if isinstance(given, str) else tuple(given or ())
