"""The standard questionnaire is what the field guide says, item by item, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import surveys
from surveys.questionnaires import routing, xlsform
from surveys.questionnaires.definition import Question, Questionnaire, Text

WORKBOOK = Path(surveys.__file__).parent / "library" / "standard.xlsx"

SAT5 = "very fairly neutral unsatisfied very_unsatisfied dontknow"
SAT5_LABELS = ("非常满意", "比较满意", "一般", "不太满意", "很不满意", "说不清")

# name, what the Chinese and the English wording must contain, the codes in order
ITEMS = [
    ("S1", "年满18周岁", "18 or over", "yes no"),
    ("S2", "18岁以上常住的有几人", "How many adults", "1 2 3 4 5"),
    ("K1", "您知道本地正在开展全国文明城市创建活动吗", "Do you know", "know heard unaware"),
    ("K2", "从哪里知道", "How did you hear",
     "board visit wechat media workplace other cannot_recall"),
    ("Z1", "您对本地开展文明城市创建支持吗", "Do you support",
     "support rather_support neutral rather_oppose oppose dontknow"),
    ("P1", "近12个月，您本人参与过创建方面的活动吗", "past 12 months", "yes no dontknow"),
    ("P2", "参与过哪些", "Which activities",
     "volunteering cleaning guiding proposals culture other cannot_recall"),
    ("M9", "步行15–20分钟内", "15–20 minutes", SAT5),
    ("M0", "本地文明城市创建成效", "results of the campaign", SAT5),
    ("M1", "政务环境（办事服务）", "public services", f"{SAT5} -3"),
    ("M2", "法治环境（执法、调解公正）", "law and justice", SAT5),
    ("M3", "市场环境（商家诚信）", "honest traders", SAT5),
    ("M4", "人文环境（邻里文明互助）", "neighbours", SAT5),
    ("M5", "青少年成长环境", "young people", SAT5),
    ("M6", "生活环境（小区或村里的环境卫生）", "cleanliness", SAT5),
    ("M7", "社会环境（治安）", "public safety", SAT5),
    ("M8", "生态环境", "natural environment", SAT5),
    ("C1", "与上一年相比", "Compared with last year",
     "much_better better same worse much_worse dontknow"),
    ("F1", "12345等反映过问题吗？处理结果如何", "reported a problem",
     "none solved partly unsolved unclear"),
    ("O1", "您最希望先解决什么问题？在哪里", "fixed first, and where", ""),
    ("I1", "有人告诉您该怎么回答吗", "tell you how to answer", "yes no -1"),
    ("D1", "性别", "sex", "male female"),
    ("D2", "年龄段", "age group", "18-24 25-34 35-44 45-54 55-64 65+"),
    ("D3", "住房类型", "housing", "managed unmanaged selfbuilt resettled rural"),
    ("D4", "机关干部、村（社区）干部或网格员", "official", "yes no -1"),
]  # fmt: skip
ADULT = {"S1": "yes"}


@pytest.fixture(scope="module")
def standard() -> Questionnaire:
    return xlsform.read(WORKBOOK.read_bytes(), WORKBOOK.name)


def texts(questionnaire: Questionnaire) -> list[Text]:
    """Everything that is ever shown to anyone."""
    found: list[Text | None] = [questionnaire.title, *(p.title for p in questionnaire.pages)]
    for question in questionnaire.questions.values():
        found += [question.label, question.hint, question.constraint_message]
        found += [question.required_message, *(choice.label for choice in question.choices)]
    for indicator in questionnaire.indicators:
        found += [indicator.label, indicator.describes]
    return [text for text in found if text]


def labels(question: Question) -> tuple[str, ...]:
    return tuple(choice.label["zh"] for choice in question.choices)


def test_it_has_a_title_that_does_not_give_the_awareness_answer_away(
    standard: Questionnaire,
) -> None:
    assert standard.title == {"zh": "社区生活环境调查", "en": "Survey of neighbourhood life"}
    assert (standard.name, standard.version) == ("neighbourhood-life", "1.0")
    assert standard.languages == ("zh", "en")


def test_it_asks_the_25_items_in_order(standard: Questionnaire) -> None:
    assert list(standard.questions) == [name for name, *_ in ITEMS]


@pytest.mark.parametrize(("name", "chinese", "english", "codes"), ITEMS)
def test_an_item_has_its_wording_and_its_codes(
    standard: Questionnaire, name: str, chinese: str, english: str, codes: str
) -> None:
    question = standard.question(name)
    assert chinese in question.label["zh"]
    assert english in question.label["en"]
    assert question.codes == tuple(codes.split())
    several = name in ("K2", "P2")
    assert question.type == ("select_multiple" if several else "select_one" if codes else "text")


def test_satisfaction_is_asked_with_five_answers_and_dont_know(standard: Questionnaire) -> None:
    for name in ("M0", *(f"M{number}" for number in range(2, 10))):
        assert labels(standard.question(name)) == SAT5_LABELS
        assert "满意还是不满意？" in standard.question(name).label["zh"]
        assert "satisfied or dissatisfied" in standard.question(name).label["en"]
    assert labels(standard.question("M1")) == (*SAT5_LABELS, "近一年没办过事")


def test_labels_of_the_other_answers_are_those_of_the_field_guide(
    standard: Questionnaire,
) -> None:
    assert labels(standard.question("K1")) == ("知道", "听说过", "不知道")
    assert labels(standard.question("Z1")) == (
        *("支持", "比较支持", "一般", "不太支持", "不支持", "说不清"),
    )
    assert labels(standard.question("P1")) == ("参与过", "没有", "说不清")
    assert labels(standard.question("C1")) == (
        *("明显改善", "有所改善", "差不多", "变差", "明显变差", "说不清"),
    )
    assert labels(standard.question("F1")) == (*("没有", "已解决", "部分解决", "未解决", "不清楚"),)
    assert labels(standard.question("D3")) == (
        *("有物业小区", "无物业小区", "自建房", "公租房或安置房", "农村住宅"),
    )


def test_only_the_screening_question_is_required(standard: Questionnaire) -> None:
    required = [name for name, question in standard.questions.items() if question.required]
    assert required == ["S1"]


def test_each_item_has_its_page_but_the_environments_and_the_person(
    standard: Questionnaire,
) -> None:
    pages = [[question.name for question in page.questions] for page in standard.pages]
    assert pages == [
        *(["S1"], ["S2"], ["K1"], ["K2"], ["Z1"], ["P1"], ["P2"], ["M9"], ["M0"]),
        *(["M1", "M2", "M3", "M4"], ["M5", "M6", "M7", "M8"]),
        *(["C1"], ["F1"], ["O1"], ["I1"], ["D1", "D2", "D3", "D4"]),
    ]
    assert [page.name for page in standard.pages if page.shuffle] == [
        *("environments_1", "environments_2"),
    ]
    assert all(page.title for page in standard.pages if len(page.questions) > 1)


def test_whoever_is_not_eligible_is_asked_nothing_further(standard: Questionnaire) -> None:
    assert [page.name for page in routing.path(standard, {"S1": "no", "K1": "know"})] == ["S1"]
    assert routing.is_eligible(standard, {"S1": "no"}) is False
    assert routing.is_eligible(standard, {"S1": "yes"}) is True
    assert routing.is_eligible(standard, {}) is None


def test_sources_are_asked_of_those_who_know_or_have_heard(standard: Questionnaire) -> None:
    asked = {
        code: "K2" in [page.name for page in routing.path(standard, {**ADULT, "K1": code})]
        for code in ("know", "heard", "unaware", "")
    }
    assert asked == {"know": True, "heard": True, "unaware": False, "": False}


def test_activities_are_asked_of_those_who_took_part(standard: Questionnaire) -> None:
    following = {
        code: getattr(routing.following(standard, {**ADULT, "P1": code}, "P1"), "name", None)
        for code in ("yes", "no", "dontknow", "")
    }
    assert following == {"yes": "P2", "no": "M9", "dontknow": "M9", "": "M9"}


def test_awareness_is_frozen_once_the_campaign_has_been_named(standard: Questionnaire) -> None:
    assert routing.frozen(standard, ["S1", "K1"]) == set()
    assert routing.frozen(standard, ["Z1"]) == {"K1"}
    assert standard.question("Z1").hint == {
        "zh": "本地正在开展全国文明城市创建活动，大家的看法各有不同，您怎么想就怎么答。",
        "en": "The campaign to become a National Civilised City is under way here. People see it "
        "differently; please answer as you see it.",
    }


def test_everything_is_said_in_both_languages(standard: Questionnaire) -> None:
    assert [text for text in texts(standard) if not text.get("zh") or not text.get("en")] == []


def test_chinese_texts_have_full_width_punctuation(standard: Questionnaire) -> None:
    half_width = re.compile(r"[一-鿿]\s*[,;:?!()\"']|[,;:?!()\"']\s*[一-鿿]|\s[（），。？]")
    assert [text["zh"] for text in texts(standard) if half_width.search(text["zh"])] == []


def test_english_texts_have_no_chinese_characters(standard: Questionnaire) -> None:
    foreign = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
    assert [text["en"] for text in texts(standard) if foreign.search(text["en"])] == []


def test_the_open_question_asks_for_no_personal_data(standard: Questionnaire) -> None:
    hint = standard.question("O1").hint
    assert hint is not None
    assert hint["zh"] == "请勿填写姓名、电话"


def test_the_indicators_are_the_registered_ones(standard: Questionnaire) -> None:
    assert [indicator.name for indicator in standard.indicators] == [
        *("awareness", "support", "participation", "satisfaction"),
        *("awareness_strict", "participation_strict"),
        *("satisfaction_alternative", "satisfaction_index", "local_area"),
        *("env_government", "env_law", "env_market", "env_culture"),
        *("env_youth", "env_living", "env_safety", "env_ecology"),
    ]
    headline = [indicator for indicator in standard.indicators if indicator.headline]
    assert [indicator.label["zh"] for indicator in headline] == [
        *("知晓率", "支持率", "参与率", "满意率"),
    ]
    assert [indicator.target for indicator in headline] == [0.85] * 4
    assert {indicator.version for indicator in standard.indicators} == {"1"}
    kinds = {indicator.name for indicator in standard.indicators if indicator.kind == "index"}
    assert kinds == {"satisfaction_index"}


def test_a_definition_survives_a_store_that_reorders_its_objects(
    standard: Questionnaire,
) -> None:
    def reordered(value: object) -> object:
        if isinstance(value, dict):
            return {key: reordered(value[key]) for key in sorted(value)}
        return [reordered(item) for item in value] if isinstance(value, list | tuple) else value

    stored = reordered(standard.to_json())
    assert isinstance(stored, dict)
    again = Questionnaire.from_json(stored)
    assert again == standard
    assert list(again.question("K1").label) == ["zh", "en"]
