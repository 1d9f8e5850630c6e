"""Every figure on every reading page is the one that the commands make again from the files.

Pages carry the path of each figure (``<data value="rates/sample/2026-09/…/estimate">``). The walk
reads all of them in both languages, works out from the commands' JSON what should stand there, and
finds figures that carry no path.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask.testing import FlaskClient
from scipy import stats

from surveys import areas, people
from surveys.office import Office
from surveys.reading import public
from surveys.results.estimates import StoredEstimate
from surveys.results.rankings import StoredRank
from tests.support.markup import Page, text_of
from tests.support.pages import page_of
from webapp.cli import main

WAVE, WHOLE, PLACE, OTHER = "2026-09", "demo", "demo-02", "demo-07"
RESULTS = f"/staff/results/{WAVE}"
SILENT = {"data", "code", "time", "pre", "option", "summary", "figcaption", "svg", "h1", "title"}

Json = Any
Facts = Callable[..., Json]


@pytest.fixture(scope="module")
def office(township: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    data = tmp_path_factory.mktemp("figures") / "data"
    office = Office.open(Path(shutil.copytree(township.data, data)))
    with office.database.write() as session:
        people.add_user(session, "reader", "admin", actor="test")
    yield office
    office.database.engine.dispose()


@pytest.fixture
def reader(app, office: Office) -> FlaskClient:
    """Someone who sees everything."""
    with office.database.read() as session:
        user = people.get(session, "reader")
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = f"{user.id}.{user.epoch}"
    return client


@pytest.fixture(scope="module")
def facts(township: Office) -> Iterator[Facts]:
    """What the commands say of the township as it was made, each asked once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINYI_DATA", str(township.data))
        patch.delenv("MINYI_DATABASE_URL", raising=False)

        @cache
        def said(*words: str) -> Json:
            # Several processes may run these tests, and no figure changes meanwhile.
            kept = township.data / f"{'_'.join(words)}.json"
            if not kept.exists():
                asked = [*words, "--format", "json"]
                result = CliRunner().invoke(main, asked, catch_exceptions=False)
                assert result.exit_code == 0, result.output
                kept.write_text(result.stdout, "utf-8")
            return json.loads(kept.read_text("utf-8"))

        yield said


def pages() -> Iterator[str]:
    """Every kind of page that shows figures of a locked wave."""
    yield RESULTS
    yield f"{RESULTS}?definition=strict"
    yield f"{RESULTS}?plain=1"
    yield f"/staff/areas/{PLACE}"
    yield f"/staff/areas/{WHOLE}?span=quarter"
    yield f"/staff/areas/{PLACE}?span=year"
    for name in ("awareness", "satisfaction", "satisfaction_index", "env_living"):
        yield f"{RESULTS}/{name}"
    yield f"{RESULTS}/satisfaction?period=2026"
    yield f"{RESULTS}/satisfaction/trends"
    yield f"{RESULTS}/beside?a={PLACE}&b={OTHER}"
    yield f"{RESULTS}/questions/"
    for question, by in (("M0", ""), ("M0", "D2"), ("K2", "D1")):
        yield f"{RESULTS}/questions/{question}?by={by}"
    yield f"{RESULTS}/dissatisfaction"
    yield f"{RESULTS}/figures/{PLACE}/awareness"
    yield f"{RESULTS}/figures/{WHOLE}/satisfaction_index"
    yield f"{RESULTS}/weights"
    yield f"/public/{WAVE}"


def test_every_figure_is_the_one_the_commands_make_again(
    reader: FlaskClient, office: Office, facts: Facts
) -> None:
    with office.database.write() as session:
        public.publish(session, WAVE, "test", public=True)
    for language in ("zh", "en"):
        seen = 0
        for address in pages():
            found, faults = walk(reader, address, language, facts)
            assert not faults, f"{address}\n" + "\n".join(faults)
            assert found, address
            seen += found
        assert seen > 2500


def test_a_figure_without_a_path_is_found() -> None:
    page = Page("/", "<main><p>n=<data>5</data> 85.6%</p><table><tr><td>7</td></tr></table></main>")
    assert list(loose_figures(page.root)) == ["85.6%", "7"]


