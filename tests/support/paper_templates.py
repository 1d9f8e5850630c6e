"""Makes the house's Word templates: ``python -m tests.support.paper_templates``.

The page follows GB/T 9704: A4, a type area of 156 × 225 mm, 22 lines of 28 characters, the title
in 小标宋 of size 2, the text in 仿宋 of size 3, headings in 黑体, page numbers outside. The fonts
that the standard names are not free; the font table names free ones to fall back to.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

FOLDER = Path(__file__).parents[2] / "webapp" / "reports" / "templates"
LINE = 579  # twentieths of a point: 22 lines in 225 mm
CLOSER = -4  # twentieths of a point between characters of 16: 28 of them in 156 mm
SONG, FANG, HEI, KAI = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
FALLBACKS = {
    SONG: "方正小标宋_GBK;FZXiaoBiaoSong-B05S;Noto Serif CJK SC;SimSun;宋体",
    FANG: "仿宋;FangSong;STFangsong;FandolFang R;Noto Serif CJK SC",
    HEI: "SimHei;Noto Sans CJK SC;WenQuanYi Zen Hei",
    KAI: "楷体;KaiTi;STKaiti;FandolKai;Noto Serif CJK SC",
}
RED = RGBColor(0xC0, 0x14, 0x14)


class Paper:
    """A document of the standard's page, written from the top to the bottom."""

    def __init__(self, head: str, number: str) -> None:
        self.document = Document()
        self._page()
        self._fonts()
        self.line(head, SONG, 30, centred=True, colour=RED)
        self.line(number, FANG, 16, centred=True, ruled=True)

    def _page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(25.9)
        section.footer_distance = Mm(28)
        grid = OxmlElement("w:docGrid")
        grid.set(qn("w:type"), "lines")
        grid.set(qn("w:linePitch"), str(LINE))
        for old in section._sectPr.findall(qn("w:docGrid")):
            section._sectPr.remove(old)
        section._sectPr.append(grid)
        self.document.settings.odd_and_even_pages_header_footer = True
        _page_number(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
        _page_number(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)

    def _fonts(self) -> None:
        normal = self.document.styles["Normal"]
        normal.font.name, normal.font.size = "Times New Roman", Pt(16)
        normal.element.rPr.rFonts.set(qn("w:eastAsia"), FANG)
        normal.paragraph_format.line_spacing = 1.0
        normal.paragraph_format.space_after = Pt(0)
        # A grid of characters means something else in every program; spacing does not.
        spacing = OxmlElement("w:spacing")
        spacing.set(qn("w:val"), str(CLOSER))
        normal.element.rPr.append(spacing)
        table = next(
            part for part in self.document.part.package.iter_parts()
            if str(part.partname) == "/word/fontTable.xml"
        )  # fmt: skip
        fonts = "".join(
            f'<w:font w:name="{name}"><w:altName w:val="{others.split(";")[0]}"/>'
            f'<w:charset w:val="86"/></w:font>'
            for name, others in FALLBACKS.items()
        )
        table._blob = table.blob.replace(b"</w:fonts>", fonts.encode() + b"</w:fonts>")

    def line(self, text: str, font: str, size: float, **looks: Any) -> Paragraph:
        paragraph = self.document.add_paragraph()
        run = paragraph.add_run(text)
        _font(run, font, size)
        if looks.get("colour") is not None:
            run.font.color.rgb = looks["colour"]
        form = paragraph.paragraph_format
        form.space_before = form.space_after = Pt(0)
        if looks.get("centred"):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if looks.get("right"):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        if looks.get("indent"):
            form.first_line_indent = Pt(32)
        if size > 20:
            form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.AT_LEAST, Pt(size * 1.5)
        if looks.get("ruled"):
            _rule(paragraph)
        return paragraph

    def title(self, text: str) -> None:
        self.line("", FANG, 16)
        self.line(text, SONG, 22, centred=True)
        self.line("", FANG, 16)

    def heading(self, text: str) -> None:
        self.line(text, HEI, 16, indent=True).paragraph_format.keep_with_next = True

    def text(self, text: str) -> None:
        self.line(text, FANG, 16, indent=True)

    def tag(self, tag: str) -> None:
        """A paragraph that only steers the template and is gone afterwards."""
        self.line("{%p " + tag + " %}", FANG, 16)

    def table(self, widths: list[float], head: list[str], each: str, row: list[str]) -> None:
        """A table with a row for each of a list, its head repeated on every page."""
        table = self.document.add_table(rows=4, cols=len(head))
        table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        lines = (head, ["{%tr for " + each + " %}"], row, ["{%tr endfor %}"])
        for cells, texts in zip(table.rows, lines, strict=True):
            for at, width in enumerate(widths):
                cell = cells.cells[at]
                cell.width = Mm(width)
                paragraph = cell.paragraphs[0]
                paragraph.alignment = (
                    WD_ALIGN_PARAGRAPH.LEFT if at == 0 else WD_ALIGN_PARAGRAPH.CENTER
                )
                form = paragraph.paragraph_format
                form.space_before = form.space_after = Pt(2)
                form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(15)
                off = OxmlElement("w:snapToGrid")
                off.set(qn("w:val"), "0")
                paragraph._p.get_or_add_pPr().append(off)
                for part, text in enumerate(texts[at].split("\n") if at < len(texts) else []):
                    run = paragraph.add_run(text)
                    _font(run, HEI if texts is head else FANG, 10.5)
                    if part < texts[at].count("\n"):
                        run.add_break()
        repeated = OxmlElement("w:tblHeader")
        table.rows[0]._tr.get_or_add_trPr().append(repeated)
        self.line("", FANG, 10.5)

    def save(self, name: str) -> None:
        core = self.document.core_properties
        core.author, core.comments, core.title = "", "", ""
        FOLDER.mkdir(exist_ok=True)
        self.document.save(str(FOLDER / name))


def _font(run: Run, font: str, size: float) -> None:
    run.font.size = Pt(size)
    run.font.name = "Times New Roman"
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _rule(paragraph: Paragraph) -> None:
    """The red line under the head."""
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "18"), ("space", "6"), ("color", "C01414")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().append(borders)


