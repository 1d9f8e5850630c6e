"""Two answers crossed: Pearson's chi-square, corrected for the design.

Under a complex design Pearson's X² is a sum of χ²₁ with weights δ, the eigenvalues of Δ: what the
design does to the deviations from independence. The first-order correction divides X² by their
mean, the second-order one (Satterthwaite) also takes their spread into account, and the F form the
degrees of freedom of the design [1]_ [2]_. R's ``svychisq`` has the same figures.

References
----------
.. [1] Rao & Scott 1984, On chi-squared tests for multiway contingency tables with cell proportions
       estimated from survey data, Annals of Statistics 12, 46–60.
.. [2] Thomas & Rao 1987, Small-sample comparisons of level and power for simple goodness-of-fit
       statistics under cluster sampling, Journal of the American Statistical Association 82.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import chdtrc, fdtrc

from analysis.associations.rows import Rows
from analysis.columns import text_of
from analysis.design import SurveyDesign
from analysis.presentation import Presented
from analysis.problems import DesignError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TableTest(Presented):
    """Whether two answers go together.

    Parameters
    ----------
    row, column : str
    rows, columns : tuple of str
        Their codes.
    share : array, shape (rows, columns)
        Estimated share of all in each cell.
    n : int
        Respondents with both answers.
    pearson : float
        X² of the estimated shares, as if n were a simple sample.
    eigenvalues : array
        δ, the generalised design effects, the largest first.
    df : float
        Of the design.
    """

    row: str
    column: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    share: Floats
    n: int
    pearson: float
    eigenvalues: Floats
    df: float

    @property
    def first_order(self) -> tuple[float, float, float]:
        """X²/δ̄, its degrees of freedom and p-value by χ²."""
        free = float(len(self.eigenvalues))
        statistic = self.pearson / float(self.eigenvalues.mean())
        return statistic, free, float(chdtrc(free, statistic))

    @property
    def second_order(self) -> tuple[float, float, float]:
        """X²/(δ̄(1+a²)) with its Satterthwaite degrees of freedom, and the p-value by χ²."""
        free = self._effective
        statistic = self.pearson / float(self.eigenvalues.sum()) * free
        return statistic, free, float(chdtrc(free, statistic))

    @property
    def f(self) -> tuple[float, float, float, float]:
        """F = X²/Σδ, both degrees of freedom and the p-value: the test to use."""
        free = self._effective
        statistic = self.pearson / float(self.eigenvalues.sum())
        below = free * self.df
        return statistic, free, below, float(fdtrc(free, below, statistic))

    @property
    def _effective(self) -> float:
        return float(self.eigenvalues.sum() ** 2 / (self.eigenvalues**2).sum())

    def to_arrow(self) -> Any:
        """Return a ``pyarrow.Table``, one row for each form of the test."""
        forms = {
            "rao-scott first order": (*self.first_order, np.nan),
            "rao-scott second order": (*self.second_order, np.nan),
            "rao-scott F": (self.f[0], self.f[1], self.f[3], self.f[2]),
        }
        return pa.table(
            {
                "test": list(forms),
                "variables": [f"{self.row} × {self.column}"] * 3,
                "statistic": [one[0] for one in forms.values()],
                "df": [one[1] for one in forms.values()],
                "df_design": [one[3] for one in forms.values()],
                "p": [one[2] for one in forms.values()],
                "n": [self.n] * 3,
            }
        )


def rao_scott(
    design: SurveyDesign,
    row: str,
    column: str,
    *,
    codes: Sequence[object] | None = None,
    where: Mapping[str, Sequence[object]] | None = None,
    missing: Sequence[object] = (),
) -> TableTest:
    """Test whether two answers go together.

    Parameters
    ----------
    design : SurveyDesign
    row, column : str
        Columns of answers.
    codes : sequence, optional
        Answers of ``row`` that count: then its table has two rows, these and all others.
    where : mapping of column to codes, optional
        Only these respondents.
    missing : sequence
        Answers that leave the table.

    Examples
    --------
    >>> sample = SurveyDesign({"aware": list("yynnyynn") * 5, "sex": list("ffffmmmm") * 5})
    >>> round(rao_scott(sample, "aware", "sex").f[0], 3)
    0.0
    """
    rows = Rows(design)
    out = {text_of(code) for code in missing}
    first, names = _coded(rows, row, out)
    if codes is not None:
        counted = {text_of(code) for code in codes}
        if unknown := counted - set(names):
            raise DesignError(
                "%(column)s has no code %(code)s; there are %(codes)s.",
                column=row, code=min(unknown), codes=", ".join(names),
            )  # fmt: skip
        inside = np.array([name in counted for name in names], bool)
        first = np.where(first < 0, -1, (~inside[first]).astype(np.intp))
        names = ["counted", "others"]
    second, others = _coded(rows, column, out)
    base = (first >= 0) & (second >= 0) & rows.chosen(where)
    first, names = _used(first, names, base)
    second, others = _used(second, others, base)
    if not base.any():
        raise DesignError("Nobody answered both %(row)s and %(column)s.", row=row, column=column)
    if len(names) < 2 or len(others) < 2:
        raise DesignError(
            "%(row)s × %(column)s: both must take at least two values.", row=row, column=column
        )
    cell = np.where(base, first * len(others) + second, 0)
    member = np.zeros((len(base), len(names) * len(others)))
    member[np.flatnonzero(base), cell[base]] = 1
    weight = rows.weight * base
    share = weight @ member / weight.sum()
    scores = base[:, None] * (member - share) / weight.sum()
    covariance = rows.covariance(scores)
    pearson, eigenvalues = _corrected(
        share.reshape(len(names), len(others)), covariance, int(base.sum())
    )
    return TableTest(
        row, column, tuple(names), tuple(others), share.reshape(len(names), len(others)),
        int(base.sum()), pearson, eigenvalues, rows.df(base),
    )  # fmt: skip


def _corrected(share: Floats, covariance: Floats, n: int) -> tuple[float, Floats]:
    """Return X² and the eigenvalues of Δ = (C'D⁻¹C/n)⁻¹ C'D⁻¹VD⁻¹C."""
    expected = np.outer(share.sum(axis=1), share.sum(axis=0))
    pearson = n * float(((share - expected) ** 2 / expected).sum())
    r, c = share.shape
    main = np.hstack(
        [np.ones((r * c, 1)), np.kron(np.eye(r)[:, 1:], np.ones((c, 1))),
         np.kron(np.ones((r, 1)), np.eye(c)[:, 1:])]
    )  # fmt: skip
    interaction = np.kron(np.eye(r)[:, 1:], np.eye(c)[:, 1:])
    contrast = interaction - main @ np.linalg.lstsq(main, interaction, rcond=None)[0]
    flat = share.ravel()
    inverse = np.divide(1, flat, out=np.zeros_like(flat), where=flat > 0)
    scaled = contrast * inverse[:, None]
    simple = contrast.T @ scaled / n
    delta = np.linalg.solve(simple, scaled.T @ covariance @ scaled)
    return pearson, np.sort(np.linalg.eigvals(delta).real)[::-1]


def _coded(rows: Rows, column: str, out: set[str]) -> tuple[NDArray[np.intp], list[str]]:
    place, names = rows.codes(column)
    gone = [at for at, name in enumerate(names) if name in out]
    return np.where(np.isin(place, gone), -1, place), names


def _used(
    place: NDArray[np.intp], names: list[str], base: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], list[str]]:
    """Number the codes that occur in the base anew."""
    used = np.unique(place[base])
    return np.searchsorted(used, np.where(base, place, used[:1].sum())), [names[at] for at in used]