@pytest.mark.parametrize(
    ("table", "column", "address"),
    [(StoredEstimate, "estimate", RESULTS), (StoredRank, "rank_to", f"{RESULTS}/awareness")],
)
def test_an_altered_figure_is_found(
    reader: FlaskClient, office: Office, facts: Facts, table: Any, column: str, address: str
) -> None:
    with office.database.write() as session:
        place = areas.get(session, PLACE)
        of = (table.area_id == place.id, table.indicator == "awareness")
        value = getattr(table, column)
        kept = session.execute(sa.select(table.id, value).where(*of)).all()
        session.execute(sa.update(table).where(*of).values({column: value + (value > 1) + 0.01}))
    try:
        _found, faults = walk(reader, address, "zh", facts)
    finally:
        with office.database.write() as session:
            for row, was in kept:
                session.execute(sa.update(table).where(table.id == row).values({column: was}))
    assert any(f"{PLACE}/awareness/{column}" in fault for fault in faults), faults


def test_the_tables_to_take_away_hold_the_same(reader: FlaskClient, facts: Facts) -> None:
    rates = {(f["area"], f["indicator"]): f for f in rates_of(facts, WAVE, "sample")}
    ranks = {(one["area"], one["indicator"]): one for one in facts("rank", WAVE)["ranks"]}
    names = {"Weighted estimate": "estimate", "95% interval, lower": "lower",
             "95% interval, upper": "upper", "Standard error": "se"}  # fmt: skip
    rows = table(reader, f"{RESULTS}.csv")
    of_sample = [row for row in rows if row["Stream"] == "probability sample"]
    assert len(of_sample) == len(rates)
    for row in of_sample:
        one = rates[row["Area code"], row["Definition"].split()[0]]
        scale = 100 if one["kind"] == "rate" else 1
        for column, name in names.items():
            assert row[column] == exact(one[name], scale), (row, name)
        assert row["n, unweighted"] == str(one["n"])
        assert row["n, effective"] == exact(one["n_effective"], 1)
    for row in table(reader, f"{RESULTS}/awareness.csv"):
        one = ranks[row["Area code"], "awareness"]
        said = [row[name] for name in ("Rank", "Rank, from", "Rank, to")]
        assert said == [str(one[name] or "") for name in ("rank", "rank_from", "rank_to")]
        assert row["Weighted estimate"] == exact(rates[one["area"], "awareness"]["estimate"], 100)
    for row in table(reader, f"/staff/areas/{PLACE}.csv"):
        of_wave = {f["indicator"]: f for f in rates_of(facts, row["Wave"], "sample", PLACE)}
        one = of_wave[row["Definition"].split()[0]]
        assert row["Weighted estimate"] == exact(one["estimate"], 100)
    (asked,) = facts("tables", WAVE, "M0", "--by", "D2")
    shares = [share["share"] for group in asked["groups"] for share in group["shares"]]
    rows = table(reader, f"{RESULTS}/questions/M0.csv?by=D2")
    assert [row["Weighted share"] for row in rows] == [exact(share, 100) for share in shares]
    terms = [one for kind in ("who", "what") for one in facts("associations", WAVE)[kind]["terms"]]
    rows = table(reader, f"{RESULTS}/dissatisfaction.csv")
    found = [row["Dissatisfied, points more"] for row in rows]
    assert found == [exact(one["effect"], 100) for one in terms]


def test_the_charts_hold_the_same(reader: FlaskClient, facts: Facts) -> None:
    rates = {f["area"]: f for f in rates_of(facts, WAVE, "sample") if f["indicator"] == "awareness"}
    ranked = [one["area"] for one in facts("rank", WAVE, "--indicator", "awareness")["ranks"]]
    drawn = reader.get(f"{RESULTS}/awareness/ranks.json").get_json()
    dots, strokes = drawn["data"]
    assert dots["x"] == pytest.approx([rates[area]["estimate"] * 100 for area in ranked])
    assert dots["error_x"]["array"] == pytest.approx(
        [(rates[area]["upper"] - rates[area]["estimate"]) * 100 for area in ranked]
    )
    assert len(strokes["x"]) % 3 == 0
    trend = reader.get(f"/staff/areas/{PLACE}/awareness.json?span=quarter").get_json()
    pooled = facts("trend", "awareness", "--area", PLACE, "--span", "quarter")["points"]
    assert trend["data"][1]["y"] == pytest.approx([one["estimate"] * 100 for one in pooled])