def _page_number(paragraph: Paragraph, side: Any) -> None:
    paragraph.alignment = side
    for kind, text in ((None, "— "), ("begin", ""), ("code", "PAGE"), ("end", ""), (None, " —")):
        run = paragraph.add_run(text if kind is None else "")
        _font(run, "宋体", 14)
        if kind in {"begin", "end"}:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        elif kind == "code":
            code = OxmlElement("w:instrText")
            code.text = text
            run._r.append(code)


def bulletin() -> None:
    """通报: what a wave found."""
    paper = Paper("{{ sponsor or '（发文机关）' }}", "{{ '（发文字号）' }}")
    paper.title("关于{{ place }}{{ month }}文明城市创建民意测评情况的通报")
    paper.tag("if synthetic")
    paper.line("（演示数据，不是真实情况）", KAI, 16, centred=True)
    paper.tag("endif")
    paper.text(
        "现将{{ place }}{{ month }}民意测评情况通报如下。文中各项比率均来自概率抽样住户，"
        "“±”和区间只反映抽样误差。"
    )
    for part in (_basis, _results, _problems, _demands):
        part(paper)
    paper.save("bulletin.docx")


def _basis(paper: Paper) -> None:
    paper.heading("一、基本情况")
    paper.text("（一）时间和范围。{{ fieldwork }}，覆盖{{ communities }}个社区（村）。")
    paper.text(
        "（二）方法。以住户地址册为抽样框，按社区（村）和住房类型分层，随机抽取住户，"
        "每户由一名18周岁以上常住成年人回答；抽中的住户不替换。开放链接的答卷单独存放，"
        "不计入本通报的比率。"
    )
    paper.text(
        "（三）样本和应答。发放{{ released }}户，应访{{ due }}户，完成{{ complete }}户，"
        "拒访{{ refused }}户，多次无人{{ nobody }}户，不合格{{ ineligible }}户，"
        "应答率（AAPOR RR2）{{ response }}。作答方式："
        "{% for mode in modes %}{{ mode.name }}{{ mode.count }}人"
        "{% if not loop.last %}，{% endif %}{% endfor %}。"
    )
    paper.tag("if below_floor")
    paper.text("应答率低于事先定的下限{{ floor }}的有：{{ below_floor }}。这些单位不判定为达标。")
    paper.tag("endif")
    paper.text(
        "（四）口径。{% for one in definitions %}{{ one.name }}：{{ one.text }}{% endfor %}"
        "比率按抽样概率、无应答和人口结构加权；达标状态由95%置信区间与目标比较得出："
        "下限不低于目标为达标，上限低于目标为未达标，跨过目标为待确认，样本太少不判定。"
    )


def _results(paper: Paper) -> None:
    paper.heading("二、结果")
    paper.table(
        [24, 22, 34, 18, 22, 18, 22],
        ["指标", "加权率", "95%区间", "有效\n样本", "有效\n样本量", "目标", "状态"],
        "rate in rates",
        [
            *("{{ rate.name }}", "{{ rate.estimate }}\n{{ rate.half }}", "{{ rate.interval }}"),
            *("{{ rate.n }}", "{{ rate.n_effective }}", "{{ rate.target }}", "{{ rate.verdict }}"),
        ],
    )
    paper.tag("for rate in rates")
    paper.text(
        "{{ rate.name }}{{ rate.estimate }}（{{ rate.interval }}）"
        "{% if rate.change %}，比上期{{ rate.change }}，{{ rate.significance }}{% endif %}。"
        "各社区（村）中，达标{{ rate.met_count }}个，未达标{{ rate.not_met_count }}个，"
        "待确认{{ rate.undecided_count }}个，样本不足{{ rate.too_few_count }}个。"
    )
    paper.tag("endfor")
    paper.tag("if environments")
    paper.text(
        "八大环境满意率由高到低："
        "{% for one in environments %}{{ one.name | replace('满意率', '') }}{{ one.estimate }}"
        "（{{ one.half }}）{% if not loop.last %}，{% endif %}{% endfor %}。"
    )
    paper.tag("endif")


