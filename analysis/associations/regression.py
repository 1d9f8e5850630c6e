"""Linear and logistic regression with the design's covariance.

The slopes solve Σ w x (y − μ) = 0; their covariance is A⁻¹·V(Σ w x (y − μ))·A⁻¹, with A the
weighted information (Binder 1983 [1]_). R's ``svyglm`` has the same figures; its degrees of
freedom are those of the design less the slopes but for one.

References
----------
.. [1] Binder 1983, On the variances of asymptotically normal estimators from complex surveys,
       International Statistical Review 51, 279–292.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import expit, stdtr, stdtrit

from analysis.associations.rows import Rows
from analysis.columns import text_of
from analysis.design import SurveyDesign
from analysis.presentation import Presented
from analysis.problems import DesignError
from analysis.verdicts import LEVEL

Floats = NDArray[np.float64]
Base = NDArray[np.bool_]

LINEAR, LOGISTIC = "linear", "logistic"
STEPS = 50


@dataclass(frozen=True)
class Regression(Presented):
    """A fitted formula.

    Parameters
    ----------
    formula : str
    model : {"linear", "logistic"}
    terms : tuple of str
        ``(Intercept)``, numbers by their column, codes as ``column=code`` against the first code.
    estimate : array, shape (terms,)
        Slopes; of a logistic model on the log-odds.
    covariance : array, shape (terms, terms)
    df : float
    n : int
        Respondents with every answer.
    """

    formula: str
    model: str
    terms: tuple[str, ...]
    estimate: Floats
    covariance: Floats
    df: float
    n: int

    @property
    def se(self) -> Floats:
        """Standard errors of the slopes."""
        return np.sqrt(np.diag(self.covariance))

    def interval(self, level: float = LEVEL) -> tuple[Floats, Floats]:
        """Return the bounds of the slopes."""
        half = stdtrit(self.df, (1 + level) / 2) * self.se
        return self.estimate - half, self.estimate + half

    @property
    def p(self) -> Floats:
        """Two-sided p-values of the slopes."""
        return np.asarray(2 * stdtr(self.df, -np.abs(self.estimate / self.se)))

    def to_arrow(self, level: float = LEVEL) -> Any:
        """Return a ``pyarrow.Table``; a logistic model's has the odds ratios too."""
        lower, upper = self.interval(level)
        size = len(self.terms)
        columns: dict[str, Any] = {
            "model": [self.model] * size, "term": list(self.terms), "estimate": self.estimate,
            "se": self.se, "lower": lower, "upper": upper, "t": self.estimate / self.se,
            "df": [self.df] * size, "p": self.p, "n": [self.n] * size,
        }  # fmt: skip
        if self.model == LOGISTIC:
            columns["odds_ratio"] = np.exp(self.estimate)
        return pa.table(columns)


def regress(
    design: SurveyDesign,
    formula: str,
    *,
    where: Mapping[str, Sequence[object]] | None = None,
) -> Regression:
    """Fit a formula.

    Parameters
    ----------
    design : SurveyDesign
    formula : str
        ``y ~ a + b``: a column of numbers, or ``y=CODE,CODE ~ a + b``: whether an answer counts.
        A 0/1 outcome is fitted by logistic regression, any other number by linear regression.
        Columns of numbers on the right enter as they are, columns of codes as one term for each
        code but the first; ``C(a)`` makes codes of numbers. ``a * b`` stands for a + b + a:b, and
        ``a:b`` for the products of their terms.
    where : mapping of column to codes, optional
        Only these respondents.

    Raises
    ------
    DesignError
        The formula cannot be read, or its columns do not tell the slopes apart.

    Examples
    --------
    >>> sample = SurveyDesign({"y": [1, 2, 3, 5, 4, 7], "x": [0, 1, 2, 3, 4, 5]})
    >>> found = regress(sample, "y ~ x")
    >>> found.terms, found.estimate.round(3)
    (('(Intercept)', 'x'), array([0.952, 1.086]))
    """
    rows = Rows(design)
    outcome, names = _read(formula)
    y, model = _outcome(rows, outcome)
    predictors = {name: _Predictor.of(rows, name) for name in names if ":" not in name}
    base = ~np.isnan(y) & rows.chosen(where)
    for one in predictors.values():
        base &= one.known
    terms = {"(Intercept)": np.ones(len(base))}
    for name in names:
        terms |= _terms(predictors, name, base)
    _checked(formula, y[base], {name: column[base] for name, column in terms.items()})
    x = np.where(base[:, None], np.column_stack(list(terms.values())), 0)
    fit = logistic if model == LOGISTIC else least_squares
    slopes, covariance = fit(rows, x, np.where(base, y, 0), base)
    return Regression(
        formula, model, tuple(terms), slopes, covariance,
        rows.df(base) + 1 - len(terms), int(base.sum()),
    )  # fmt: skip


def _checked(formula: str, y: Floats, terms: Mapping[str, Floats]) -> None:
    """Refuse what no model can be fitted to."""
    if len(y) <= len(terms):
        raise DesignError("%(formula)s: too few respondents answered all of it.", formula=formula)
    if (y == y[0]).all():
        raise DesignError("%(formula)s: the outcome is the same for everyone.", formula=formula)
    for name, column in list(terms.items())[1:]:
        if (column == column[0]).all():
            raise DesignError("%(term)s is the same for everyone.", term=name)


def least_squares(rows: Rows, x: Floats, y: Floats, base: Base) -> tuple[Floats, Floats]:
    """Return the slopes of y on x among the base, and their covariance."""
    weight = rows.weight * base
    inverse = _inverse((x * weight[:, None]).T @ x)
    slopes = inverse @ (x.T @ (weight * y))
    scores = x * (base * (y - x @ slopes))[:, None]
    return slopes, rows.covariance(scores @ inverse)