# ---- the walk ------------------------------------------------------------------------------------


def walk(reader: FlaskClient, address: str, language: str, facts: Facts) -> tuple[int, list[str]]:
    """How many figures a page has, and what is wrong with them."""
    mark = "&" if "?" in address else "?"
    response = reader.get(f"{address}{mark}lang={language}")
    assert response.status_code == 200, address
    page = page_of(response)
    faults, found = [], 0
    for element in page.elements("data"):
        found += 1
        path, shown = element.get("value", ""), text_of(element).strip()
        expected = says(path, facts, language)
        if shown != expected:
            faults.append(f"{path} is shown as {shown}, and is {expected}")
    (content,) = page.elements("main")
    faults += [f"no path: {loose}" for loose in sorted(set(loose_figures(content)))]
    return found, faults


def loose_figures(element: Element, in_cell: bool = False) -> Iterator[str]:
    """Decimals anywhere, and any figure in a cell of a table, that carry no path."""
    if element.tag in SILENT or "steps" in (element.get("aria-labelledby") or ""):
        return
    if element.get("aria-labelledby") == "margins":
        return
    in_cell = in_cell or element.tag == "td"
    pattern = r".*\d.*" if in_cell else r".*\d\.\d.*"
    texts = [element.text or "", *(child.tail or "" for child in element)]
    for text in texts:
        yield from (one.strip() for one in re.findall(pattern, text))
    for child in element:
        yield from loose_figures(child, in_cell)


def says(path: str, facts: Facts, language: str) -> str:
    """What should stand under a path, by the commands' JSON."""
    kind, *rest = path.split("/")
    return {
        "rates": _rates, "compare": _compare, "rank": _rank, "trend": _trend, "groups": _groups,
        "tables": _tables, "test": _test, "associations": _associations, "beside": _beside,
    }[kind](facts, language, *rest)  # fmt: skip


def rates_of(facts: Facts, wave: str, stream: str, area: str = "") -> list[Mapping[str, Any]]:
    found = facts("rates", wave)
    assert not found["differences"]
    return [
        one for one in found["figures"] if one["stream"] == stream and area in ("", one["area"])
    ]


def rate(facts: Facts, stream: str, wave: str, area: str, indicator: str) -> Mapping[str, Any]:
    (found,) = [f for f in rates_of(facts, wave, stream, area) if f["indicator"] == indicator]
    return found


def _rates(facts: Facts, language: str, stream: str, wave: str, area: str, *rest: str) -> str:
    indicator, field, *mode = rest
    one = rate(facts, stream, wave, area, indicator)
    return _field({**one, **{f"modes {k}": n for k, n in one["modes"].items()}},
                  " ".join([field, *mode]), language)  # fmt: skip


def _field(one: Mapping[str, Any], field: str, language: str) -> str:
    scale = 100 if one.get("kind", "rate") == "rate" else 1
    lower, upper = ((one.get(end) or 0.0) * scale for end in ("lower", "upper"))
    if field == "half":
        return f"{(upper - lower) / 2:.1f}"
    if field == "interval":
        return f"{lower:.1f}–{upper:.1f}{'%' if scale == 100 else ''}"
    if field == "difference_interval":
        ends = [signed(one[f"difference_{end}"] * scale) for end in ("lower", "upper")]
        return between(ends, language)
    value = one[field]
    if value is None:
        return "–"
    if field in ("estimate", "unweighted", "with_excluded", "lower", "upper"):
        return f"{value * scale:.1f}"
    if field == "difference":
        return signed(value * scale)
    if field == "response_rate":
        return f"{value * 100:.1f}%"
    if field == "n_effective":
        return f"{math.floor(value):,}"
    return {"df": f"{value:g}", "deff": f"{value:.2f}"}.get(field) or f"{value:,.0f}"


def signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def between(ends: list[str], language: str) -> str:
    return f"{ends[0]}至{ends[1]}" if language == "zh" else f"{ends[0]} to {ends[1]}"


