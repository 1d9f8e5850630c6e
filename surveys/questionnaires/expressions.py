"""Expressions: the XPath subset that authors of XLSForm workbooks write.

One parser makes one syntax tree, and the tree is plain JSON, so that every evaluator walks it:

====================  =============================================================
``"know"``, ``2.0``   a literal text, a literal number
``["$", "K1"]``       the answer to K1, the empty text if there is none
``["."]``             the answer that a constraint checks
``["=", a, b]``       an operator with its operands; a minus sign before one is "neg"
``["if", a, b, c]``   a function (see ``functions.FUNCTIONS``) with its arguments
====================  =============================================================

>>> parse("${K1} = 'know' or ${K1} = 'heard'").tree
('or', ('=', ('$', 'K1'), 'know'), ('=', ('$', 'K1'), 'heard'))
>>> truth(parse("${S2} + 1 >= 3"), {"S2": "2"})
True
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from surveys.questionnaires.functions import FUNCTIONS, OPERATORS, Value, boolean
from surveys.questionnaires.syntax import Tree, text_of, tree_of

Evaluator: TypeAlias = Callable[[Mapping[str, str], str], Value]


@dataclass(frozen=True)
class Expression:
    """A syntax tree, ready to be evaluated."""

    tree: Tree

    @cached_property
    def evaluator(self) -> Evaluator:
        """The tree as nested closures: routing evaluates dozens of them per request."""
        return _compiled(self.tree)

    @cached_property
    def references(self) -> frozenset[str]:
        """The questions that the value depends on."""
        return frozenset(str(node[1]) for node in nodes(self.tree) if node[0] == "$")

    def to_json(self) -> Tree:
        """The tree, as ``json.dumps`` takes it."""
        return self.tree

    @classmethod
    def from_json(cls, tree: object) -> Expression:
        """The expression of a stored tree."""
        return cls(_tupled(tree))

    def __getstate__(self) -> dict[str, Tree]:
        """What goes to another process: closures do not."""
        return {"tree": self.tree}

    def __str__(self) -> str:
        return text_of(self.tree)


def parse(text: str) -> Expression:
    """Read an expression.

    Raises
    ------
    Refused
        With one problem that names the character, counted from 1, and what is wrong there.

    Examples
    --------
    >>> parse("selected(${K2}, 'board'")
    Traceback (most recent call last):
    surveys.problems.Refused: Character 24: “)” is missing.
    """
    return Expression(tree_of(text))


def evaluate(expression: Expression, answers: Mapping[str, str], this: str = "") -> Value:
    """The value of an expression, given the answers and the answer being checked (``.``)."""
    return expression.evaluator(answers, this)


def truth(expression: Expression, answers: Mapping[str, str], this: str = "") -> bool:
    """Whether an expression holds."""
    return boolean(expression.evaluator(answers, this))


def both(first: Expression | None, second: Expression | None) -> Expression | None:
    """The conjunction of two expressions; None always holds.

    >>> str(both(parse("${A} = 1"), parse("${B} = 2 or ${C} = 3")))
    '${A} = 1 and (${B} = 2 or ${C} = 3)'
    """
    if first is None or second is None:
        return first or second
    return Expression(("and", first.tree, second.tree))


def nodes(tree: Tree) -> Iterator[tuple[Tree, ...]]:
    """Every operation of a tree, outermost first.

    >>> list(nodes(("not", ("=", ("$", "K1"), "know"))))[-1]
    ('$', 'K1')
    """
    if isinstance(tree, tuple):
        yield tree
        for part in tree[1:]:
            yield from nodes(part)


def _tupled(tree: object) -> Tree:
    match tree:
        case str():
            return tree
        case int() | float():
            return float(tree)
        case list() | tuple():
            return tuple(map(_tupled, tree))
    raise ValueError(f"{tree!r} is no syntax tree")


def _compiled(tree: Tree) -> Evaluator:  # noqa: PLR0911  (one for each kind of node)
    match tree:
        case str() | float() as literal:
            return lambda _answers, _this: literal
        case ("$", str() as name):
            return lambda answers, _this: answers.get(name, "")
        case (".",):
            return lambda _answers, this: this
        case ("and", left, right):
            one, other = _compiled(left), _compiled(right)
            return lambda answers, this: (
                boolean(one(answers, this)) and boolean(other(answers, this))
            )
        case ("or", left, right):
            one, other = _compiled(left), _compiled(right)
            return lambda answers, this: (
                boolean(one(answers, this)) or boolean(other(answers, this))
            )
        case ("=" | "!=" as name, ("$", str() as question), str() as code):
            # Nearly every condition is one of these two, and a walk tests dozens.
            is_equal = name == "="
            return lambda answers, _this: (answers.get(question, "") == code) is is_equal
        case (str() as name, *operands):
            call = OPERATORS[name] if name in OPERATORS else FUNCTIONS[name].call
            parts = [_compiled(operand) for operand in operands]
            return lambda answers, this: call(*[part(answers, this) for part in parts])
    raise ValueError(f"{tree!r} is no syntax tree")
