"""Figures: what they draw, and that they can travel inside a page."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel

from webapp import charts
from webapp.charts import Mark
from webapp.charts.parts import HALF_DISC

MONTHS = ["2026-03", "2026-06", "2026-09"]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app, default_locale="en")
    with app.test_request_context():
        yield


def marks() -> list[Mark]:
    return [
        Mark("Yunxi", 86.4, 83.2, 89.1, "undecided", is_subject=False),
        Mark("North Gate", 94.6, 89.1, 99.3, "met"),
        Mark("East Wind", 74.7, 65.4, 82.6, "not_met"),
        Mark("Willow Grove", None),
    ]


def drawn(figure: object) -> dict:
    return json.loads(charts.as_json(figure))


def texts(figure: object) -> list[str]:
    return [note["text"] for note in drawn(figure)["layout"]["annotations"]]


def ranks(target: float | None = 85.0) -> charts.Drawing:
    return charts.caterpillar([charts.RankRow(mark, None) for mark in marks()], None, target)


def test_a_list_by_rank_keeps_the_order_given() -> None:
    assert drawn(ranks())["layout"]["yaxis"]["ticktext"] == [mark.label for mark in marks()]


def test_whiskers_reach_from_end_to_end_of_the_interval() -> None:
    dots, _ranks = drawn(ranks())["data"]
    assert dots["error_x"]["array"] == pytest.approx([2.7, 4.7, 7.9])
    assert dots["error_x"]["arrayminus"] == pytest.approx([3.2, 5.5, 9.3])


def test_verdicts_have_shapes() -> None:
    figure = drawn(ranks())
    assert figure["data"][0]["marker"]["symbol"] == ["circle", "circle", "triangle-down"]
    halves = [s for s in figure["layout"]["shapes"] if s.get("path") == HALF_DISC]
    assert [(half["xanchor"], half["yanchor"]) for half in halves] == [(86.4, 0)]


def test_the_target_is_named_on_its_line_and_a_cropped_axis_says_so() -> None:
    figure = ranks()
    assert "Target 85%" in texts(figure)
    axis = drawn(figure)["layout"]["xaxis"]
    assert axis["range"][0] == 60
    assert axis["title"]["text"] == "The axis begins at 60%, not at zero"


def test_an_axis_from_zero_needs_no_mark() -> None:
    figure = charts.caterpillar([charts.RankRow(Mark("a", 8.0, 2.0, 20.0), None)], None, None)
    assert drawn(figure)["layout"]["xaxis"]["range"][0] == 0
    assert not [s for s in drawn(figure)["layout"].get("shapes", []) if s["type"] == "path"]


def test_a_trend_stands_in_time_and_leaves_out_what_was_not_measured() -> None:
    history = [Mark("March", 80.0, 75.0, 84.0), Mark("June", None), Mark("Sept", 88.0, 84.0, 91.0)]
    figure = drawn(charts.trend(history, MONTHS, target=85.0))
    band, line, _dots = figure["data"]
    assert line["x"] == ["2026-03-01", "2026-09-01"]
    assert band["y"] == [84.0, 91.0, 84.0, 75.0]
    assert figure["layout"]["xaxis"]["ticktext"] == ["Mar<br>2026", "Jun", "Sep"]
    assert "88.0%" in [note["text"] for note in figure["layout"]["annotations"]]


def test_a_campaign_is_shaded_and_says_what_it_was() -> None:
    history = [Mark(month, 80.0, 75.0, 84.0) for month in MONTHS]
    days = dt.date(2026, 5, 2), dt.date(2026, 5, 4)
    before = charts.Event(dt.date(2020, 1, 1), dt.date(2020, 1, 2), "Long ago")
    figure = drawn(
        charts.trend(history, MONTHS, target=85.0, events=[charts.Event(*days, "Leaflets"), before])
    )
    (shade,) = [one for one in figure["layout"]["shapes"] if one["type"] == "rect"]
    assert (shade["x0"], shade["x1"]) == ("2026-05-02", "2026-05-05")
    assert figure["data"][-1]["text"] == ["Leaflets"]


def test_a_trend_names_the_grey_line_at_its_end() -> None:
    whole = [Mark(month, 82.0, is_subject=False) for month in MONTHS]
    history = [Mark(month, 80.0, 75.0, 84.0) for month in MONTHS]
    figure = charts.trend(history, MONTHS, target=85.0, context=whole, context_label="Yunxi")
    assert "Yunxi" in texts(figure)


def test_a_single_wave_and_no_wave_at_all_can_be_drawn() -> None:
    charts.trend([Mark("March", 80.0)], MONTHS[:1], target=None)
    charts.trend([Mark("March", None)], MONTHS[:1], target=85.0)
    charts.caterpillar([], None, target=85.0)


def test_colours_are_tokens_so_that_one_figure_serves_light_dark_and_paper() -> None:
    text = charts.as_json(ranks())
    assert "var(--action)" in text
    assert "#" not in text


def test_ranks_are_drawn_as_intervals_and_those_without_a_rank_are_not() -> None:
    rows = [charts.RankRow(marks()[1], (1, 2)), charts.RankRow(marks()[2], None)]
    figure = drawn(charts.caterpillar(rows, marks()[0], target=85.0))
    assert figure["data"][1]["x"] == [0.85, 2.15, None]
    assert {"Yunxi", "Target 85%"} <= {note["text"] for note in figure["layout"]["annotations"]}


def test_a_funnel_names_those_whom_chance_hardly_puts_where_they_are() -> None:
    limits = {0.95: [(100.0, 0.8, 0.9)], 0.998: [(100.0, 0.75, 0.95)]}
    figure = charts.funnel([(100.0, mark) for mark in marks()[:3]], limits, 85.0)
    assert drawn(figure)["data"][-1]["text"] == ["East Wind"]


def test_a_small_multiple_is_a_drawing_of_the_page() -> None:
    drawing = charts.sparkline([(80.0, 75.0, 85.0), None, (90.0, 85.0, 95.0)], [None] * 3, 85.0)
    assert drawing.count("<circle") == 1
    assert 'class="band"' in drawing
    assert "style=" not in drawing
