"""Answers: what is normalised, what is refused, and the form in which a response is kept."""

from __future__ import annotations

import unicodedata
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.problems import Problem, Refused
from surveys.questionnaires import routing
from surveys.questionnaires.answers import LONGEST_TEXT, canonical, check_page, clean, digest
from surveys.questionnaires.definition import Questionnaire
from tests.support.workbooks import SETTINGS, questionnaire

HEADINGS = (
    *("type", "name", "label::中文 (zh)", "label::English (en)", "required", "relevant"),
    *("constraint", "constraint_message::中文 (zh)", "constraint_message::English (en)"),
    *("required_message::中文 (zh)", "required_message::English (en)"),
)
ALONE = "not(selected(., 'forgot')) or count-selected(.) = 1"
SURVEY = (
    HEADINGS,
    ("select_one yes_no", "adult", "满18岁？", "18?", "yes", *[None] * 4, "请回答。", "Answer it."),
    ("note", "hello", "您好。", "Hello."),
    (
        "select_multiple sources",
        "heard",
        "哪里？",
        "Where?",
        None,
        None,
        ALONE,
        "只选它。",
        "Alone.",
    ),
    ("integer", "years", "几年？", "Years?", None, None, ". >= 0 and . <= 120"),
    ("integer", "here", "本地几年？", "Here?", None, "${years} > 0", ". <= ${years}"),
    (
        "text",
        "wish",
        "愿望？",
        "Wish?",
        None,
        None,
        "string-length(.) <= 10",
        "太长。",
        "Too long.",
    ),
)
CHOICES = (
    ("list_name", "name", "label::中文 (zh)", "label::English (en)"),
    ("yes_no", "yes", "是", "Yes"),
    ("yes_no", "no", "否", "No"),
    ("yes_no", "-1", "不愿说", "Rather not say"),
    ("sources", "board", "宣传栏", "Board"),
    ("sources", "wechat", "微信群", "WeChat"),
    ("sources", "forgot", "记不清", "Forgot"),
)
ADULT = {"adult": "yes"}


@cache
def made() -> Questionnaire:
    return questionnaire(SURVEY, CHOICES, settings=SETTINGS)


@pytest.fixture
def form() -> Questionnaire:
    return made()


def sent(
    form: Questionnaire, name: str, *values: str, **stored: str
) -> tuple[str | None, Problem | None]:
    """What becomes of values sent for one question: the answer, or the problem."""
    kept, problems = check_page(form, form.page(name), {name: list(values)}, {**ADULT, **stored})
    return kept.get(name), problems.get(name)


@pytest.mark.parametrize(
    ("name", "values", "kept"),
    [
        ("heard", ["wechat", "board"], "board wechat"),
        ("heard", ["forgot"], "forgot"),
        ("heard", ["wechat", "wechat", ""], "wechat"),
        ("heard", [], ""),
        ("years", ["7"], "7"),
        ("years", [" 007 "], "7"),
        ("years", ["１２"], "12"),
        ("years", ["+3"], "3"),
        ("years", [""], ""),
        ("wish", ["  路灯\r\n修好 "], "路灯\n修好"),
        ("wish", ["e\u0301"], "é"),
        ("wish", ["a\x00b\x1bc\tд"], "abc д"),
        ("wish", ["   "], ""),
    ],
)
def test_what_is_sent_is_normalised(
    form: Questionnaire, name: str, values: list[str], kept: str
) -> None:
    assert sent(form, name, *values) == (kept, None)


@pytest.mark.parametrize(
    ("name", "values", "problem"),
    [
        ("heard", ["board", "radio"], "“radio” is not among the answers; please choose again."),
        ("years", ["two"], "Please enter a whole number, for example 3."),
        ("years", ["2.5"], "Please enter a whole number, for example 3."),
        ("years", ["9" * 40], "Please enter a whole number, for example 3."),
        ("years", ["-2"], "-2 cannot be entered here."),
        ("years", ["121"], "This answer is not possible; please check it."),
        ("wish", ["好" * 5001], "Please write at most 5000 characters; these are 5001."),
    ],
)
def test_what_cannot_be_is_refused_and_not_kept(
    form: Questionnaire, name: str, values: list[str], problem: str
) -> None:
    kept, refused = sent(form, name, *values)
    assert kept is None
    assert str(refused) == problem


