"""What goes with what, under the design: tables, groups, regression.

- :func:`~analysis.associations.tables.rao_scott`: do two answers go together?
- :func:`~analysis.associations.groups.t_test`, :func:`~analysis.associations.groups.rank_test`: do
  two groups differ in a number?
- :func:`~analysis.associations.regression.regress`: a formula, linear or logistic.

All rest on one thing, the covariance of weighted totals of scores
(:class:`~analysis.associations.rows.Rows`). They need the respondents' rows, in memory, and take
the design's strata, stages, fpc and calibration into account.
"""

from analysis.associations.groups import GroupTest, rank_test, t_test
from analysis.associations.regression import Regression, regress
from analysis.associations.tables import TableTest, rao_scott

__all__ = ["GroupTest", "Regression", "TableTest", "rank_test", "rao_scott", "regress", "t_test"]