def _compare(facts: Facts, _language: str, before: str, wave: str, *rest: str) -> str:
    area, indicator, field = rest
    changes = facts("compare", before, wave, "--by", "community")["changes"]
    (one,) = [c for c in changes if (c["area"], c["indicator"]) == (area, indicator)]
    points = one["adjusted" if field == "adjusted" else "change"]
    points *= 100 if one["kind"] == "rate" else 1
    return f"{abs(points):.1f}" if field == "size" else signed(points)


def _rank(facts: Facts, language: str, wave: str, area: str, indicator: str, field: str) -> str:
    code, _, period = wave.partition(":")
    ranks = facts("rank", code, *(["--period", period] if period else []))["ranks"]
    (one,) = [r for r in ranks if (r["area"], r["indicator"]) == (area, indicator)]
    bands = {"upper": ("上档", "upper band"), "middle": ("中档", "middle band"),
             "lower": ("下档", "lower band")}  # fmt: skip
    return bands[one["band"]][language == "en"] if field == "band" else str(one[field])


def _trend(facts: Facts, language: str, span: str, area: str, *rest: str) -> str:
    indicator, period, field = rest
    points = facts("trend", indicator, "--area", area, "--span", span)["points"]
    (one,) = [point for point in points if point["period"] == period]
    return _field(one, field, language)


def _groups(facts: Facts, language: str, wave: str, area: str, *rest: str) -> str:
    *key, field = rest
    (one,) = [
        group
        for group in facts("tables", wave, "--groups")
        if [group[n] for n in ("area", "indicator", "variable", "category")] == [area, *key]
    ]
    return _field(one, field, language)


def _tables(facts: Facts, language: str, wave: str, question: str, by: str, *rest: str) -> str:
    group, answer, field = rest
    made = facts("tables", wave, question, "--by", by) if by else facts("tables", wave)
    (asked,) = [one for one in made if one["question"] == question]
    (of_group,) = [one for one in asked["groups"] if one["code"] == group]
    if not answer:
        return f"{of_group[field]:,}"
    (share,) = [one for one in of_group["shares"] if one["answer"] == answer]
    if field == "n":
        return f"{share['n']:,}"
    told = field == "unweighted" and question == "I1"
    return f"{share[field] * 100:.1f}" + ("%" if told else "")


def _test(facts: Facts, _language: str, wave: str, question: str, by: str, *rest: str) -> str:
    answer, field = rest
    (made,) = facts("tables", wave, question, "--by", by)
    (one,) = [test for test in made["tests"] if test["answer"] == answer]
    value = one[field]
    if field in ("p", "p_holm"):
        return "< 0.001" if value < 0.001 else f"{value:.3f}"
    digits = {"f": 2, "df1": 1}.get(field, 0)
    return f"{value:,.{digits}f}"


def _associations(facts: Facts, language: str, wave: str, kind: str, *rest: str) -> str:
    variable, code, field = rest
    model = facts("associations", wave)[kind]
    if not variable:
        return f"{model[field]:,}"
    (one,) = [t for t in model["terms"] if (t["variable"], t["code"]) == (variable, code)]
    if field == "n":
        return f"{one['n']:,}"
    if field == "interval":
        return between([signed(one[end] * 100) for end in ("lower", "upper")], language)
    return f"{abs(one['effect']) * 100:.1f}" if field == "size" else signed(one["effect"] * 100)


def _beside(facts: Facts, _language: str, wave: str, first: str, second: str, *rest: str) -> str:
    """Welch's interval, worked out from the standard errors of ``minyi rates``."""
    indicator, field = rest
    a, b = (rate(facts, "sample", wave, area, indicator) for area in (first, second))
    scale = 100 if a["kind"] == "rate" else 1
    se = math.hypot(a["se"], b["se"])
    df = se**4 / (a["se"] ** 4 / a["df"] + b["se"] ** 4 / b["df"])
    reach = stats.t.ppf(0.975, df) * se
    gap = a["estimate"] - b["estimate"]
    return signed({"difference": gap, "lower": gap - reach, "upper": gap + reach}[field] * scale)


# ---- tables to take away -------------------------------------------------------------------------


def table(reader: FlaskClient, address: str) -> list[dict[str, str]]:
    response = reader.get(f"{address}{'&' if '?' in address else '?'}lang=en")
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True).lstrip("\ufeff"))))


def exact(value: float | None, scale: float) -> str:
    return "" if value is None else f"{value * scale:.6g}"
