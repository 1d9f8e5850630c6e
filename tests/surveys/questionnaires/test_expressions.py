"""Expressions: what they mean, what is refused and where, and that writing undoes reading."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.problems import Refused
from surveys.questionnaires.expressions import Expression, both, evaluate, parse, truth
from surveys.questionnaires.functions import FUNCTIONS, OPERATORS, string
from surveys.questionnaires.syntax import STRENGTH, Tree, text_of, tree_of

VECTORS: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("vectors.json").read_text("utf-8")
)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["expression"] for vector in VECTORS])
def test_an_expression_has_the_value_of_its_test_vector(vector: dict[str, Any]) -> None:
    value = evaluate(parse(vector["expression"]), vector["answers"], vector.get("this", ""))
    assert string(value) == vector["value"]


def test_every_function_has_a_test_vector() -> None:
    used = " ".join(vector["expression"] for vector in VECTORS)
    assert [name for name in FUNCTIONS if f"{name}(" not in used] == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Character 1: something is missing at the end."),
        ("${K1} =", "Character 8: something is missing at the end."),
        ("= 'know'", "Character 1: “=” is unexpected."),
        ("${K1} 'know'", "Character 7: “'know'” is unexpected."),
        ("(${K1}", "Character 7: “)” is missing."),
        ("${K1})", "Character 6: “)” is unexpected."),
        ("${K1} = 'know", "Character 9: the quotation mark that opens here never closes."),
        ("${K1} ＝ 'know'", "Character 7: write “=” where “＝” stands."),
        ("not（${K1}）", "Character 4: write “(” where “（” stands."),
        ("/data/K1 = 1", "Character 1: paths are not supported; write ${question}."),
        ("${K1} = 1 & 2", "Character 11: “&” has no meaning here."),
        ("${K1 = 1", "Character 1: “$” has no meaning here."),
        ("slected(${K1}, 'a')", "Character 1: there is no function slected()."),
        ("1 + pulldata('a')", "Character 5: pulldata() needs an external file."),
        ("selected(${K1})", "Character 1: selected() takes at least 2 arguments."),
        ("not(1, 2)", "Character 1: not() takes at most 1 arguments."),
        ("if(1, 2,)", "Character 9: “)” is unexpected."),
        ("1 = 2 3", "Character 7: “3” is unexpected."),
    ],
)
def test_a_faulty_expression_is_refused_with_the_character_at_fault(
    text: str, problem: str
) -> None:
    with pytest.raises(Refused) as refused:
        parse(text)
    assert str(refused.value) == problem


def test_a_bare_word_is_refused_with_what_may_have_been_meant() -> None:
    with pytest.raises(Refused, match=r"write \$\{know\} for a question, 'know' for a code"):
        parse("${K1} = know")


def test_a_faulty_regular_expression_is_refused() -> None:
    with pytest.raises(Refused, match="the regular expression is faulty"):
        parse("regex(${A}, '[')")


@pytest.mark.parametrize("text", ["(" * 500 + "1" + ")" * 500, "-" * 500 + "1", "not(" * 500])
def test_endless_nesting_is_refused_before_the_stack_ends(text: str) -> None:
    with pytest.raises(Refused, match="nested too deeply"):
        parse(text)


def test_curled_quotation_marks_are_read_as_straight_ones() -> None:
    assert parse("${K1} = ‘know’") == parse("${K1} = 'know'")


def test_an_expression_names_the_questions_it_refers_to() -> None:
    assert parse("${A} > 1 and selected(${B}, 'x') or . = ${A}").references == {"A", "B"}


def test_the_conjunction_with_nothing_is_the_expression_itself() -> None:
    one, other = parse("${A} = 1"), parse("${B} = 1")
    assert both(None, None) is None
    assert both(one, None) == both(None, one) == one
    assert truth(both(one, other) or one, {"A": "1", "B": "2"}) is False


NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,6}", fullmatch=True)
LITERALS = st.one_of(
    st.text(st.characters(exclude_characters="'\"‘’“”", exclude_categories=["Cs"]), max_size=8),
    st.sampled_from(["it's", 'say "yes"']),
    st.floats(min_value=0, max_value=1e15, allow_nan=False).map(abs),
)


def _operations(trees: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    calls = [
        st.tuples(st.just(name), *[trees] * function.least) for name, function in FUNCTIONS.items()
    ]
    return st.one_of(
        st.tuples(st.sampled_from(sorted(STRENGTH)), trees, trees),
        st.tuples(st.just("neg"), trees),
        *calls,
    )


LEAVES = st.one_of(LITERALS, st.tuples(st.just("$"), NAMES), st.just((".",)))
TREES: st.SearchStrategy[Tree] = st.recursive(LEAVES, _operations, max_leaves=12)


def _is_parsable(tree: Tree) -> bool:
    """A regular expression that stands literally must be one."""
    try:
        tree_of(text_of(tree))
    except Refused as refused:
        return "regular expression" not in str(refused)
    return True


@given(TREES.filter(_is_parsable))
def test_writing_a_tree_and_reading_it_gives_the_same_tree(tree: Tree) -> None:
    assert tree_of(text_of(tree)) == tree


@given(TREES.filter(_is_parsable))
def test_a_tree_survives_json(tree: Tree) -> None:
    assert Expression.from_json(json.loads(json.dumps(Expression(tree).to_json()))).tree == tree


def test_an_expression_that_has_been_evaluated_goes_to_another_process() -> None:
    expression = parse("${S1} = 'yes'")
    assert truth(expression, {"S1": "yes"})
    there = pickle.loads(pickle.dumps(expression))
    assert there == expression
    assert truth(there, {"S1": "yes"})


@given(TREES, st.dictionaries(NAMES, st.sampled_from(["", "yes", "1", "-2", "a b"])))
def test_every_tree_has_a_value(tree: Tree, answers: dict[str, str]) -> None:
    assert isinstance(evaluate(Expression(tree), answers, "3"), str | float | bool)


def test_the_operators_of_the_syntax_are_those_that_have_a_meaning() -> None:
    assert {*STRENGTH, "neg"} == {*OPERATORS, "and", "or"}