def logistic(rows: Rows, x: Floats, y: Floats, base: Base) -> tuple[Floats, Floats]:
    """Return the slopes of the log-odds of y on x among the base, and their covariance.

    Newton's method, to the last digits.
    """
    weight = rows.weight * base
    _inverse((x * weight[:, None]).T @ x)  # terms that follow from others are refused as such
    slopes = np.zeros(x.shape[1])
    for _ in range(STEPS):
        share = expit(x @ slopes)
        information = (x * (weight * share * (1 - share))[:, None]).T @ x
        try:
            step = _inverse(information) @ (x.T @ (weight * (y - share)))
        except DesignError:
            break
        slopes = slopes + step
        if np.abs(slopes).max() > 1e6 or not np.isfinite(slopes).all():
            break
        if np.abs(step).max() <= 1e-12 * max(1, np.abs(slopes).max()):
            share = expit(x @ slopes)
            information = (x * (weight * share * (1 - share))[:, None]).T @ x
            scores = x * (base * (y - share))[:, None]
            return slopes, rows.covariance(scores @ _inverse(information))
    raise DesignError("The model does not converge: some answers tell the outcome for certain.")


def _inverse(squares: Floats) -> Floats:
    scale = np.sqrt(np.maximum(np.diag(squares), 1e-300))
    scaled = squares / np.outer(scale, scale)
    if np.linalg.cond(scaled) > 1e12:
        raise DesignError(
            "The terms of the model do not differ enough: one follows from the others."
        )
    return np.asarray(np.linalg.inv(scaled) / np.outer(scale, scale))


def _read(formula: str) -> tuple[str, list[str]]:
    """Return the outcome and the terms, products after what they are made of."""
    outcome, sign, right = formula.partition("~")
    given = [name.strip() for name in right.split("+")]
    if not sign or not outcome.strip() or not all(given) or "~" in right:
        raise DesignError("%(formula)r is not of the form y ~ a + b.", formula=formula)
    names: list[str] = []
    for name in given:
        parts = [part.strip() for part in re.split(r"[*:]", name)]
        if re.search(r"[|^]", name) or not all(parts) or len(parts) > 2:
            raise DesignError(
                "%(formula)s: %(term)s cannot be read; terms are columns joined by +, or two of "
                "them by * or :.",
                formula=formula, term=name,
            )  # fmt: skip
        names += parts if "*" in name or len(parts) == 1 else []
        names += [":".join(parts)] if len(parts) == 2 else []
    once = [name for name in dict.fromkeys(names) if name != "1"]
    for name in once:
        if lacking := [part for part in name.split(":") if part not in once]:
            raise DesignError(
                "%(formula)s: %(term)s needs %(part)s as a term of its own.",
                formula=formula, term=name, part=lacking[0],
            )  # fmt: skip
    return outcome.strip(), sorted(once, key=lambda name: name.count(":"))


def _outcome(rows: Rows, outcome: str) -> tuple[Floats, str]:
    name, sign, codes = outcome.rpartition("=")
    if sign:
        place, names = rows.codes(name.strip())
        counted = {text_of(code.strip()) for code in codes.split(",")}
        if unknown := counted - set(names):
            raise DesignError(
                "%(column)s has no code %(code)s; there are %(codes)s.",
                column=name.strip(), code=min(unknown), codes=", ".join(names),
            )  # fmt: skip
        inside = np.array([name in counted for name in names], bool)
        return np.where(place < 0, np.nan, inside[place]), LOGISTIC
    try:
        y = rows.numbers(outcome)
    except DesignError:
        _, names = rows.codes(outcome)  # a column that is not there is refused here
        raise DesignError(
            "%(column)s holds codes; say which of them count: %(column)s=%(code)s ~ …",
            column=outcome, code=names[0],
        ) from None  # fmt: skip
    known = y[~np.isnan(y)]
    return y, LOGISTIC if np.isin(known, (0, 1)).all() else LINEAR


@dataclass(frozen=True)
class _Predictor:
    """A column on the right: numbers, or codes by their place among the names."""

    column: str
    values: Floats
    names: Sequence[str] | None

    @classmethod
    def of(cls, rows: Rows, name: str) -> _Predictor:
        forced = re.fullmatch(r"C\((.+)\)", name)
        column = forced[1].strip() if forced else name
        if not forced:
            try:
                return cls(column, rows.numbers(column), None)
            except DesignError:
                pass
        place, names = rows.codes(column)  # a column that is not there is refused here
        return cls(column, np.where(place < 0, np.nan, place), names)

    @property
    def known(self) -> Base:
        return ~np.isnan(self.values)

    def terms(self, base: Base) -> dict[str, Floats]:
        """Return the numbers themselves, or one column for each code that occurs but the first."""
        if self.names is None:
            return {self.column: self.values}
        held = np.unique(self.values[base]).astype(int)
        if len(held) == 1:
            raise DesignError("%(term)s is the same for everyone.", term=self.column)
        return {
            f"{self.column}={self.names[at]}": (self.values == at).astype(float) for at in held[1:]
        }


def _terms(predictors: Mapping[str, _Predictor], name: str, base: Base) -> dict[str, Floats]:
    """Return the terms of a predictor, or the products of two predictors' terms that occur."""
    first, *second = (predictors[part].terms(base) for part in name.split(":"))
    if not second:
        return first
    products = {
        f"{one}:{other}": left * right
        for other, right in second[0].items()
        for one, left in first.items()
    }
    return {term: column for term, column in products.items() if column[base].any()}
