"""Papers hold the stored figures, in the forms that offices open."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import sqlalchemy as sa
from docx import Document
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from surveys import printing, waves
from surveys.areas import Area
from surveys.office import Office
from surveys.problems import Refused
from surveys.responses import Response
from surveys.results import estimates, periods, rankings
from surveys.results.breakdowns import StoredTable
from surveys.results.figures import Figure
from tests.support.fieldwork import WAVE, Fieldwork
from webapp import reports
from webapp.reports import HOUSE, chinese, material, sheets, technical

HEADLINE = ("awareness", "support", "participation", "satisfaction")


@pytest.fixture
def figures(office: Office) -> dict[tuple[str, str], Figure]:
    """The stored figures of the sample by indicator and area."""
    with office.database.read() as session:
        stored = estimates.of_wave(session, waves.get(session, WAVE))
    return {(f.indicator, f.area): f for f in stored if f.stream == "sample"}


def pages(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def percent(share: float | None) -> str:
    assert share is not None
    return f"{share * 100:.1f}%"


def test_the_bulletin_says_the_stored_rates_and_verdicts(office, figures) -> None:
    document = Document(io.BytesIO(reports.make(office, "bulletin", WAVE)))
    said = "\n".join(paragraph.text for paragraph in document.paragraphs)
    pooled, appended = document.tables
    rows = {row.cells[0].text: [cell.text for cell in row.cells] for row in pooled.rows}
    for name, label in zip(HEADLINE, ("知晓率", "支持率", "参与率", "满意率"), strict=True):
        figure = figures[name, "township"]
        assert percent(figure.estimate) in rows[label][1]
        assert rows[label][2] == f"{figure.lower * 100:.1f}–{figure.upper * 100:.1f}%"
        assert rows[label][3] == str(figure.n)
        assert rows[label][6] == chinese.verdict(figure.verdict)
        assert f"{label}{percent(figure.estimate)}" in said
    names = [row.cells[0].text for row in appended.rows]
    assert names == ["单位", "东村社区", "西村社区", "河口镇"]
    assert f"minyi rates {WAVE}" in said
    assert "{{" not in said
    assert "{%" not in said


def test_the_bulletin_keeps_the_page_of_the_standard(office) -> None:
    """GB/T 9704: a type area of 156 × 225 mm; 22 lines of 28 characters."""
    section = Document(io.BytesIO(reports.make(office, "bulletin", WAVE))).sections[0]
    width = section.page_width - section.left_margin - section.right_margin
    height = section.page_height - section.top_margin - section.bottom_margin
    assert width / 36000 == pytest.approx(156, abs=0.2)
    assert height / 36000 == pytest.approx(225, abs=0.2)
    grid = section._sectPr.find("{*}docGrid")
    pitch = next(int(value) for key, value in grid.attrib.items() if key.endswith("linePitch"))
    assert int(height / 635 / pitch) == 22
    assert (width / 12700) / (16 - 4 / 20) == pytest.approx(28, abs=0.1)


def test_the_ranking_table_holds_numbers_that_can_be_calculated_with(office, figures) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(reports.make(office, "ranking", WAVE)))
    rows = {row[0]: row for row in book.get_sheet_by_name("排名表").to_python()}
    for area, name in (("east", "东村社区"), ("west", "西村社区"), ("township", "河口镇")):
        for at, indicator in enumerate(HEADLINE):
            figure = figures[indicator, area]
            column = rows["单位"].index("知晓率") + 3 * at
            assert rows[name][column] == pytest.approx(figure.estimate, rel=1e-14)
            assert rows[name][column + 2] == chinese.verdict(figure.verdict)
    assert "知晓率" in book.sheet_names
    assert "口径" in book.sheet_names


def test_the_sheet_of_a_rate_ranks_as_stored(office) -> None:
    with office.database.read() as session:
        ranks = rankings.of(session, waves.get(session, WAVE), "awareness")
    book = CalamineWorkbook.from_filelike(io.BytesIO(reports.make(office, "ranking", WAVE)))
    head, *rows = book.get_sheet_by_name("知晓率").to_python()[2:]
    said = {row[head.index("单位")]: row for row in rows}
    heights = [row[head.index("知晓率")] for row in rows]
    assert heights == sorted(heights, reverse=True)
    for rank in ranks:
        row = said[{"east": "东村社区", "west": "西村社区"}[rank.area]]
        interval = "" if rank.rank is None else chinese.ranks(rank.rank_from, rank.rank_to)
        assert row[head.index("排名区间")] == interval
        assert row[head.index("档次")] == chinese.BANDS.get(rank.band or "", "")


def test_the_quarter_and_the_year_have_sheets_with_ranks_of_their_own(township: Office) -> None:
    wave = "2026-09"
    with township.database.read() as session:
        one = waves.get(session, wave)
        pooled = {
            (p.area, p.indicator): p for p in periods.as_of(session, one) if p.period == "2026"
        }
        ranks = {(r.area, r.indicator): r for r in rankings.of_wave(session, one, "2026")}
        names = {a.name_zh: a.code for a in session.scalars(sa.select(Area))}
    book = CalamineWorkbook.from_filelike(io.BytesIO(reports.make(township, "ranking", wave)))
    _title, note, head, *rows = book.get_sheet_by_name("2026年").to_python()
    assert "2026-03、2026-06、2026-09" in note[0]
    assert "2026年第三季度" not in book.sheet_names  # it pools the wave alone
    for row in rows:
        for at, indicator in enumerate(HEADLINE):
            column = head.index("知晓率") + 6 * at
            figure = pooled[names[row[0]], indicator]
            assert row[column] == pytest.approx(figure.estimate, rel=1e-14)
            assert row[column + 2] == chinese.verdict(figure.verdict)
            rank = ranks.get((names[row[0]], indicator))
            ranked = rank is not None and rank.rank_from is not None
            assert row[column + 5] == (
                chinese.ranks(rank.rank_from, rank.rank_to) if ranked else ""
            )


def test_the_papers_of_a_whole_township_hold_every_stored_figure(township: Office) -> None:
    wave = "2026-09"
    with township.database.read() as session:
        stored = estimates.of_wave(session, waves.get(session, wave))
        codes = {a.name_zh: a.code for a in session.scalars(sa.select(Area))}
    found = {(f.indicator, f.area): f for f in stored if f.stream == "sample"}
    document = Document(io.BytesIO(reports.make(township, "bulletin", wave)))
    rows = [[cell.text for cell in row.cells] for row in document.tables[1].rows][1:]
    assert len(rows) == 16
    for name, response, *cells in rows:
        assert response == percent(found["awareness", codes[name]].response_rate)
        for indicator, cell in zip(HEADLINE, cells, strict=True):
            figure = found[indicator, codes[name]]
            half = (figure.upper - figure.lower) / 2 * 100
            said = f"{percent(figure.estimate)}±{half:.1f}\n{chinese.verdict(figure.verdict)}"
            assert cell.startswith(said)
    book = CalamineWorkbook.from_filelike(io.BytesIO(reports.make(township, "ranking", wave)))
    for indicator, label in zip(HEADLINE, ("知晓率", "支持率", "参与率", "满意率"), strict=True):
        head, *lines = book.get_sheet_by_name(label).to_python()[2:]
        assert len(lines) == 15
        for line in lines:
            figure = found[indicator, codes[line[head.index("单位")]]]
            ends = [line[head.index(name)] for name in (label, "下限", "上限")]
            kept = [figure.estimate, figure.lower, figure.upper]
            assert ends == pytest.approx(kept, rel=1e-14)
    every = PdfReader(io.BytesIO(reports.make(township, "sheets", wave))).pages
    assert len(every) == 15
    for page, (name, *_rest) in zip(every, rows, strict=False):
        said = page.extract_text()
        assert name in said
        for indicator in HEADLINE:
            assert percent(found[indicator, codes[name]].estimate) in said


def test_a_name_that_looks_like_a_formula_stays_a_text(office) -> None:
    formula = '=HYPERLINK("http://evil.example","看")'
    with office.database.write() as session:
        session.execute(sa.update(Area).where(Area.code == "east").values(name_zh=formula))
    made = reports.make(office, "ranking", WAVE)
    book = CalamineWorkbook.from_filelike(io.BytesIO(made))
    assert formula in [row[0] for row in book.get_sheet_by_name("排名表").to_python()]
    document = Document(io.BytesIO(reports.make(office, "bulletin", WAVE)))
    assert formula in [row.cells[0].text for row in document.tables[1].rows]


def test_a_name_cannot_write_the_markup_of_a_document(office) -> None:
    with office.database.write() as session:
        session.execute(sa.update(Area).where(Area.code == "east").values(name_zh="<w:p/>{{7*7}}&"))
    document = Document(io.BytesIO(reports.make(office, "bulletin", WAVE)))
    assert "<w:p/>{{7*7}}&" in [row.cells[0].text for row in document.tables[1].rows]
    assert "<w:p/>{{7*7}}&" in pages(reports.make(office, "sheets", WAVE, "east"))


def test_a_community_sheet_is_one_page_with_its_figures(office, figures) -> None:
    made = reports.make(office, "sheets", WAVE, "west")
    assert len(PdfReader(io.BytesIO(made)).pages) == 1
    said = pages(made)
    assert "西村社区" in said
    for indicator in HEADLINE:
        assert percent(figures[indicator, "west"].estimate) in said
    every = PdfReader(io.BytesIO(reports.make(office, "sheets", WAVE)))
    assert len(every.pages) == 2


def test_a_sheet_has_the_newest_comments_masked_and_without_markup(office) -> None:
    said = "路灯坏了\n#panic()[*x*]<script>，电话13800138000，🙂" + "长" * 300
    with office.database.write() as session:
        for response in session.scalars(
            sa.select(Response).join(Area, Area.id == Response.community_id).where(
                Area.code == "west", Response.eligible
            )
        ):  # fmt: skip
            response.answers = response.answers | {"O1": said}
    made = reports.make(office, "sheets", WAVE, "west")
    assert len(PdfReader(io.BytesIO(made)).pages) == 1
    page = pages(made).replace("\n", "")
    assert "路灯坏了 #panic()[*x*]<script>，电话＊＊〓长" in page
    assert "138" not in page
    assert page.count("路灯坏了") == sheets.COMMENTS


def test_the_technical_report_holds_every_figure_and_how_to_make_it_again(office, figures) -> None:
    said = pages(reports.make(office, "technical", WAVE)).replace("\n", "")
    for figure in figures.values():
        if figure.estimate is not None and figure.kind == "rate":
            assert percent(figure.estimate) in said, figure
    for phrase in (f"minyi replay {WAVE}", "RR2", "AAPOR", "随机种子", "快照校验和"):
        assert phrase in said
    with office.database.read() as session:
        asked = session.scalars(sa.select(StoredTable).where(StoredTable.crossed_by == "")).all()
    shares = [one for table in asked for one in table.content["groups"][0]["shares"]]
    assert len(shares) > 50
    for share in shares:
        assert percent(share["share"]) in said
        assert percent(share["unweighted"]) in said


def test_papers_lack_no_character(printed: Fieldwork) -> None:
    with printed.office.database.read() as session:
        found = material.of_wave(session, waves.get(session, WAVE))
    contents = (sheets.content(found, found.places), technical.content(found))
    said = str(contents) + "".join(file.read_text("utf-8") for file in HOUSE.glob("*.typ"))
    assert printing.unprintable(said) == ""


def test_an_open_wave_has_a_weekly_report_and_no_rates(office) -> None:
    with office.database.write() as session:
        session.execute(sa.update(waves.Wave).values(state="open", closed_at=None))
    document = Document(io.BytesIO(reports.make(office, "weekly", WAVE)))
    said = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "锁定之前不计算、不公布任何比率" in said
    assert [row.cells[0].text for row in document.tables[0].rows][1:] == ["东村社区", "西村社区"]
    for name in set(reports.PAPERS) - {"weekly"}:
        with pytest.raises(Refused, match="only locked measurements go on paper"):
            reports.make(office, name, WAVE)


def test_a_template_of_the_office_comes_before_ours(office) -> None:
    copied = reports.copy_templates(office)
    assert {file.name for file in copied} == {file.name for file in HOUSE.iterdir()}
    own = office.data / "templates" / "community.typ"
    own.write_text('#import "house.typ": *\n= 本办自己的单页 #(all.sheets.first().name)', "utf-8")
    assert "本办自己的单页" in pages(reports.make(office, "sheets", WAVE, "east"))
    assert reports.copy_templates(office) == []


def test_a_broken_template_is_named_with_its_fault(office) -> None:
    reports.copy_templates(office)
    (office.data / "templates" / "technical.typ").write_text("#let x = (", "utf-8")
    with pytest.raises(Refused, match=r"The template technical\.typ cannot be filled: "):
        reports.make(office, "technical", WAVE)
    document = Document(str(HOUSE / "bulletin.docx"))
    document.paragraphs[0].text = "{{ nobody_knows }}"
    document.save(str(office.data / "templates" / "bulletin.docx"))
    with pytest.raises(Refused, match=r"bulletin\.docx cannot be filled: 'nobody_knows'"):
        reports.make(office, "bulletin", WAVE)


def test_a_template_of_the_office_cannot_reach_into_the_program(office) -> None:
    reports.copy_templates(office)
    document = Document(str(HOUSE / "bulletin.docx"))
    document.paragraphs[0].text = "{{ ''.__class__.__mro__ }}"
    document.save(str(office.data / "templates" / "bulletin.docx"))
    with pytest.raises(Refused, match="unsafe"):
        reports.make(office, "bulletin", WAVE)


def test_an_unknown_paper_is_refused_with_those_there_are(office) -> None:
    with pytest.raises(Refused, match="no paper poem; there are: bulletin, ranking"):
        reports.make(office, "poem", WAVE)
    with pytest.raises(Refused):
        reports.make(office, "sheets", WAVE, "nowhere")


def test_the_house_s_word_templates_are_those_their_maker_makes(
    tmp_path: Path, monkeypatch
) -> None:
    from tests.support import paper_templates

    monkeypatch.setattr(paper_templates, "FOLDER", tmp_path)
    paper_templates.bulletin()
    paper_templates.weekly()
    for file in tmp_path.iterdir():
        made, kept = (Document(str(folder / file.name)) for folder in (tmp_path, HOUSE))
        assert made.element.xml == kept.element.xml
