"""Estimates of a design: frozen, asked for intervals and verdicts when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analysis import families, intervals
from analysis.presentation import Presented, finite
from analysis.problems import DesignError
from analysis.variance import OfDomains, Variance
from analysis.verdicts import LEVEL, TOO_FEW, UNDECIDED, verdicts

Floats = NDArray[np.float64]


class Figures:
    """What one figure and many have in common: intervals and verdicts, elementwise."""

    statistic: str
    estimate: Any
    se: Any
    df: Any
    n: Any
    n_kish: Any
    n_effective: Any
    start: Callable[[], Any] | None

    @property
    def cv(self) -> Any:
        """Coefficient of variation, standard error over estimate."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.divide(self.se, np.abs(self.estimate))

    def _bounds(self, method: str, level: float) -> tuple[Floats, Floats]:
        if method not in intervals.METHODS:
            raise DesignError(
                "There is no interval %(method)s; there are %(methods)s.",
                method=method, methods=", ".join(intervals.METHODS),
            )  # fmt: skip
        if not 0 < level < 1:
            raise DesignError("The level must lie between 0 and 1, not at %(level)s.", level=level)
        rates = self._rates()
        if method == "likelihood" and self.start is not None:
            rates = replace(rates, start=np.asarray(self.start(), float))
        return intervals.interval(rates, method if self.statistic == "rate" else "normal", level)

    def _rates(self) -> intervals.Rates:
        numbers = (self.estimate, self.se, self.df, self.n, self.n_kish)
        return intervals.Rates(*(np.asarray(number, float) for number in numbers))

    def _judged(self, target: float) -> list[str]:
        lower, upper = (np.atleast_1d(bound) for bound in self._bounds("korn-graubard", LEVEL))
        return verdicts(lower, upper, np.asarray(self.n_effective), np.asarray(self.df), target)


