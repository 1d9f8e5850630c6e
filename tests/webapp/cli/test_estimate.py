"""``minyi estimate``: figures of any file, and plain words for what is wrong with it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from webapp.cli.estimate import estimate

GOLDEN = Path(__file__).parents[2] / "analysis" / "golden"
SCHOOLS = str(GOLDEN / "apistrat.csv")
DESIGN = ["--strata", "stype", "--weights", "pw", "--fpc", "fpc"]


def run(*arguments):
    return CliRunner().invoke(estimate, list(map(str, arguments)))


def test_json_says_the_design_and_the_estimates():
    done = run(
        SCHOOLS, *DESIGN, "--rate", "sch.wide=Yes", "--by", "stype", "--df", 197, "--format", "json"
    )
    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    assert said["design"]["strata"] == ["stype"]
    assert said["design"]["df"] == 197
    first = said["estimates"][0]
    assert list(first) == [
        "statistic", "variable", "by", "estimate", "se", "ci", "df", "n", "n_effective", "deff",
        "verdict",
    ]  # fmt: skip
    assert first["by"] == {"stype": "E"}
    assert first["estimate"] == pytest.approx(0.91)
    assert first["ci"] == pytest.approx([0.8360244788224, 0.9524985849558])
    assert [one["verdict"] for one in said["estimates"]] == ["undecided", "not_met", "not_met"]


def test_csv_has_one_line_for_each_figure():
    done = run(SCHOOLS, *DESIGN, "--mean", "api00", "--total", "enroll", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.output)))
    assert [(row["statistic"], row["variable"]) for row in rows] == [
        ("mean", "api00"), ("total", "enroll"),
    ]  # fmt: skip
    assert float(rows[1]["se"]) == pytest.approx(114641.71610078)


def test_the_table_shows_the_ratio():
    done = run(SCHOOLS, *DESIGN, "--ratio", "api.stu/enroll", "--where", "stype=E,M")
    assert "api.stu/enroll" in done.output


def test_the_stages_repeat():
    done = run(
        GOLDEN / "apiclus2.csv", "--psu", "dnum", "--psu", "snum", "--fpc", "fpc1", "--fpc", "fpc2",
        "--mean", "api00", "--format", "json",
    )  # fmt: skip
    assert json.loads(done.output)["estimates"][0]["se"] == pytest.approx(30.099027376837)


def test_codes_stay_as_they_were_typed(tmp_path):
    file = tmp_path / "codes.csv"
    file.write_text("area,knows\n01,1\n01,0\n1,1\n1,\n", encoding="utf-8")
    done = run(file, "--rate", "knows", "--by", "area", "--format", "json")
    by = {one["by"]["area"]: one["n"] for one in json.loads(done.output)["estimates"]}
    assert by == {"01": 2, "1": 1}


def test_a_file_from_an_old_spreadsheet_is_read(tmp_path):
    file = tmp_path / "gbk.csv"
    file.write_bytes("社区,知晓\n东村,1\n西村,0\n".encode("gb18030"))
    done = run(file, "--rate", "知晓", "--by", "社区", "--format", "json")
    assert [one["by"]["社区"] for one in json.loads(done.output)["estimates"]] == ["东村", "西村"]


@pytest.fixture
def margins(tmp_path):
    path = tmp_path / "margins.csv"
    path.write_text(
        "variable,category,total\nstype,E,4421\nstype,H,755\nstype,M,1018\n"
        "sch.wide,No,1072\nsch.wide,Yes,5122\n"
    )
    return path


CLUSTERS = [GOLDEN / "apiclus1.csv", "--psu", "dnum", "--weights", "pw", "--fpc", "fpc"]


@pytest.mark.parametrize(
    ("more", "se"),
    [
        ([], 0.01615917783822),
        (["--calibrate", "linear"], 0.01641838893581),
        (["--calibrate", "logit", "--bounds", "0.5,3"], 0.01625342332119),
        (["--replicates", "jk1"], 0.01670901831875),
    ],
)
def test_weights_are_calibrated_to_a_file_of_margins(margins, more, se):
    done = run(*CLUSTERS, "--margins", margins, *more, "--rate", "comp.imp=Yes", "--format", "json")
    said = json.loads(done.output)
    assert said["design"]["calibrated_to"] == ["stype", "sch.wide"]
    assert said["estimates"][0]["se"] == pytest.approx(se, rel=1e-6)


def test_margins_may_be_crossed_numeric_and_trimmed(tmp_path):
    path = tmp_path / "margins.csv"
    path.write_text(
        "variable,category,total\n,,6194\nsch.wide*awards,No*No,1072\n"
        "sch.wide*awards,Yes*No,1122\nsch.wide*awards,Yes*Yes,4000\napi99,,3914069\n"
    )
    done = run(
        *CLUSTERS, "--margins", path, "--trim", "10,70", "--mean", "api99", "--format", "json"
    )
    assert json.loads(done.output)["estimates"][0]["estimate"] == pytest.approx(3914069 / 6194)


def test_replicates_quantiles_families_and_design_effects():
    done = run(
        *CLUSTERS, "--replicates", "bootstrap:50", "--seed", 5, "--rate", "sch.wide=Yes",
        "--quantile", "api00=0.5", "--by", "stype", "--adjust", "holm", "--deff",
        "--format", "json",
    )  # fmt: skip
    said = json.loads(done.output)["estimates"]
    assert {"deff_replace", "cv", "verdict_adjusted", "p_adjusted"} <= set(said[0])
    assert [one["estimate"] for one in said if one["statistic"] == "quantile"] == [652, 608, 642]
    for form in ("table", "csv"):
        assert "median" not in run(*CLUSTERS, "--quantile", "api00", "--format", form).output


def test_replicate_weights_of_the_data_are_read_in_rs_terms(margins):
    """R: svrepdesign(repweights="rep[0-9]+", type="JK1", scale=…), then rake(); see survey.R."""
    golden = json.loads((GOLDEN / "survey.json").read_text())["given"]
    given = [
        GOLDEN / "replicated.csv", "--weights", "pw", "--repweights", "rep*", "--mean", "api00",
        "--format", "json",
    ]  # fmt: skip
    rscales = ",".join(str(i / 10) for i in range(1, 16))
    for way, options in {
        "plain": ["--rep-type", "jk1", "--rep-scale", golden["scale"]],
        "mse": ["--rep-type", "jk1", "--rep-scale", golden["scale"], "--mse"],
        "other": ["--rep-rscales", rscales],
        "raked": ["--rep-type", "jk1", "--rep-scale", golden["scale"], "--margins", margins],
    }.items():
        said = json.loads(run(*given, *options).output)
        assert said["design"]["replicates"] == "15 given"
        assert said["estimates"][0]["se"] == pytest.approx(golden[way]["mean"]["se"], rel=1e-6)
        assert said["estimates"][0]["df"] == 14


def test_what_is_wrong_is_said_in_chinese_to_a_chinese_reader(monkeypatch):
    monkeypatch.setenv("MINYI_LANG", "zh")
    done = run(SCHOOLS, "--rate", "api00")
    assert done.exit_code == 1
    assert done.output == (
        "错误：api00 不是 0/1 列：第 1, 2, 3, 4, 5 行及另外 195 行。请写明哪些代码算数。\n"
    )


@pytest.mark.parametrize("engine", ["numpy", "duckdb"])
def test_engines_and_unequal_probabilities(engine):
    done = run(
        GOLDEN / "election.csv", "--fpc", "p", "--pps", "brewer", "--engine", "numpy",
        "--ratio", "Bush/votes", "--format", "json",
    )  # fmt: skip
    assert json.loads(done.output)["estimates"][0]["se"] == pytest.approx(0.0210640941568023)
    done = run(*CLUSTERS, "--engine", engine, "--mean", "api00", "--format", "json")
    assert json.loads(done.output)["estimates"][0]["se"] == pytest.approx(23.542240693781)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("variable,total\nstype,3\n", "column category is missing"),
        ("variable,category,total\nstype,E,many\n", "line 2: the total 'many' is no number"),
        ("variable,category,total\nstype,E,1\nstype,E,2\n", "line 3: stype E stands there twice"),
        ("variable,category,total\nstype,E,1\n", "Margin stype has no total for H"),
    ],
)
def test_what_is_wrong_with_margins_is_said(tmp_path, content, said):
    path = tmp_path / "margins.csv"
    path.write_text(content)
    done = run(*CLUSTERS, "--margins", path, "--mean", "api00")
    assert done.exit_code == 1
    assert said in done.output


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--rate", "nobody"], 1, "There is no column nobody; there are cds, stype"),
        (["--rate", "api00"], 1, "api00 is no 0/1 column: rows 1, 2, 3, 4, 5 and 195 more"),
        (["--mean", "stype"], 1, "Column stype must hold numbers; rows 1, 2, 3"),
        (["--strata", "dnum", "--mean", "api00"], 1, "has a single sampling unit at stage 1: row"),
        ([], 2, "Say what to estimate"),
        (["--ratio", "api00"], 2, "not of the form NUM/DEN"),
        (["--where", "stype", "--mean", "api00"], 2, "not of the form VAR=CODE"),
        (["--replicates", "fay", "--mean", "api00"], 2, "not one of jk1|jkn|brr|fay:R"),
        (["--bounds", "2,1", "--mean", "api00"], 2, "LO below HI"),
        (["--quantile", "api00=half"], 2, "not of the form VAR=P,P"),
        (["--quantile", "api00=2"], 1, "probabilities between 0 and 1"),
        (["--df", "many", "--mean", "api00"], 2, "neither auto nor a number"),
        (["--repweights", "r*", "--mean", "api00"], 1, "No column fits r*"),
        (["--repweights", "a*", "--rep-type", "fay", "--mean", "api00"], 2, "not one of jk1|jkn"),
        (["--repweights", "a*", "--replicates", "jkn", "--mean", "api00"], 2, "not both"),
        (["--repweights", "a*", "--rep-rscales", "x", "--mean", "api00"], 2, "form A,B"),
    ],
)
def test_what_is_wrong_is_said(arguments, status, said):
    done = run(SCHOOLS, *arguments)
    assert done.exit_code == status
    assert said in done.output


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("data.csv", "w,y\n1,1\nheavy,0\n", "Column w must hold numbers; row 2: text"),
        ("data.csv", "w,y\n1,1\n0,0,0\n", "data.csv: CSV parse error"),
        ("data.csv", "w,w\n1,1\n", "data.csv: column w stands there twice"),
        ("data.csv", "", "data.csv: Empty CSV file"),
        ("data.txt", "w,y\n", "data.txt: only .csv, .parquet, .sav, .dta files can be read"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path, name, content, said):
    (tmp_path / name).write_text(content, encoding="utf-8")
    done = run(tmp_path / name, "--weights", "w", "--rate", "y")
    assert done.exit_code == 1
    assert said in done.output


def test_estimating_loads_neither_flask_nor_a_database():
    code = "import sys, webapp.cli.estimate; print({'flask', 'sqlalchemy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
