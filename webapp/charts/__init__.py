"""Figures for staff: dots with interval whiskers, thin lines with bands, the target on the line.

A figure is built here with plotly and fetched as JSON when its place comes near the screen;
``static/charts.js`` draws it. Colours are names of the style sheet's tokens (``var(--action)``),
which the browser fills in, so that one figure serves the light screen, the dark one and paper.
Every chart stands beside its table, which says the same without a script.
"""

from plotly.graph_objects import Figure as Drawing

from webapp.charts.funnel import funnel
from webapp.charts.marks import Mark, floor_of
from webapp.charts.parts import as_json
from webapp.charts.ranks import RankRow, caterpillar
from webapp.charts.sparkline import Point, sparkline
from webapp.charts.trend import Event, trend

__all__ = [
    "Drawing",
    "Event",
    "Mark",
    "Point",
    "RankRow",
    "as_json",
    "caterpillar",
    "floor_of",
    "funnel",
    "sparkline",
    "trend",
]
