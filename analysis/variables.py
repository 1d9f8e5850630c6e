"""What is counted, and over whom: the numerator and the base of a statistic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.columns import text_of

#: A condition: the column holds one of the codes.
Condition = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Variable:
    """A numerator y, a denominator x and a base r, each a function of one respondent.

    Parameters
    ----------
    statistic : {"rate", "mean", "total", "ratio", "quantile"}
    column : str
        Where y is read.
    codes : tuple of str, optional
        y is 1 where the column holds one of these codes, else 0; without codes y is the number.
    denominator : str, optional
        Where x is read (ratio only); otherwise x is 1 in the base.
    missing : tuple of str
        Codes that put a respondent out of the base, as a missing value does.
    base : tuple of Condition
        All must hold for a respondent to be in the base.
    """

    statistic: str
    column: str
    codes: tuple[str, ...] | None = None
    denominator: str | None = None
    missing: tuple[str, ...] = ()
    base: tuple[Condition, ...] = ()

    @property
    def name(self) -> str:
        """The name in results: ``sch.wide``, ``api.stu/enroll``."""
        return self.column if self.denominator is None else f"{self.column}/{self.denominator}"

    @property
    def binary(self) -> bool:
        """Whether y is 0 or 1, so that y² = y (of a quantile: whether the value is below it)."""
        return self.statistic in ("rate", "quantile")


def conditions(
    where: Mapping[str, Sequence[object]] | None, base: str | None
) -> tuple[Condition, ...]:
    """Collect what a respondent must fulfil to be in the base."""
    found = [(column, tuple(map(text_of, codes))) for column, codes in (where or {}).items()]
    if base is not None:
        found.append((base, ("1", "True")))
    return tuple(found)
