"""The arithmetic: arrays in, results out.

Design-based estimation for surveys: designs, rates with their sampling errors, verdicts.
"""

from analysis.design import SurveyDesign
from analysis.estimates import Estimate, Estimates
from analysis.problems import DesignError

__all__ = ["DesignError", "Estimate", "Estimates", "SurveyDesign"]
