"""Figures for staff: dots with interval whiskers, thin lines with bands, the target on the line.

A figure is built here with plotly and travels as JSON inside the page; ``static/charts.js`` draws
it. Colours are names of the style sheet's tokens (``var(--action)``), which the browser fills in,
so that one figure serves the light screen, the dark one and paper. Every chart stands beside its
table, which says the same without a script.
"""

from webapp.charts.comparison import comparison
from webapp.charts.marks import Mark, floor_of
from webapp.charts.parts import embed
from webapp.charts.trend import trend

__all__ = ["Mark", "comparison", "embed", "floor_of", "trend"]