@dataclass(frozen=True)
class Estimates(Figures, Presented):
    """One statistic of some variables in some domains.

    All arrays run over the variables and, within each, over the domains.

    Parameters
    ----------
    statistic : {"rate", "mean", "total", "ratio"}
    variables : tuple of str
    domains : tuple of mapping
        Each ``{column: code}``; the whole population is ``{}``.
    estimate, se, df : array, shape (variables · domains,)
        The estimate in its own units, its standard error, and the degrees of freedom: PSUs less
        strata that hold someone of the domain's base, unless set.
    n : array
        Respondents in the base.
    n_weighted : array
        Sum of their weights.
    n_kish : array
        n/(1+CV²(w)).
    n_effective : array
        The simple sample of equal precision, at most n; Kish's where the variance is 0.
    deff, deff_replace : array
        Variance over that of a simple sample without and with replacement.
    variance : Variance
        The sampling errors behind ``se``, for contrasts.
    places : array
        Where each estimate stands among the variance's statistics.
    start : callable, optional
        Returns what :func:`analysis.likelihood.first_odds` says of each, where it is asked for.
    """

    statistic: str
    variables: tuple[str, ...]
    domains: tuple[Mapping[str, str], ...]
    estimate: Floats
    se: Floats
    df: Floats
    n: Floats
    n_weighted: Floats
    n_kish: Floats
    n_effective: Floats
    deff: Floats
    deff_replace: Floats
    variance: Variance = field(repr=False, compare=False)
    places: NDArray[np.intp] = field(repr=False, compare=False)
    start: Callable[[], Floats] | None = field(default=None, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.estimate)

    def __iter__(self) -> Iterator[Estimate]:
        return iter(self.estimates)

    def __getitem__(self, place: int) -> Estimate:
        return self.estimates[place]

    @cached_property
    def estimates(self) -> list[Estimate]:
        """The same, one object for each figure."""
        labels = ((variable, by) for variable in self.variables for by in self.domains)
        columns = [self.estimate, self.se, self.df, self.n.astype(int), self.n_weighted]
        columns += [self.n_kish, self.n_effective, self.deff, self.deff_replace]
        # Not bound to self: a cycle would keep the variance, which is large, until it is collected.
        start = self.start
        starts = [partial(_started, start, at) if start else None for at in range(len(self))]
        return [
            Estimate(self.statistic, variable, by, *numbers)
            for (variable, by), numbers in zip(
                labels,
                zip(*(column.tolist() for column in columns), starts, strict=True),
                strict=True,
            )
        ]

    def interval(self, method: str = "logit", level: float = LEVEL) -> tuple[Floats, Floats]:
        """Return the bounds of all intervals.

        Parameters
        ----------
        method : str
            One of :data:`analysis.intervals.METHODS`, for rates; other statistics have the t
            interval whatever is asked.
        level : float
        """
        return self._bounds(method, level)

    def verdicts(self, target: float, family: str | None = None) -> list[str]:
        """Judge every estimate against a target; see :mod:`analysis.verdicts`.

        Parameters
        ----------
        target : float
        family : {"holm", "bh"}, optional
            Adjusts for how many are judged at once; a verdict that does not stand is *undecided*.
        """
        said = self._judged(target)
        if family is None:
            return said
        stands = self.p_values(target, family) <= 1 - LEVEL
        return [
            verdict if kept or verdict == TOO_FEW else UNDECIDED
            for verdict, kept in zip(said, stands, strict=True)
        ]

    def p_values(self, target: float, family: str | None = None) -> Floats:
        """Return p-values of the rates against a target, adjusted for a family on request.

        NaN, in a family, for those too few to be judged.
        """
        if self.statistic != "rate":
            raise DesignError("Only rates are tested against a target.")
        p = families.p_values(self._rates(), target, LEVEL)
        if family is None:
            return p
        judged = np.array([verdict != TOO_FEW for verdict in self._judged(target)], bool)
        return families.adjusted(p, judged, family)

    def difference(self, first: Any, second: Any) -> Estimates:
        """Return first − second between two domains, with its exact standard error.

        Parameters
        ----------
        first, second : code, tuple of codes (one per crossed column) or mapping
            Domains of this result. There is one difference for each variable.
        """
        at, minus = self._domain(first), self._domain(second)
        starts = np.arange(len(self.variables)) * len(self.domains)
        contrasts = np.zeros((len(self), len(starts)))
        contrasts[starts + at, np.arange(len(starts))] = 1
        contrasts[starts + minus, np.arange(len(starts))] = -1
        names = (" - ".join("/".join(self.domains[d].values()) for d in (at, minus)),)
        return self._contrasts(contrasts, {"contrast": names[0]})

    def covariance(self) -> Floats:
        """Return the covariance matrix of all estimates, shape (estimates, estimates)."""
        return self.variance.of_contrasts(self._spread(np.eye(len(self))))

    def between_domains(self, variable: str) -> Floats:
        """Return the covariance of one variable's estimates, shape (domains, domains).

        Examples
        --------
        >>> from analysis import SurveyDesign
        >>> sample = SurveyDesign({"y": [1, 0, 1, 1], "area": ["a", "a", "b", "b"]})
        >>> sample.rate("y", by="area").between_domains("y").round(4)
        array([[0.1667, 0.    ],
               [0.    , 0.    ]])
        """
        k, size = self.variables.index(variable), len(self.domains)
        mine = np.arange(k * size, (k + 1) * size)
        if not isinstance(self.variance, OfDomains):
            return self.variance.of_contrasts(self._spread(np.eye(len(self))[:, mine]))
        whole = self.variance.between_domains(k)
        place = self.places[mine] - k * len(whole)
        return whole[np.ix_(place, place)]

    def records(  # type: ignore[override]
        self,
        *,
        method: str = "logit",
        level: float = LEVEL,
        target: float | None = None,
        family: str | None = None,
        deff: bool = False,
    ) -> list[dict[str, Any]]:
        """Return one plain dict for each estimate, as JSON shows it.

        Parameters
        ----------
        method, level : see :meth:`interval`
        target : float, optional
            Adds a verdict.
        family : {"holm", "bh"}, optional
            Adds the adjusted verdict and p-value beside it.
        deff : bool
            Adds the design effect with replacement and the coefficient of variation.
        """
        records = [one.record(method, level, target) for one in self.estimates]
        if deff:
            for record, one in zip(records, self.estimates, strict=True):
                record |= {"deff_replace": finite(one.deff_replace), "cv": finite(float(one.cv))}
        if family is not None and target is not None:
            said = zip(self.verdicts(target, family), self.p_values(target, family), strict=True)
            for record, (verdict, p) in zip(records, said, strict=True):
                record |= {"verdict_adjusted": verdict, "p_adjusted": finite(float(p))}
        return records

    def to_arrow(
        self,
        *,
        method: str = "logit",
        level: float = LEVEL,
        target: float | None = None,
        family: str | None = None,
        deff: bool = False,
    ) -> Any:
        """Return a ``pyarrow.Table`` with a column for each domain column; see :meth:`records`."""
        lower, upper = self.interval(method, level)
        times = len(self.variables)
        columns: dict[str, Any] = {
            "statistic": [self.statistic] * len(self),
            "variable": [name for name in self.variables for _ in self.domains],
        }
        for name in self.domains[0] if self.domains else ():
            columns[name] = [by[name] for by in self.domains] * times
        columns |= {
            "estimate": self.estimate, "se": self.se, "lower": lower, "upper": upper,
            "df": self.df, "n": self.n.astype(int), "n_effective": self.n_effective,
            "deff": self.deff,
        }  # fmt: skip
        if deff:
            columns |= {"deff_replace": self.deff_replace, "cv": self.cv}
        if target is not None:
            columns["verdict"] = self.verdicts(target)
        if family is not None and target is not None:
            columns["verdict_adjusted"] = self.verdicts(target, family)
            columns["p_adjusted"] = self.p_values(target, family)
        return pa.table(columns)

    def _domain(self, wanted: Any) -> int:
        if isinstance(wanted, Mapping):
            wanted = tuple(wanted.values())
        codes = tuple(map(str, wanted if isinstance(wanted, tuple) else (wanted,)))
        for place, by in enumerate(self.domains):
            if tuple(by.values()) == codes:
                return place
        raise DesignError("There is no domain %(domain)s.", domain="/".join(codes))

    def _spread(self, contrasts: Floats) -> Floats:
        """Lay contrasts of these estimates out over all statistics of the variance."""
        wide = np.zeros((self.variance.size, contrasts.shape[1]))
        wide[self.places] = contrasts
        return wide

    def _contrasts(self, contrasts: Floats, label: Mapping[str, str]) -> Estimates:
        used = contrasts != 0
        size = contrasts.shape[1]
        unknown = np.full(size, np.nan)

        def over(values: Floats) -> Floats:
            return np.array([values[used[:, at]].sum() for at in range(size)])

        return Estimates(
            "difference",
            self.variables,
            (label,),
            contrasts.T @ np.where(used.any(axis=1), self.estimate, 0),
            np.sqrt(np.diag(self.variance.of_contrasts(self._spread(contrasts)))),
            np.array([self.df[used[:, at]].min() for at in range(size)]),
            over(self.n),
            over(self.n_weighted),
            unknown,
            unknown,
            unknown,
            unknown,
            self.variance,
            self.places,
        )