def _problems(paper: Paper) -> None:
    paper.heading("三、主要问题")
    paper.tag("for rate in rates")
    paper.tag("if rate.not_met")
    paper.text("{{ rate.name }}未达标的单位：{{ rate.not_met }}。")
    paper.tag("endif")
    paper.tag("endfor")
    paper.tag("if weakest")
    paper.text(
        "居民满意率较低的环境：{% for name in weakest %}{{ name | replace('满意率', '') }}"
        "{% if not loop.last %}、{% endif %}{% endfor %}。"
    )
    paper.tag("endif")
    paper.tag("if told")
    paper.text(
        "有{{ told }}的受访者表示调查前有人告诉过该怎么回答。数据可信度因此受影响，须查明情况。"
    )
    paper.tag("endif")
    paper.tag("if disagreeing")
    paper.text(
        "{{ disagreeing }}的开放链接结果与抽样结果差异超出偶然范围，开放链接结果不能代表全体居民。"
    )
    paper.tag("endif")


def _demands(paper: Paper) -> None:
    paper.heading("四、整改要求")
    paper.text("（一）未达标的单位要针对居民反映的问题制定措施，明确责任人和时限，按期销号。")
    paper.text(
        "（二）待确认不等于未达标，也不等于达标，下一期按测算的样本量测评，不得追加到达标为止。"
    )
    paper.text("（三）任何单位和个人不得向居民提示答案、代答或者干扰抽样和访问。")
    paper.line("", FANG, 16)
    paper.line("{{ sponsor }}", FANG, 16, right=True)
    paper.line("{{ made_day }}", FANG, 16, right=True)
    paper.line("附表　各社区（村）测评结果", HEI, 16).paragraph_format.page_break_before = True
    paper.table(
        [26, 16, 2, 28, 2],
        ["单位", "应答率", "{%tc for rate in rates %}", "{{ rate.name }}", "{%tc endfor %}"],
        "row in places + [whole]",
        [
            *("{{ row.name }}", "{{ row.response }}", "{%tc for one in row.rates %}"),
            *("{{ one.estimate }}{{ one.half }}\n{{ one.verdict }}", "{%tc endfor %}"),
        ],
    )
    paper.line(
        "测评{{ wave }}，权重第{{ weights }}套，口径第"
        "{{ definitions | map(attribute='version') | unique | join('、') }}"
        "版，{{ made_at }}制作。核对命令：minyi rates {{ wave }}",
        *(FANG, 10.5),
    )


def weekly() -> None:
    """督查周报: how fieldwork stands; counts and response, never rates of an open wave."""
    paper = Paper("{{ sponsor or '（发文机关）' }}", "{{ '（期号）' }}")
    paper.title("民意测评督查周报")
    paper.tag("if synthetic")
    paper.line("（演示数据，不是真实情况）", KAI, 16, centred=True)
    paper.tag("endif")
    paper.text(
        "{{ place }}{{ month }}民意测评（{{ wave }}）截至{{ made_at }}的进展如下。"
        "本期锁定之前不计算、不公布任何比率。"
    )
    paper.heading("一、总体进展")
    paper.text(
        "发放{{ released }}户，应访{{ due }}户，完成{{ complete }}户，拒访{{ refused }}户，"
        "多次无人{{ nobody }}户，不合格{{ ineligible }}户，应答率（AAPOR RR2）{{ response }}，"
        "尚可上门{{ to_visit }}户。本周上门{{ week_visits }}次，新收回{{ week_answers }}份。"
    )
    paper.heading("二、各单位进展")
    paper.table(
        [30, 16, 16, 16, 16, 16, 18, 16, 14],
        ["单位", "应访户", "已发", "完成", "拒访", "无人", "应答率", "缺口", "时长\n异常"],
        "row in places",
        [
            *("{{ row.name }}", "{{ row.due }}", "{{ row.released }}", "{{ row.complete }}"),
            *("{{ row.refused }}", "{{ row.nobody }}", "{{ row.response }}", "{{ row.gap }}"),
            "{{ row.hasty }}",
        ],
    )
    paper.heading("三、需要注意")
    paper.tag("if behind")
    paper.text("应答率最低的单位：{{ behind }}。请安排不同时段再次上门，不得替换住户。")
    paper.tag("endif")
    paper.tag("if told")
    paper.text("有受访者表示调查前有人告诉过该怎么回答的单位：{{ told }}。请督查组核实。")
    paper.tag("endif")
    paper.tag("if not behind and not told")
    paper.text("本周没有需要提示的情况。")
    paper.tag("endif")
    paper.line("", FANG, 16)
    paper.line("{{ sponsor }}", FANG, 16, right=True)
    paper.line("{{ made_day }}", FANG, 16, right=True)
    paper.save("weekly.docx")


if __name__ == "__main__":
    bulletin()
    weekly()
