"""The ranking table (排名表): an Excel workbook with charts that the office can edit.

Names are written as texts, never as formulas; figures are numbers, so that the office can go on
calculating with them.
"""

from __future__ import annotations

import io
import math
from typing import Any

import xlsxwriter

from surveys.questionnaires.definition import Indicator, text_in
from surveys.results.periods import Period
from surveys.results.rankings import Rank
from webapp.reports import chinese
from webapp.reports.bulletin import numbers, standing
from webapp.reports.material import Figure, Material, Place, Pooled

FONT = "微软雅黑"
FIRST = 3  # row of the first place, from 0: title, note and head stand above


def workbook(material: Material) -> bytes:
    """All places; each headline rate with its chart; quarter and year; the definitions."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(
        made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": f"{material.whole.name}排名表", "created": material.made_at})
    looks = _looks(book)
    _overview(book, material, looks)
    for indicator in material.headline:
        _one(book, material, indicator, looks)
    for name, pooled in material.periods.items():
        _period(book, material, name, pooled, looks)
    _definitions(book, material, looks)
    book.close()
    return made.getvalue()


def _overview(book: Any, material: Material, looks: dict[str, Any]) -> None:
    """单位 / 应答率 / each rate with ± and state / 有效样本 / 有效样本量."""
    sheet = _sheet(book, "排名表", material, looks)
    heads = ["单位", "应答率"]
    for indicator in material.headline:
        name = material.label(indicator)
        heads += [name, "±", "状态"]
    heads += ["有效样本", "有效样本量"]
    sheet.write_row(FIRST - 1, 0, heads, looks["head"])
    for at, place in enumerate([*material.places, material.whole]):
        row = FIRST + at
        cells = looks["total"] if place is material.whole else looks
        sheet.write_string(row, 0, place.name, cells["name"])
        _number(sheet, row, 1, place.field.rates.rr2, cells["share"])
        column = 2
        for indicator in material.headline:
            _figure(sheet, row, column, place.figure(indicator), cells)
            column += 3
        first = place.figure(material.headline[0]) if material.headline else None
        _number(sheet, row, column, first.stored.n if first else None, cells["count"])
        effective = first.stored.n_effective if first else None
        _whole(sheet, row, column + 1, effective, cells["count"])
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, len(heads) - 1, 10.5)
    sheet.autofilter(FIRST - 1, 0, FIRST + len(material.places) - 1, len(heads) - 1)


def _one(book: Any, material: Material, indicator: Indicator, looks: dict[str, Any]) -> None:
    """One rate: the places by their estimates, with the interval on a chart."""
    name = material.label(indicator)
    sheet = _sheet(book, name, material, looks)
    heads = ["档次", "单位", "有效样本", "有效样本量", name, "下限", "上限", "误差－", "误差＋"]
    heads += ["目标", "达标状态", "较上期（百分点）", "是否显著", "排名区间"]
    sheet.write_row(FIRST - 1, 0, heads, looks["head"])
    places = sorted(material.places, key=lambda place: -_height(place, indicator))
    for at, place in enumerate(places):
        if figure := place.figure(indicator):
            _line(sheet, FIRST + at, place.name, figure, looks)
        else:
            sheet.write_string(FIRST + at, 1, place.name, looks["name"])
    sheet.set_column(0, 0, 7)
    sheet.set_column(1, 1, 22)
    sheet.set_column(2, len(heads) - 1, 11)
    sheet.set_column(12, 12, 20)
    sheet.insert_chart(FIRST - 1, len(heads) + 1, _chart(book, sheet, name, len(places)))


def _line(sheet: Any, row: int, name: str, figure: Figure, looks: dict[str, Any]) -> None:
    """档次 / 单位 / 有效样本 / 有效样本量 / the rate and its ends / 状态 / 较上期 / 排名区间."""
    stored, said = figure.stored, numbers(figure)
    sheet.write_string(row, 0, said["band"], looks["word"])
    sheet.write_string(row, 1, name, looks["name"])
    _number(sheet, row, 2, stored.n, looks["count"])
    _whole(sheet, row, 3, stored.n_effective, looks["count"])
    for column, value in enumerate((stored.estimate, stored.lower, stored.upper), start=4):
        _number(sheet, row, column, value, looks["share"])
    if not (stored.estimate is None or stored.lower is None or stored.upper is None):
        below, above = stored.estimate - stored.lower, stored.upper - stored.estimate
        sheet.write_formula(row, 7, f"=E{row + 1}-F{row + 1}", looks["share"], below)
        sheet.write_formula(row, 8, f"=G{row + 1}-E{row + 1}", looks["share"], above)
    _number(sheet, row, 9, stored.target, looks["share"])
    sheet.write_string(row, 10, chinese.verdict(stored.verdict), looks["word"])
    change = figure.change
    _number(sheet, row, 11, change.change * figure.scale if change else None, looks["points"])
    sheet.write_string(row, 12, said["significance"], looks["word"])
    sheet.write_string(row, 13, said["rank"], looks["word"])


def _period(
    book: Any, material: Material, name: str, pooled: Pooled, looks: dict[str, Any]
) -> None:
    """A quarter or year: pooled records of its waves, with ranks of their own."""
    title = chinese.period(name)
    until = chinese.month(material.wave.month)
    sheet = _sheet(book, title, material, looks, f"{title}累计排名（截至{until}）")
    waves = sorted({code for period, _rank in pooled.values() for code in period.waves})
    note = f"合并各批答卷计算，不是各批比率的平均：{'、'.join(waves)}。{provenance(material)}"
    sheet.write_string(1, 0, note, looks["note"])
    heads = ["单位"]
    for indicator in material.headline:
        heads += [material.label(indicator), "±", "状态", "有效样本量", "档次", "排名区间"]
    sheet.write_row(FIRST - 1, 0, heads, looks["head"])
    for at, place in enumerate([*material.places, material.whole]):
        row = FIRST + at
        cells = looks["total"] if place is material.whole else looks
        sheet.write_string(row, 0, place.name, cells["name"])
        for of, indicator in enumerate(material.headline):
            found = pooled.get((place.area.code, indicator.name))
            _pooled(sheet, row, 1 + 6 * of, found, cells)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, len(heads) - 1, 10.5)


def _pooled(
    sheet: Any, row: int, column: int, found: tuple[Period, Rank | None] | None, looks: Any
) -> None:
    if found is None:
        for at in range(6):
            sheet.write_string(row, column + at, chinese.NONE, looks["word"])
        return
    one, rank = found
    half = None if one.lower is None or one.upper is None else (one.upper - one.lower) / 2
    _number(sheet, row, column, one.estimate, looks["share"])
    _number(sheet, row, column + 1, half, looks["share"])
    sheet.write_string(row, column + 2, chinese.verdict(one.verdict), looks["word"])
    _whole(sheet, row, column + 3, one.n_effective, looks["count"])
    said = standing(rank)
    sheet.write_string(row, column + 4, said["band"], looks["word"])
    sheet.write_string(row, column + 5, said["rank"], looks["word"])


def _chart(book: Any, sheet: Any, name: str, count: int) -> Any:
    """Points with whiskers; the best at the top, the target as a line."""
    last = FIRST + count - 1
    title = sheet.get_name()
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": name,
            "categories": [title, FIRST, 1, last, 1],
            "values": [title, FIRST, 4, last, 4],
            "fill": {"color": "#BFD9DD"},
            "gap": 60,
            "x_error_bars": {
                "type": "custom",
                "plus_values": f"='{title}'!$I${FIRST + 1}:$I${last + 1}",
                "minus_values": f"='{title}'!$H${FIRST + 1}:$H${last + 1}",
                "line": {"color": "#1D2733", "width": 1},
            },
        }
    )
    chart.set_title({"name": f"{name}（95%区间）", "name_font": {"size": 12, "bold": False}})
    chart.set_x_axis({"min": 0, "max": 1, "num_format": "0%", "major_gridlines": _LINES})
    chart.set_y_axis({"major_gridlines": {"visible": False}, "reverse": True})
    chart.set_legend({"none": True})
    chart.set_size({"width": 620, "height": 140 + 26 * max(count, 1)})
    return chart


_LINES = {"visible": True, "line": {"color": "#D9D4CA", "width": 0.5}}


def _definitions(book: Any, material: Material, looks: dict[str, Any]) -> None:
    sheet = _sheet(book, "口径", material, looks)
    sheet.write_row(FIRST - 1, 0, ["指标", "口径", "版本", "目标"], looks["head"])
    for at, indicator in enumerate(material.questionnaire.indicators):
        row, figure = FIRST + at, material.whole.figure(indicator)
        sheet.write_string(row, 0, material.label(indicator), looks["name"])
        sheet.write_string(row, 1, text_in(indicator.describes, "zh"), looks["name"])
        sheet.write_string(row, 2, indicator.version, looks["word"])
        _number(sheet, row, 3, figure.stored.target if figure else None, looks["share"])
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90)


def _sheet(book: Any, title: str, material: Material, looks: dict[str, Any], head: str = "") -> Any:
    """A sheet with its title and its provenance, frozen under the head."""
    sheet = book.add_worksheet(title.translate(_FORBIDDEN)[:31])
    synthetic = "（演示数据）" if material.wave.synthetic else ""
    head = head or f"{chinese.month(material.wave.month)}{title}"
    sheet.write_string(0, 0, f"{material.whole.name}{head}{synthetic}", looks["title"])
    sheet.write_string(1, 0, provenance(material), looks["note"])
    sheet.freeze_panes(FIRST, 1)
    sheet.repeat_rows(FIRST - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&8" + provenance(material).replace("&", "&&") + "&R&8&P/&N")
    return sheet


_FORBIDDEN = str.maketrans("[]:*?/\\", "（）：＊？／＼")


def provenance(material: Material) -> str:
    """Where the figures come from, and how to make them again."""
    versions = {indicator.version for indicator in material.headline}
    return (
        f"测评{material.wave.code}，权重第{material.weights.number}套，"
        f"口径第{'、'.join(sorted(versions))}版；加权率及95%区间，只含抽样误差；"
        f"{chinese.moment(material.made_at)}制作；核对：minyi rates {material.wave.code}"
    )


def _figure(
    sheet: Any, row: int, column: int, figure: Figure | None, looks: dict[str, Any]
) -> None:
    estimate = figure.stored.estimate if figure else None
    if figure is None or estimate is None:
        for at in range(3):
            sheet.write_string(row, column + at, chinese.NONE, looks["word"])
        return
    half = figure.half
    _number(sheet, row, column, estimate, looks["share"])
    _number(sheet, row, column + 1, None if half is None else half / figure.scale, looks["share"])
    sheet.write_string(row, column + 2, chinese.verdict(figure.stored.verdict), looks["word"])


def _number(sheet: Any, row: int, column: int, value: float | None, look: Any) -> None:
    if value is None:
        sheet.write_string(row, column, chinese.NONE, look)
    else:
        sheet.write_number(row, column, value, look)


def _whole(sheet: Any, row: int, column: int, value: float | None, look: Any) -> None:
    """An effective n, rounded down."""
    _number(sheet, row, column, None if value is None else math.floor(value), look)


def _height(place: Place, indicator: Indicator) -> float:
    figure = place.figure(indicator)
    return figure.stored.estimate or 0.0 if figure else -1.0


def _looks(book: Any) -> dict[str, Any]:
    """The formats; ``total`` holds those of the last row."""
    base = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}

    def of(**more: Any) -> dict[str, Any]:
        return {
            "name": book.add_format(base | more | {"text_wrap": True}),
            "share": book.add_format(base | more | {"num_format": "0.0%"}),
            "points": book.add_format(base | more | {"num_format": "+0.0;−0.0;0.0"}),
            "count": book.add_format(base | more | {"num_format": "#,##0"}),
            "word": book.add_format(base | more),
        }

    head = {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#F6F4EF"}
    return of() | {
        "total": of(top=1, bold=True),
        "title": book.add_format(base | {"font_size": 14}),
        "note": book.add_format(base | {"font_size": 8, "font_color": "#5A6673"}),
        "head": book.add_format(base | head),
    }
