"""The volunteer's app evaluates, routes and checks as the server does, under the same vectors."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import surveys
from surveys.problems import Problem, Refused
from surveys.questionnaires import routing, xlsform
from surveys.questionnaires.answers import canonical, check_page
from surveys.questionnaires.definition import Choice, Page, Question, Questionnaire
from surveys.questionnaires.expressions import Expression, evaluate, parse
from surveys.questionnaires.functions import FUNCTIONS, OPERATORS, string
from surveys.questionnaires.syntax import STRENGTH, Tree
from tests.support.node import node

HERE = Path(__file__).parent
STANDARD = Path(surveys.__file__).parent / "library" / "standard.xlsx"
VECTORS = json.loads(
    (HERE.parents[1] / "surveys" / "questionnaires" / "vectors.json").read_text("utf-8")
)
TYPED = (
    *("", " ", "0", "-0", "007", "12", "+5", "１２", "−3", "-1", "-2", "-3", "1.5", "x y", "1e3"),
    *("  路灯  坏了\t", "line\r\nbreak", "e\u0301", "\u3000全角\u3000", "\ufeffmark", "\x00\x85a"),
    *("yes", "no", "a", "b", "a b", "b a", "nothing", "𠮷野家", "-" * 30, "长" * 5001),
)


def test_three_hundred_expressions_have_the_same_value_in_the_browser() -> None:
    assert len(VECTORS) >= 300
    asked = [
        {
            "tree": parse(vector["expression"]).to_json(),
            "answers": vector["answers"],
            "here": vector.get("this", ""),
        }
        for vector in VECTORS
    ]
    found = node(HERE / "evaluate.mjs", asked)
    different = {
        vector["expression"]: (value, vector["value"])
        for vector, value in zip(VECTORS, found, strict=True)
        if value != vector["value"]
    }
    assert different == {}


def test_random_trees_have_the_same_value_in_the_browser() -> None:
    """Three thousand trees of every operator and function, over awkward values."""
    chance = random.Random(20261125)
    trees = [_tree(chance, 3) for _ in range(3000)]
    answers = {"A": "4", "B": "-2.50", "C": "a b  c", "D": "", "E": " \u3000文明 𠮷 ", "F": "1"}
    asked = [{"tree": tree, "answers": answers, "here": "3"} for tree in trees]
    found = node(HERE / "evaluate.mjs", asked)
    for tree, value in zip(trees, found, strict=True):
        expected = string(evaluate(Expression(tree), answers, "3"))
        assert value == expected, Expression(tree)


def _tree(chance: random.Random, depth: int) -> Tree:
    if depth == 0 or chance.random() < 0.2:
        literals = ("", "a", "a b", "文明", "12", " 7 ", "true", 0.0, 1.0, 2.5, 1e21, 1e-7, 0.125)
        name = chance.choice("ABCDEFG")
        return chance.choice((chance.choice(literals), ("$", name), (".",), ("true",)))
    operators = [*STRENGTH, "neg"]
    # The powers of old engines differ in the last digit, and expressions in their dialects.
    functions = sorted(FUNCTIONS.keys() - {"pow", "regex"})
    name = chance.choice((chance.choice(operators), chance.choice(functions)))
    if name in OPERATORS or name in STRENGTH:
        size = 1 if name == "neg" else 2
    else:
        least, most = FUNCTIONS[name].least, FUNCTIONS[name].most
        size = chance.randint(least, least + 2 if most is None else most)
    return (name, *(_tree(chance, depth - 1) for _ in range(size)))


@pytest.mark.parametrize("name", ["standard", "contrived"])
def test_random_answers_walk_the_same_way_in_the_browser(name: str) -> None:
    questionnaire = _standard() if name == "standard" else CONTRIVED
    chance = random.Random(7)
    cases = [_case(chance, questionnaire) for _ in range(400)]
    # What the server makes of the definition after a trip as JSON is what the phone has.
    definition = json.loads(json.dumps(questionnaire.to_json()))
    found = node(HERE / "interview.mjs", {"definition": definition, "cases": cases})
    for case, answer in zip(cases, found, strict=True):
        assert answer == _expected(questionnaire, case), case


def test_every_kind_of_problem_was_among_them() -> None:
    chance, met = random.Random(7), set()
    for _ in range(400):
        case = _case(chance, CONTRIVED)
        problems = _expected(CONTRIVED, case)["checked"]["problems"]
        met |= {text for text, _params, _own in problems.values()}
    assert len(met) == 6, met


def _standard() -> Questionnaire:
    return xlsform.read(STANDARD.read_bytes(), STANDARD.name)


def _case(chance: random.Random, questionnaire: Questionnaire) -> dict[str, Any]:
    answers = {
        name: _answer(chance, question)
        for name, question in questionnaire.questions.items()
        if chance.random() < 0.9
    }
    page = chance.choice(questionnaire.pages)
    raw = {
        question.name: [_answer(chance, question) for _ in range(chance.randint(0, 3))]
        for question in page.questions
    }
    seen = [one.name for one in questionnaire.pages if chance.random() < 0.5]
    seed = chance.randrange(2**31)
    return {"answers": answers, "seen": seen, "raw": raw, "page": page.name, "seed": seed}


def _answer(chance: random.Random, question: Question) -> str:
    if question.codes and chance.random() < 0.85:
        picked = chance.sample(question.codes, chance.randint(1, len(question.codes)))
        return " ".join(picked if question.type == "select_multiple" else picked[:1])
    if question.type == "integer" and chance.random() < 0.7:
        return str(chance.randint(10, 130))
    return chance.choice(TYPED)


def _expected(questionnaire: Questionnaire, case: dict[str, Any]) -> dict[str, Any]:
    answers = case["answers"]
    way = routing.walk(questionnaire, answers)
    following = routing.first_unanswered(questionnaire, answers, case["seen"])
    page = questionnaire.page(case["page"])
    values, problems = check_page(questionnaire, page, case["raw"], answers)
    try:
        kept, faults = canonical(questionnaire, answers), {}
    except Refused as refused:
        kept, faults = None, {problem.where: _said(problem) for problem in refused.problems}
    return {
        "steps": [[page.name, [one.name for one in asked]] for page, asked in way.steps],
        "given": dict(way.given),
        "next": following and following.name,
        "eligible": routing.is_eligible(questionnaire, answers),
        "frozen": sorted(routing.frozen(questionnaire, answers)),
        "orders": dict(_orders(questionnaire, case["seed"])),
        "kept": kept,
        "problems": faults,
        "checked": {
            "values": values,
            "problems": {name: _said(problem) for name, problem in problems.items()},
        },
    }


def _orders(questionnaire: Questionnaire, seed: int) -> Iterator[tuple[str, list[str]]]:
    for page in questionnaire.pages:
        if page.shuffle:
            yield page.name, [question.name for question in routing.order(page, seed)]


def _said(problem: Problem) -> list[Any]:
    return [problem.text, dict(problem.params), dict(problem.own_words)]


def _choices(*codes: str) -> tuple[Choice, ...]:
    return tuple(Choice(code, {"zh": code}) for code in codes)


CONTRIVED = Questionnaire(
    name="contrived",
    version="1",
    title={"zh": "生造问卷"},
    languages=("zh", "en"),
    eligible=parse("${S1} = 'yes' and ${AGE} >= 18"),
    pages=(
        Page(
            "first",
            None,
            (
                Question("S1", "select_one", {"zh": "?"}, choices=_choices("yes", "no")),
                Question("intro", "note", {"zh": "说明"}, relevant=parse("${S1} = 'yes'")),
            ),
        ),
        Page(
            "age",
            None,
            (
                Question(
                    "AGE",
                    "integer",
                    {"zh": "?"},
                    required=True,
                    required_message={"zh": "请填写年龄"},
                    constraint=parse(". >= 0 and . <= 120"),
                    constraint_message={"zh": "年龄不对", "en": "Odd age"},
                ),
            ),
        ),
        Page(
            "group",
            {"zh": "组"},
            (
                Question(
                    "A", "select_multiple", {"zh": "?"}, choices=_choices("a", "b", "c d", "x")
                ),
                Question("B", "text", {"zh": "?"}, constraint=parse("string-length(.) < 8")),
                Question("C", "integer", {"zh": "?"}, relevant=parse("selected(${A}, 'a')")),
                Question("constructor", "text", {"zh": "?"}, freezes=("B", "S1")),
            ),
            relevant=parse("${AGE} != 33"),
            shuffle=True,
        ),
        Page(
            "last",
            None,
            (
                Question(
                    "D",
                    "text",
                    {"zh": "?"},
                    required=True,
                    relevant=parse("${B} != '' or ${constructor} = '' or not(${C} > 5)"),
                ),
            ),
        ),
    ),
)
