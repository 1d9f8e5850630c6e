"""The technical report: everything an auditor asks of a wave, as PDF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from surveys.fieldwork.dispositions import DISPOSITIONS
from surveys.questionnaires.definition import Indicator, text_in
from webapp.reports import chinese
from webapp.reports.bulletin import numbers, percent
from webapp.reports.material import Figure, Material, Place
from webapp.reports.ranking import provenance
from webapp.reports.sheets import whisker

METHODS = {"stratified": "分层系统抽样", "two_stage": "两阶段抽样：先按规模抽网格，再抽住户"}
HOUSING = {
    "managed": "有物业小区",
    "unmanaged": "无物业小区",
    "selfbuilt": "自建房",
    "resettled": "公租或安置房",
    "rural": "农村住宅",
}
STEPS = {
    "base": ("设计权重", "地址入样概率的倒数"),
    "households": ("同址住户", "同一地址有几户的，随机选一户，乘以户数"),
    "adults": ("户内成年人", "每户只访一人，乘以成年人数，设上限；缺失的由同层住户随机借补"),
    "eligibility": ("资格不明", "情况不明的地址按比例分摊给已知的地址"),
    "nonresponse": ("无应答", "按类调整：作答的代表同类中可作答而未作答的"),
    "calibration": ("校准和截尾", "按人口总数校准，与截尾交替，直到两者都满足"),
}
BASES = {"household": "住户", "grid": "网格", "pairs": "访问员组"}


def content(material: Material) -> dict[str, Any]:
    """What the template names."""
    wave = material.wave
    return {
        "title": f"{material.whole.name}{chinese.month(wave.month)}民意测评技术报告",
        "place": material.whole.name,
        "month": chinese.month(wave.month),
        "synthetic": wave.synthetic,
        "provenance": provenance(material),
        "facts": list(_facts(material)),
        "strata": _strata(material),
        "dispositions": _dispositions(material),
        "rates": _rates(material),
        "response": [
            [place.name, *_fieldwork(place)] for place in (*material.places, material.whole)
        ],
        "floor": percent(wave.response_floor) if wave.response_floor else "",
        "steps": [_step(step) for step in material.weights.settings["steps"]],
        "excluded": chinese.whole(material.weights.settings.get("excluded", 0)),
        "definitions": [
            [material.label(i), text_in(i.describes, "zh"), i.version]
            for i in material.questionnaire.indicators
        ],
        "charts": [_chart(material, indicator) for indicator in material.headline],
        "pooled": [_row(material.label(i), material.whole.figure(i)) for i in _all(material)],
        "tables": [
            {
                "name": material.label(indicator),
                "rows": [_row(place.name, place.figure(indicator)) for place in material.places],
            }
            for indicator in _all(material)
        ],
        "items": list(_items(material)),
        "opened": list(_opened(material)),
        "commands": [f"minyi rates {wave.code}", f"minyi replay {wave.code}"],
    }


def _items(material: Material) -> Iterator[dict[str, Any]]:
    """How everybody answered each question, weighted and unweighted."""
    asked = material.questionnaire.questions
    for name, group in material.items.items():
        if name not in asked:
            continue
        question = asked[name]
        several = "，可多选" if question.type == "select_multiple" else ""
        yield {
            "name": f"{name}　{text_in(question.label, 'zh')}",
            "note": f"n={group.n:,}，未答{group.missing:,}{several}",
            "rows": [
                [
                    text_in(question.choice(share.answer).label, "zh"),
                    percent(share.share),
                    _between(share.lower, share.upper),
                    percent(share.unweighted),
                    f"{share.n:,}",
                ]
                for share in group.shares
            ],
        }


def _between(lower: float | None, upper: float | None) -> str:
    if lower is None or upper is None:
        return chinese.NONE
    return f"{lower * 100:.1f}–{upper * 100:.1f}%"


def _facts(material: Material) -> Iterator[list[str]]:
    """Name and value of everything that is fixed about the wave."""
    wave, snapshot, draw = material.wave, material.snapshot, material.draw
    yield ["测评", f"{wave.code}（{wave.title_zh}）"]
    yield ["组织单位", wave.sponsor or "未填写"]
    yield ["批准或备案文号", wave.approval_number or "未填写"]
    yield ["开放、截止、锁定", "；".join(
        chinese.moment(moment) for moment in (wave.opened_at, wave.closed_at, wave.locked_at)
        if moment
    )]  # fmt: skip
    if draw is not None:
        yield ["抽样方法", METHODS[draw.method]]
        yield ["随机种子", str(draw.seed)]
        yield ["抽样框校验和", draw.frame_sha256]
    yield ["快照校验和", snapshot.sha256]
    yield ["权重", f"第{material.weights.number}套"]
    yield ["口径版本", f"{material.questionnaire.name} {material.questionnaire.version}"]


def _strata(material: Material) -> list[list[str]]:
    """Community, housing type, addresses listed, addresses drawn into the main sample."""
    if material.draw is None or material.draw.method != "stratified":
        return []
    names = {place.area.code: place.name for place in material.places}
    return [
        [
            names.get(community, community),
            HOUSING.get(housing, housing),
            chinese.whole(listed),
            chinese.whole(sum(sizes)),
        ]
        for community, housing, listed, _probability, sizes in material.draw.settings["cells"]
    ]


def _dispositions(material: Material) -> list[list[str]]:
    counts = material.whole.field.counts
    return [
        [chinese.DISPOSITIONS[name], disposition.code, chinese.whole(counts[name])]
        for name, disposition in DISPOSITIONS.items()
    ]


def _rates(material: Material) -> list[list[str]]:
    rates = material.rates
    names = ("rr1", "rr2", "rr3", "rr4", "rr5", "rr6")
    others = {"coop1": "合作率COOP1", "ref1": "拒访率REF1", "con1": "接触率CON1"}
    return [
        *([f"应答率{name.upper()}", percent(getattr(rates, name))] for name in names),
        *([text, percent(getattr(rates, name))] for name, text in others.items()),
    ]


def _fieldwork(place: Place) -> list[str]:
    field = place.field
    counts = (field.released, field.complete, field.refused, field.nobody, field.ineligible)
    return [*(chinese.whole(count) for count in counts), percent(field.rates.rr2)]


def _step(step: Mapping[str, Any]) -> list[str]:
    """Step, rule, sum, least, most and unequal weighting after it."""
    name, rule = STEPS[step["step"]]
    after = step["after"]
    return [
        name,
        rule,
        f"{after['sum']:,.0f}",
        f"{after['min']:.2f}",
        f"{after['max']:.2f}",
        f"{after['unequal']:.2f}",
    ]


def _all(material: Material) -> list[Indicator]:
    return [i for i in material.questionnaire.indicators if material.whole.figure(i)]


def _row(name: str, figure: Figure | None) -> list[str]:
    said = numbers(figure)
    stored = figure.stored if figure else None
    return [
        name,
        said["estimate"],
        said["interval"],
        chinese.number(figure.scaled(stored.unweighted)) if figure and stored else chinese.NONE,
        said["n"],
        said["n_effective"],
        chinese.number(stored.deff) if stored and stored.deff is not None else chinese.NONE,
        chinese.whole(stored.missing) if stored else chinese.NONE,
        BASES.get(stored.basis or "", chinese.NONE) if stored else chinese.NONE,
        said["verdict"],
    ]


def _chart(material: Material, indicator: Indicator) -> dict[str, Any]:
    places = [
        (figure.estimate, whisker(place.name, figure))
        for place in material.places
        if (figure := place.figure(indicator)) and figure.estimate is not None
    ]
    whole = material.whole.figure(indicator)
    ordered = [drawn for _estimate, drawn in sorted(places, key=lambda one: -one[0])]
    return {
        "name": material.label(indicator),
        "target": whole.target if whole else None,
        "rows": [*([whisker(material.whole.name, whole)] if whole else []), *ordered],
    }


def _opened(material: Material) -> Iterator[list[str]]:
    """The open link beside the sample: unweighted share, difference and its interval."""
    for indicator in _all(material):
        figure = material.opened.get(indicator.name)
        if figure is None or not figure.stored.n:
            continue
        stored = figure.stored
        yield [
            material.label(indicator),
            chinese.whole(stored.n),
            chinese.number(figure.scaled(stored.unweighted)),
            chinese.signed(figure.scaled(stored.difference)),
            f"{chinese.signed(figure.scaled(stored.difference_lower))}至"
            f"{chinese.signed(figure.scaled(stored.difference_upper))}",
            "超出偶然" if stored.disagrees else "不显著",
        ]
