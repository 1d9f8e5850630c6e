"""A survey design: what was drawn, how, and with what weights; and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from analysis import quantiles
from analysis.calibration import Calibration, Margins, Target, calibration, columns_of, trimmed
from analysis.cells import ROW, Cells, Pass
from analysis.columns import text_of
from analysis.diagnostics import (
    MarginCheck,
    WeightDistribution,
    margin_check,
    weight_distribution,
)
from analysis.engines import engine_for
from analysis.engines.arrays import ArrayEngine
from analysis.estimates import Estimates
from analysis.estimating import Estimating
from analysis.frame import Layout, build
from analysis.options import Names, Options, names
from analysis.particulars import described, printed
from analysis.problems import DesignError
from analysis.quantiles import Quantiles
from analysis.replicates import given_replicates, replication
from analysis.variables import Variable, conditions
from analysis.verdicts import LEVEL

Floats = NDArray[np.float64]


class Limits(TypedDict, total=False):
    """What calibrated weights must keep to.

    Parameters
    ----------
    bounds : (lower, upper)
        Of g, the calibrated over the base weight; on both sides of 1.
    trim : (lower, upper)
        Of the calibrated weights: trimming and calibration alternate until both hold.
    """

    bounds: tuple[float, float] | None
    trim: tuple[float, float] | None


LONELY = ("fail", "adjust", "average", "certainty", "remove")


class SurveyDesign(Estimating):
    """A sample and how it was drawn.

    Parameters
    ----------
    data : mapping of str to array-like, pyarrow.Table, pandas.DataFrame, or path of a file
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

    engine : {"numpy", "duckdb"}, optional
        What reads the rows: by default DuckDB for files, numpy for what is in memory.

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
        engine: str | None = None,
    ) -> None:
        if lonely_psu not in LONELY:
            raise DesignError(
                "lonely_psu is one of %(known)s, not %(given)s.",
                known=", ".join(LONELY), given=lonely_psu,
            )  # fmt: skip
        self.engine = engine_for(data, engine)
        if pps not in (None, "brewer") or (pps and not fpc):
            raise DesignError("pps is brewer, and needs the inclusion probabilities as its fpc.")
        self.layout = Layout(
            (strata,) if isinstance(strata, str) else tuple(strata or ()),
            names(psu) or ((ROW,) if pps else ()),
            names(fpc), weights, nest, lonely_psu, pps is not None,
        )  # fmt: skip
        if len(self.layout.fpc) > max(1, len(self.layout.psu)):
            raise DesignError("There are more fpc columns than stages of the draw.")
        self.frame = build(self.engine, self.layout)

    def described(self) -> dict[str, Any]:
        """Return the design in plain words and counts, as JSON shows it."""
        return described(self)

    def with_columns(self, columns: Mapping[str, Any]) -> SurveyDesign:
        """Return the same design over more columns of the same rows, held in memory.

        Examples
        --------
        >>> sample = SurveyDesign({"sex": ["f", "f", "m"]}).rake({"sex": {"f": 50, "m": 50}})
        >>> float(sample.with_columns({"y": [1, 0, 1]}).rate("y").estimate[0])
        0.75
        """
        if not isinstance(self.engine, ArrayEngine):
            raise DesignError("Columns can be added to rows in memory only, not to a file's.")
        design = copy(self)
        design.engine = self.engine.with_columns(columns)
        return design

    def __repr__(self) -> str:
        return printed(self)

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

    def quantile(
        self,
        column: str,
        probabilities: Sequence[float] = (0.25, 0.5, 0.75),
        *,
        level: float = LEVEL,
        **options: Unpack[Options],
    ) -> Quantiles:
        """Estimate quantiles of a number, with Woodruff's intervals; see :mod:`analysis.quantiles`.

        Examples
        --------
        >>> sample = SurveyDesign({"age": [20, 30, 40, 50, 60]})
        >>> sample.quantile("age", [0.5]).estimate
        array([[40.]])
        """
        if not all(0 < p < 1 for p in probabilities):
            raise DesignError("Quantiles are asked for at probabilities between 0 and 1.")
        inside = conditions(options.get("where"), options.get("base"))
        out = tuple(map(text_of, options.get("missing", ())))
        variable = Variable("quantile", column, missing=out, base=inside)
        by, seen = names(options.get("by")), [(1, ()), (2, ())]
        asking = Pass((), by, (column,), None, (variable,), (*quantiles.MOMENTS, *seen))
        cells = self._collapse(asking)
        distribution = quantiles.Distribution(self._narrowed(cells), column)
        keep = len(self.calibration.columns) if self.calibration else 0
        shares = []
        for p in probabilities:
            limit = distribution.quantile(np.full(len(cells.domains), p))

            def read(again: Cells, limit: Floats = limit) -> Cells:
                return quantiles.up_to(again, limit, column, keep)

            shares.append(self._answer(asking, options, read))
        return quantiles.woodruff(distribution, probabilities, shares, level)

    def rake(self, margins: Margins, **limits: Unpack[Limits]) -> SurveyDesign:
        """Scale the weights to margins in turn until all hold (raking ratio).

        Parameters
        ----------
        margins : mapping
            ``{column: {category: total}}``; crossed margins have tuples of columns and of
            categories. With a numeric auxiliary (``{column: total}``) or bounds, the same distance
            is minimised by Newton's method.
        **limits
            See :class:`Limits`.

        Returns
        -------
        SurveyDesign
            With calibrated weights; its variances are those of calibrated residuals.

        Examples
        --------
        >>> sample = SurveyDesign({"sex": ["f", "f", "m"], "y": [1, 0, 1]})
        >>> raked = sample.rake({"sex": {"f": 50, "m": 50}})
        >>> float(raked.rate("y").estimate[0])
        0.75
        """
        return self.calibrate(margins, "rake", **limits)

    def poststratify(self, margin: Margins) -> SurveyDesign:
        """Scale the weights to one margin, plain or crossed."""
        if len(margin) != 1:
            raise DesignError("Post-stratification takes one margin; cross its columns, or rake.")
        return self.calibrate(margin, "rake")

    def calibrate(
        self, margins: Margins, method: str = "linear", **limits: Unpack[Limits]
    ) -> SurveyDesign:
        """Calibrate the weights to margins and totals of numbers.

        Parameters
        ----------
        margins : mapping
            As for :meth:`rake`; ``{"": N}`` is the size of the population.
        method : {"linear", "rake", "logit"}
            The distance from the base weights that is kept smallest (linear is GREG).
        **limits
            See :class:`Limits`.
        """
        if self.calibration is not None:
            raise DesignError("The weights are calibrated already; give all margins at once.")
        trim = limits.get("trim")
        cells = self._classes(columns_of(margins), by_weight=trim is not None)
        return self._with(calibration(cells, Target(margins, method, limits.get("bounds"), trim)))

    def trim(self, upper: float, lower: float = 0) -> SurveyDesign:
        """Cut the weights to a range; the others share the difference in equal parts.

        Margins met before are then met no longer: to hold both, say ``trim`` when calibrating.
        """
        columns = self.calibration.columns if self.calibration else ()
        cells = self._classes(columns, by_weight=True)
        return self._with(trimmed(cells, self.calibration, lower, upper))

    def replicate(
        self, kind: str, *, replicates: int = 200, rho: float = 0, seed: int | None = None
    ) -> SurveyDesign:
        """Take standard errors from replicate weights made from the first stage of the draw.

        Calibrated weights are calibrated anew in each replicate.

        Parameters
        ----------
        kind : {"jk1", "jkn", "brr", "fay", "bootstrap"}
            Jackknife without or with strata, balanced halves, Fay's halves, Rao and Wu's bootstrap.
        replicates : int
            How many, of the bootstrap.
        rho : float
            Of Fay's halves.
        seed : int, optional
            Of the bootstrap.
        """
        design = copy(self)
        if not self.layout.psu:  # respondents are the units, so they must be in the cells
            design.layout = replace(self.layout, psu=(ROW,))
            design.frame = build(self.engine, design.layout)
        stage = design.frame.stages[0]
        design.replication = replication(stage, kind, replicates=replicates, rho=rho, seed=seed)
        return design

    def with_replicate_weights(
        self,
        columns: Sequence[str],
        kind: str,
        *,
        rho: float = 0,
        scale: float | None = None,
        rscales: Sequence[float] | None = None,
        mse: bool = False,
    ) -> SurveyDesign:
        """Take standard errors from replicate weights that came with the data.

        Calibrated weights are calibrated anew in each replicate.

        Parameters
        ----------
        columns : sequence of str
            Full weights, one column for each replicate. Degrees of freedom: the rank of their
            matrix, among the base of a domain, less one (R's ``degf``).
        kind : {"jk1", "jkn", "brr", "fay", "bootstrap", "other"}
        rho, scale, rscales, mse
            As in R's ``svrepdesign``: V = scale·Σ rscales_r·(θ_r − θ̄)², with the estimate itself
            in the place of θ̄ under ``mse``.

        Examples
        --------
        >>> data = {"y": [1, 0, 1], "r1": [0, 2, 1], "r2": [2, 0, 1], "r3": [1, 1, 1]}
        >>> design = SurveyDesign(data).with_replicate_weights(["r1", "r2", "r3"], "jk1")
        >>> design.rate("y").se.round(4)
        array([0.3849])
        """
        self.engine.check_weights(columns)
        design = copy(self)
        design.given = given_replicates(
            columns, kind, rho=rho, scale=scale, rscales=rscales, mse=mse
        )
        return design

    def weights(self) -> Floats:
        """Return the final weight of each respondent, in the order of the rows."""
        base = self.frame.weight[self.engine.places(self.layout.units)]
        if self.layout.weights is not None:
            base = self.engine.numbers(self.layout.weights)
        if self.calibration is not None:
            base = base * self.calibration.factor[self.engine.places(self.calibration.columns)]
        return base

    def weight_distribution(self) -> WeightDistribution:
        """Describe the final weights; see :mod:`analysis.diagnostics`."""
        return weight_distribution(self.weights())

    def margins(self) -> MarginCheck:
        """Return the margins before and after calibration."""
        if self.calibration is None:
            raise DesignError("The weights are not calibrated, so there are no margins.")
        return margin_check(self.calibration)

    def _with(self, calibration: Calibration) -> SurveyDesign:
        design = copy(self)
        design.calibration = calibration
        return design

    def _classes(self, columns: tuple[str, ...], *, by_weight: bool) -> Cells:
        if by_weight and self.layout.weights is None:
            raise DesignError("Trimming needs a column of weights.")
        weight = [self.layout.weights] if by_weight and self.layout.weights else []
        classes = tuple(dict.fromkeys([*columns, *weight]))
        return self._collapse(Pass(classes=classes, moments=((0, ()), (1, ()))))