@dataclass(frozen=True)
class Estimate(Figures):
    """One figure; its fields are those of :class:`Estimates`."""

    statistic: str
    variable: str
    by: Mapping[str, str]
    estimate: float
    se: float
    df: float
    n: int
    n_weighted: float
    n_kish: float
    n_effective: float
    deff: float
    deff_replace: float
    start: Callable[[], float] | None = field(default=None, repr=False, compare=False)

    def interval(self, method: str = "logit", level: float = LEVEL) -> tuple[float, float]:
        """Return the bounds of the interval; see :meth:`Estimates.interval`."""
        lower, upper = self._bounds(method, level)
        return float(lower), float(upper)

    def verdict(self, target: float) -> str:
        """Judge the estimate against a target: met, not_met, undecided or too_few."""
        return self._judged(target)[0]

    def record(
        self, method: str = "logit", level: float = LEVEL, target: float | None = None
    ) -> dict[str, Any]:
        """Return the figure as a plain dict for JSON; what is not known is ``None``."""
        record: dict[str, Any] = {
            "statistic": self.statistic,
            "variable": self.variable,
            "by": dict(self.by),
            "estimate": finite(self.estimate),
            "se": finite(self.se),
            "ci": [finite(bound) for bound in self.interval(method, level)],
            "df": finite(self.df),
            "n": self.n,
            "n_effective": finite(self.n_effective),
            "deff": finite(self.deff),
        }
        return record if target is None else record | {"verdict": self.verdict(target)}


def _started(start: Callable[[], Floats], at: int) -> float:
    return float(start()[at])
