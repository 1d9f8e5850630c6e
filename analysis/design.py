"""A survey design: what was drawn, how, and with what weights; and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.cells import ROW, Cells, Engine, Moment, Pass
from analysis.columns import text_of
from analysis.engines.arrays import ArrayEngine
from analysis.estimates import Estimates
from analysis.frame import Frame, Layout, build
from analysis.linearisation import Linear, crossed, linearise, moments
from analysis.problems import DesignError
from analysis.stages import Stage
from analysis.variables import Variable, conditions
from analysis.variance import ClusterVariance, ElementVariance, Variance, membership

Floats = NDArray[np.float64]
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


LONELY = ("fail", "adjust", "average", "certainty", "remove")


class SurveyDesign:
    """A sample and how it was drawn.

    Parameters
    ----------
    data : mapping of str to array-like, pyarrow.Table or pandas.DataFrame
        One row for each respondent. Never drop rows to look at a part of the population: ask
        ``by`` or ``where``, so that the design stays whole.
    strata : str or sequence of (str or None), optional
        The column of strata, or one for each stage.
    psu : str or sequence of str, optional
        The column of primary sampling units, or one for each stage; without it every respondent
        was drawn directly.
    weights : str, optional
        The column of weights, in persons represented; without it weights follow from the fpc
        (Π N/n), else they are 1.
    fpc : str or sequence of str, optional
        Population sizes (above 1) or sampling fractions (at most 1), one column for each stage;
        a stage without one was drawn with replacement.
    nest : bool
        Whether PSU labels start anew in each stratum.
    lonely_psu : {"fail", "adjust", "average", "certainty", "remove"}
        What a stratum with a single PSU contributes to the variance: it is refused; its square
        around zero; the mean of the other strata; nothing; nothing.
    pps : {"brewer"}, optional
        The first stage was drawn with unequal probabilities: its fpc holds each unit's inclusion
        probability π, and Brewer's approximation puts 1−π in the place of 1−f.

    Raises
    ------
    DesignError
        If the design cannot be true, naming the rows.

    Examples
    --------
    >>> design = SurveyDesign(
    ...     {"aware": [1, 0, 1, 1, 1, 0], "area": ["a", "a", "a", "b", "b", "b"],
    ...      "w": [10, 10, 20, 5, 5, 5]},
    ...     strata="area", weights="w",
    ... )
    >>> rate = design.rate("aware")
    >>> rate.estimate.round(4), rate.se.round(4), rate.df
    (array([0.7273]), array([0.2298]), array([4.]))
    >>> [round(one.estimate, 4) for one in design.rate("aware", by="area")]
    [0.75, 0.6667]
    """

    def __init__(
        self,
        data: Any,
        *,
        strata: str | Sequence[str | None] | None = None,
        psu: Names = None,
        weights: str | None = None,
        fpc: Names = None,
        nest: bool = False,
        lonely_psu: str = "fail",
        pps: str | None = None,
    ) -> None:
        if lonely_psu not in LONELY:
            raise DesignError(
                "lonely_psu is one of %(known)s, not %(given)s.",
                known=", ".join(LONELY), given=lonely_psu,
            )  # fmt: skip
        self.engine: Engine = ArrayEngine(data)
        if pps not in (None, "brewer") or (pps and not fpc):
            raise DesignError("pps is brewer, and needs the inclusion probabilities as its fpc.")
        self.layout = Layout(
            (strata,) if isinstance(strata, str) else tuple(strata or ()),
            names(psu) or ((ROW,) if pps else ()),
            names(fpc), weights, nest, lonely_psu, pps is not None,
        )  # fmt: skip
        if len(self.layout.fpc) > max(1, len(self.layout.psu)):
            raise DesignError("There are more fpc columns than stages of the draw.")
        self.frame: Frame = build(self.engine, self.layout)

    @property
    def df(self) -> int:
        """Degrees of freedom of the whole design: PSUs less strata."""
        return self.frame.df

    def described(self) -> dict[str, Any]:
        """Return the design in plain words and counts, as JSON shows it."""
        layout, first = self.layout, self.frame.stages[0]
        strata = [name for name in layout.strata if name is not None]
        return {
            "strata": strata, "psu": list(layout.psu), "weights": layout.weights,
            "fpc": list(layout.fpc), "nest": layout.nest, "lonely_psu": layout.lonely_psu,
            "n": self.frame.rows, "n_strata": len(first.n), "n_psu": int(first.n.sum()),
            "df": self.df,
        }  # fmt: skip

    def rate(
        self,
        variables: str | Sequence[str],
        codes: Sequence[object] | None = None,
        **options: Unpack[Options],
    ) -> Estimates:
        """Estimate the share of the base whose answer counts.

        Parameters
        ----------
        variables : str or sequence of str
            0/1 columns, or columns of answers if ``codes`` are given.
        codes : sequence, optional
            The answers that count.
        **options
            Whom it is about: see :class:`Options`.
        """
        chosen = None if codes is None else tuple(map(text_of, codes))
        return self._estimate(
            [Variable("rate", name, chosen) for name in names(variables)], options
        )

    def mean(self, variables: str | Sequence[str], **options: Unpack[Options]) -> Estimates:
        """Estimate the mean of one or several numbers; see :class:`Options`."""
        return self._estimate([Variable("mean", name) for name in names(variables)], options)

    def total(self, variables: str | Sequence[str], **options: Unpack[Options]) -> Estimates:
        """Estimate the population's total of one or several numbers; see :class:`Options`."""
        return self._estimate([Variable("total", name) for name in names(variables)], options)

    def ratio(self, numerator: str, denominator: str, **options: Unpack[Options]) -> Estimates:
        """Estimate the ratio of two totals, over those for whom both are known."""
        variable = Variable("ratio", numerator, denominator=denominator)
        return self._estimate([variable], options)

    def _estimate(self, asked: Sequence[Variable], options: Options) -> Estimates:
        inside = conditions(options.get("where"), options.get("base"))
        out = tuple(map(text_of, options.get("missing", ())))
        variables = tuple(replace(variable, missing=out, base=inside) for variable in asked)
        by = names(options.get("by"))
        wanted = [moment for k, variable in enumerate(variables) for moment in moments(k, variable)]
        cells = self._cells(variables, by, wanted)
        linear = [linearise(k, variable, cells) for k, variable in enumerate(variables)]
        variance: Variance
        if self.layout.psu:
            variance = ClusterVariance(cells, linear, self.frame.stages)
        else:

            def widened() -> Cells:
                return self._cells(variables, by, [*wanted, *crossed(variables)])

            variance = ElementVariance(cells, linear, self.frame.stages[0], widened)
        return self._results(variables, cells, linear, variance, options.get("df", "auto"))

    def _cells(
        self, variables: tuple[Variable, ...], by: tuple[str, ...], wanted: list[Moment]
    ) -> Cells:
        if not self.layout.psu:  # respondents are the units: their squares are needed
            squares: list[Moment] = [
                (2, named) for power, named in wanted if power == 1 and len(named) == 2
            ]
            wanted = [*wanted, *squares]
        cells = self.engine.collapse(
            Pass(self.layout.units, by, (), self.layout.weights, variables, tuple(wanted))
        )
        if self.layout.weights is None:
            cells = cells.weighted(self.frame.weight[cells.unit])
        return cells

    def _results(
        self,
        variables: tuple[Variable, ...],
        cells: Cells,
        linear: Sequence[Linear],
        variance: Variance,
        df: float | str,
    ) -> Estimates:
        domains = len(cells.domains)
        kept = np.flatnonzero(cells.domains.complete())
        places = (np.arange(len(variables))[:, None] * domains + kept).ravel()

        def over(power: int) -> Floats:
            sums = [cells.by_domain(power, f"r{k}") for k in range(len(variables))]
            chosen: Floats = np.concatenate(sums)[places]
            return chosen

        n, total, squares = over(0), over(1), over(2)
        estimates = np.concatenate([one.estimate for one in linear])[places]
        variances = np.where(np.isnan(estimates), np.nan, variance.diagonal()[places])
        simple = np.concatenate([one.spread for one in linear])[places]
        with np.errstate(divide="ignore", invalid="ignore"):
            kish = total**2 / squares
            precise = np.where(variances > 0, simple / variances, kish)
            replaced = variances / (simple / (n - 1))
            fraction = np.where(total > n * (1 + 1e-9), n / total, 0)
        free = degrees_of_freedom(
            cells, self.frame.stages[0], len(variables), bool(self.layout.psu)
        )
        if df != "auto":
            free = np.full(len(free), float(self.df if df == "design" else df))
        by = cells.domains.texts()
        return Estimates(
            variables[0].statistic,
            tuple(variable.name for variable in variables),
            tuple(by[place] for place in kept),
            estimates,
            np.sqrt(variances), free[places], n, total, kish, np.minimum(n, precise),
            replaced / (1 - fraction), replaced, variance, places,
        )  # fmt: skip


def degrees_of_freedom(cells: Cells, stage: Stage, variables: int, clustered: bool) -> Floats:
    """Return PSUs less strata that hold someone of each variable's base in each domain.

    A domain's standard error rests on the PSUs it reaches, not on all of them (Korn & Graubard
    1999, section 2.2).
    """
    strata = membership(stage.stratum, len(stage.n))
    units = membership(stage.unit, len(stage.stratum))
    free = []
    for k in range(variables):
        counts = sparse.csr_array(
            (cells.sum(0, f"r{k}"), (cells.unit, cells.domain)),
            shape=(len(cells.units), len(cells.domains)),
        )
        reached = counts.sum(axis=0) if not clustered else ((units @ counts) > 0).sum(axis=0)
        free.append(np.asarray(reached - (((strata @ units) @ counts) > 0).sum(axis=0), float))
    return np.asarray(np.maximum(np.concatenate(free), 0))


def names(given: Names) -> tuple[str, ...]:
    """Return one name, several or none as a tuple."""
    return (given,) if isinstance(given, str) else tuple(given or ())
