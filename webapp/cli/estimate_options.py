"""What the options of ``minyi estimate`` look like, and how they are read."""

from __future__ import annotations

import csv
import fnmatch
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from analysis import DesignError
from analysis.calibration import Margins
from analysis.replicates import GIVEN_KINDS, KINDS

Picked = tuple[str, list[str] | None]


class Pick(click.ParamType[Picked]):
    """``VAR`` or ``VAR=CODE,CODE``."""

    name = "VAR[=CODE,...]"

    def __init__(self, *, codes_needed: bool = False) -> None:
        self.codes_needed = codes_needed

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Picked:
        """Split the name from the codes; the name may itself hold ``=`` only before a last one."""
        name, sign, codes = str(value).rpartition("=")
        if not sign:
            name, codes = str(value), ""
        if (sign or self.codes_needed) and not (name and codes):
            self.fail(f"{value!r} is not of the form VAR=CODE,CODE.", param, ctx)
        return name, codes.split(",") if sign else None


class Ratio(click.ParamType[tuple[str, str]]):
    """``NUM/DEN``."""

    name = "NUM/DEN"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split numerator and denominator."""
        numerator, _, denominator = str(value).partition("/")
        if not (numerator and denominator):
            self.fail(f"{value!r} is not of the form NUM/DEN.", param, ctx)
        return numerator, denominator


class Df(click.ParamType[float | str]):
    """``auto`` or a number."""

    name = "auto|N"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | str:
        """Read the degrees of freedom."""
        if value == "auto":
            return "auto"
        try:
            df = float(value)
        except ValueError:
            df = -1
        if not df > 0:
            self.fail(f"{value!r} is neither auto nor a number above 0.", param, ctx)
        return df


class Numbers(click.ParamType[tuple[float, float]]):
    """``LO,HI``."""

    name = "LO,HI"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        """Read two numbers in order."""
        try:
            lower, upper = map(float, str(value).split(","))
        except ValueError:
            lower, upper = 1.0, 0.0
        if not lower < upper:
            self.fail(f"{value!r} is not of the form LO,HI with LO below HI.", param, ctx)
        return lower, upper


class Replicates(click.ParamType[tuple[str, float | None]]):
    """``jk1``, ``jkn``, ``brr``, ``fay:R`` or ``bootstrap:N``."""

    name = "jk1|jkn|brr|fay:R|bootstrap:N"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float | None]:
        """Split the kind from its number."""
        kind, sign, number = str(value).lower().partition(":")
        try:
            read = float(number) if sign else None
        except ValueError:
            kind = ""
        if kind not in KINDS or (read is None) != (kind not in ("fay", "bootstrap")):
            self.fail(f"{value!r} is not one of {self.name}.", param, ctx)
        return kind, read


class Given(click.ParamType[tuple[str, float | None]]):
    """``jk1``, ``jkn``, ``brr``, ``fay:R``, ``bootstrap`` or ``other``."""

    name = "jk1|jkn|brr|fay:R|bootstrap|other"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float | None]:
        """Split the kind from Fay's rho."""
        kind, sign, number = str(value).lower().partition(":")
        try:
            rho = float(number) if sign else None
        except ValueError:
            kind = ""
        if kind not in GIVEN_KINDS or (rho is None) != (kind != "fay"):
            self.fail(f"{value!r} is not one of {self.name}.", param, ctx)
        return kind, rho


class Scales(click.ParamType[list[float]]):
    """``A,B,…``."""

    name = "A,B,..."

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[float]:
        """Read the numbers."""
        try:
            return [float(number) for number in str(value).split(",")]
        except ValueError:
            self.fail(f"{value!r} is not of the form A,B,…", param, ctx)


class Quantile(click.ParamType[tuple[str, list[float]]]):
    """``VAR`` or ``VAR=P,P``."""

    name = "VAR[=P,...]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, list[float]]:
        """Split the name from the probabilities; by default the quartiles."""
        name, codes = Pick().convert(value, param, ctx)
        try:
            return name, [float(code) for code in codes or ("0.25", "0.5", "0.75")]
        except ValueError:
            self.fail(f"{value!r} is not of the form VAR=P,P.", param, ctx)


def matching(patterns: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the columns that fit patterns such as ``rep*``, in the order of the file.

    >>> matching(["rep*"], ["y", "rep1", "rep2"])
    ['rep1', 'rep2']
    """
    for pattern in patterns:
        if not fnmatch.filter(names, pattern):
            raise DesignError("No column fits %(pattern)s.", pattern=pattern)
    return [name for name in names if any(fnmatch.fnmatchcase(name, each) for each in patterns)]


def read_margins(path: Path) -> Margins:
    """Read margins from a CSV file with the columns variable, category, total.

    ``sex*age`` with categories ``f*18-24`` is a crossed margin; a variable without a category is
    a number with its total; no variable and no category is the size of the population.
    """
    margins: dict[str | tuple[str, ...], Any] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        missing = {"variable", "category", "total"} - set(rows.fieldnames or ())
        if missing:
            raise DesignError(
                "%(file)s: column %(column)s is missing.", file=path.name, column=min(missing)
            )
        for number, row in enumerate(rows, start=2):
            try:
                total = _total(row["total"])
            except (TypeError, ValueError):
                raise DesignError(
                    "%(file)s, line %(line)d: the total %(total)r is no number.",
                    file=path.name, line=number, total=row["total"],
                ) from None  # fmt: skip
            variable, category = (row[name] or "" for name in ("variable", "category"))
            if not category:
                margins[variable] = total
                continue
            crossed = "*" in variable
            key = tuple(variable.split("*")) if crossed else variable
            margin = margins.setdefault(key, {})
            code = tuple(category.split("*")) if crossed else category
            if not isinstance(margin, dict) or code in margin:
                raise DesignError(
                    "%(file)s, line %(line)d: %(variable)s %(category)s stands there twice.",
                    file=path.name, line=number, variable=variable, category=category,
                )  # fmt: skip
            margin[code] = total
    return margins


def _total(text: str) -> int | float:
    """Read a total; a whole number keeps every digit."""
    try:
        return int(text)
    except ValueError:
        return float(text)
