"""The recipe of a set of weights: everything that is decided before anyone sees an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from surveys.problems import N_, Problem, Refused

METHODS = ("classes", "propensity")
MARGINS = (
    *("sex*age", "sex", "age", "housing", "community"),
    *("community*sex", "community*age", "community*housing"),
)
LEAST_TRIM = 1.5  # times the mean weight


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How weights are made; a wave's ``weighting`` says what is not as here.

    Parameters
    ----------
    adults_cap : int
        A household of six does not weigh six times a household of one.
    nonresponse : {"classes", "propensity"}
        Classes of stratum, or quantile classes of a logistic model's response propensity.
    least_in_class : int
        Respondents below which a class joins the most similar one.
    propensity_classes : int
    margins : sequence of str
        Of :data:`MARGINS`, in the order of raking; those that the record has no figures for are
        passed over, and that is said.
    least_in_cell : int
        Respondents below which a category joins its neighbour.
    trim : float
        The largest weight, as a multiple of the mean one; 0 for none.
    """

    adults_cap: int = 4
    nonresponse: str = "classes"
    least_in_class: int = 5
    propensity_classes: int = 5
    margins: tuple[str, ...] = ("sex*age", "community")
    least_in_cell: int = 5
    trim: float = 5.0

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Recipe:
        """The recipe of a wave's settings.

        Raises
        ------
        Refused
            With every setting that is unknown or impossible.

        Examples
        --------
        >>> Recipe.of({"adults_cap": 3}).adults_cap
        3
        >>> Recipe.of({"trim": "none"})
        Traceback (most recent call last):
        surveys.problems.Refused: The weighting cannot have “none” as its trim.
        """
        if problems := [p for name, value in settings.items() for p in _faults(name, value)]:
            raise Refused(*problems)
        chosen = dict(settings)
        if "margins" in chosen:
            chosen["margins"] = tuple(chosen["margins"])
        return cls(**chosen)

    def as_settings(self) -> dict[str, Any]:
        """The whole recipe as JSON keeps it."""
        return asdict(self) | {"margins": list(self.margins)}


def _faults(name: str, value: object) -> list[Problem]:
    if name not in _FITS:
        unknown = N_("The weighting has no setting %(name)s; there are: %(names)s.")
        return [Problem(unknown, {"name": name, "names": ", ".join(_FITS)})]
    if not _FITS[name](value):
        odd = N_("The weighting cannot have “%(value)s” as its %(name)s.")
        return [Problem(odd, {"name": name, "value": value})]
    return []


def _whole(least: int) -> Any:
    return lambda value: type(value) is int and value >= least


_FITS = {
    "adults_cap": _whole(1),
    "nonresponse": lambda value: value in METHODS,
    "least_in_class": _whole(2),
    "propensity_classes": _whole(2),
    "margins": lambda value: isinstance(value, list | tuple) and set(value) <= set(MARGINS),
    "least_in_cell": _whole(1),
    "trim": lambda value: isinstance(value, int | float) and (value == 0 or value >= LEAST_TRIM),
}
assert set(_FITS) == {field.name for field in fields(Recipe)}  # noqa: S101