def test_a_constraint_speaks_in_the_words_of_the_questionnaire(form: Questionnaire) -> None:
    _, problem = sent(form, "heard", "board", "forgot")
    assert problem is not None
    assert problem.own_words == {"zh": "只选它。", "en": "Alone."}


def test_a_constraint_may_look_at_other_answers(form: Questionnaire) -> None:
    assert sent(form, "here", "3", years="5") == ("3", None)
    assert sent(form, "here", "6", years="5")[1] is not None


def test_a_required_question_left_open_is_a_problem(form: Questionnaire) -> None:
    kept, problems = check_page(form, form.page("adult"), {}, {})
    assert kept == {}
    assert problems["adult"].own_words == {"zh": "请回答。", "en": "Answer it."}


def test_an_optional_question_left_open_is_a_skip(form: Questionnaire) -> None:
    assert check_page(form, form.page("heard"), {}, ADULT) == ({"heard": ""}, {})


def test_unknown_fields_and_notes_are_ignored(form: Questionnaire) -> None:
    raw = {"heard": ["board"], "wish": ["later"], "csrf": ["x"], "hello": ["x"]}
    assert check_page(form, form.page("heard"), raw, ADULT) == ({"heard": "board"}, {})
    assert check_page(form, form.page("hello"), raw, ADULT) == ({}, {})


def test_a_page_off_the_path_takes_nothing(form: Questionnaire) -> None:
    assert check_page(form, form.page("here"), {"here": ["3"]}, ADULT) == ({}, {})


def test_a_response_keeps_what_is_on_the_path_and_marks_what_was_skipped(
    form: Questionnaire,
) -> None:
    given = {**ADULT, "heard": "wechat board", "here": "3", "elsewhere": "x"}
    assert canonical(form, given) == {
        "adult": "yes", "heard": "board wechat", "years": "-2", "wish": "-2",
    }  # fmt: skip


def test_a_response_of_someone_ineligible_keeps_the_screening_answer_only(
    form: Questionnaire,
) -> None:
    assert canonical(form, {"adult": "no", "years": "3"}) == {"adult": "no"}
    assert canonical(form, {"adult": "-1"}) == {"adult": "-1"}


def test_a_response_with_impossible_answers_is_refused_with_every_one_named(
    form: Questionnaire,
) -> None:
    with pytest.raises(Refused) as refused:
        canonical(form, {**ADULT, "heard": "radio", "years": "130", "here": "x", "wish": "ok"})
    assert [problem.where for problem in refused.value.problems] == ["heard", "years", "here"]


def test_a_response_without_the_required_answer_is_refused(form: Questionnaire) -> None:
    with pytest.raises(Refused) as refused:
        canonical(form, {"years": "3"})
    assert [problem.where for problem in refused.value.problems] == ["adult"]


def test_routing_decides_by_the_normalised_answers(form: Questionnaire) -> None:
    assert canonical(form, {**ADULT, "years": "０５", "here": " 3"})["here"] == "3"


def test_the_digest_depends_on_content_and_not_on_order() -> None:
    assert digest({"a": "1", "b": "是"}) == digest({"b": "是", "a": "1"})
    assert digest({"a": "1"}) != digest({"a": "2"})
    assert len(digest({})) == 64


VALUES = st.one_of(
    st.sampled_from(["", "yes", "no", "-1", "-2", "board", "wechat board", "forgot", "7", "０７"]),
    st.text(max_size=12),
)


@given(st.dictionaries(st.sampled_from([*(row[1] for row in SURVEY[1:]), "other"]), VALUES))
def test_what_is_kept_stays_the_same_when_kept_again(given_answers: dict[str, str]) -> None:
    form = made()
    try:
        kept = canonical(form, given_answers)
    except Refused:
        return
    assert canonical(form, kept) == kept
    assert digest(canonical(form, kept)) == digest(kept)
    asked = {q.name for _, qs in routing.walk(form, kept).steps for q in qs if q.asks}
    assert set(kept) == asked


@given(st.text(max_size=40))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    cleaned.encode()
    assert "\0" not in cleaned


def test_a_text_at_the_limit_is_kept_whole() -> None:
    form = questionnaire(
        (("type", "name", "label"), ("text", "wish", "Wish?")), None, settings=None
    )
    text = "好" * LONGEST_TEXT
    assert check_page(form, form.page("wish"), {"wish": [text]}, {}) == ({"wish": text}, {})
