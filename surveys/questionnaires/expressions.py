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

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn, TypeAlias

from surveys.problems import N_, Problem, Refused
from surveys.questionnaires.functions import FUNCTIONS, OPERATORS, Value, boolean, string

Tree: TypeAlias = "str | float | tuple[Tree, ...]"
Evaluator: TypeAlias = Callable[[Mapping[str, str], str], Value]

# How strongly an operator binds; all are left-associative.
STRENGTH = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("=", "!="), 3),
    **dict.fromkeys(("<", "<=", ">", ">="), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "div", "mod"), 6),
}
NEGATION = 7
DEEPEST = 60  # nesting that no author needs and no stack minds

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | \$\{\s*(?P<reference>[^{}\s]+)\s*\}
      | (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
      | (?P<text>"[^"]*"|'[^']*')
      | (?P<name>[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?)
      | (?P<symbol><=|>=|!=|[=<>+*(),.-])""",
    re.VERBOSE,
)
# What an input method or a word processor puts where a plain character is meant.
_PLAIN = dict(zip("＝＜＞＋－＊（），．。‘’“”＄｛｝−–×", "=<>+-*(),..''\"\"${}--*", strict=True))


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

    def __str__(self) -> str:
        return unparse(self.tree)


def parse(text: str) -> Expression:
    """Read an expression.

    Parameters
    ----------
    text : str
        What stands in the workbook's cell.

    Raises
    ------
    Refused
        With one problem that names the character (counted from 1) and what is wrong there.

    Examples
    --------
    >>> parse("selected(${K2}, 'board'")
    Traceback (most recent call last):
    surveys.problems.Refused: Character 24: “)” is missing.
    """
    return Expression(_Parser(text).whole())


def evaluate(expression: Expression, answers: Mapping[str, str], this: str = "") -> Value:
    """The value of an expression, given the answers and the answer being checked (``.``)."""
    return expression.evaluator(answers, this)


def truth(expression: Expression, answers: Mapping[str, str], this: str = "") -> bool:
    """Whether an expression holds."""
    return boolean(expression.evaluator(answers, this))


def both(*expressions: Expression | None) -> Expression | None:
    """The conjunction of those that are there; None, which always holds, of none.

    >>> str(both(parse("${A} = 1"), None, parse("${B} = 2 or ${C} = 3")))
    '${A} = 1 and (${B} = 2 or ${C} = 3)'
    """
    joined: Tree | None = None
    for expression in expressions:
        if expression is not None:
            joined = expression.tree if joined is None else ("and", joined, expression.tree)
    return None if joined is None else Expression(joined)


def nodes(tree: Tree) -> Iterator[tuple[Tree, ...]]:
    """Every operation of a tree, outermost first.

    >>> list(nodes(("not", ("=", ("$", "K1"), "know"))))[-1]
    ('$', 'K1')
    """
    if isinstance(tree, tuple):
        yield tree
        for part in tree[1:]:
            yield from nodes(part)


def unparse(tree: Tree) -> str:
    """Write a tree as text, with no more parentheses than it needs.

    >>> unparse(("*", ("+", 1.0, ("$", "S2")), 2.0))
    '(1 + ${S2}) * 2'
    """
    return _written(tree, 0)


def _written(tree: Tree, outer: int) -> str:
    match tree:
        case str():
            return f'"{tree}"' if "'" in tree else f"'{tree}'"
        case float() | int():
            return string(float(tree))
        case ("$", name):
            return f"${{{name}}}"
        case (".",):
            return "."
        case ("neg", operand):
            strength, text = NEGATION, f"-{_written(operand, NEGATION)}"
        case (str() as symbol, left, right) if symbol in STRENGTH:
            strength = STRENGTH[symbol]
            text = f"{_written(left, strength)} {symbol} {_written(right, strength + 1)}"
        case (name, *arguments):
            return f"{name}({', '.join(_written(argument, 0) for argument in arguments)})"
    return f"({text})" if strength < outer else text


def _tupled(tree: object) -> Tree:
    if isinstance(tree, list | tuple):
        return tuple(_tupled(part) for part in tree)
    return tree if isinstance(tree, str) else float(tree)  # type: ignore[arg-type]


def _compiled(tree: Tree) -> Evaluator:
    match tree:
        case str() | float() as literal:
            return lambda answers, this: literal
        case ("$", str() as name):
            return lambda answers, this: answers.get(name, "")
        case (".",):
            return lambda answers, this: this
        case ("and", left, right):
            first, second = _compiled(left), _compiled(right)
            return lambda answers, this: (
                boolean(first(answers, this)) and boolean(second(answers, this))
            )
        case ("or", left, right):
            first, second = _compiled(left), _compiled(right)
            return lambda answers, this: (
                boolean(first(answers, this)) or boolean(second(answers, this))
            )
        case (str() as name, *operands):
            call = OPERATORS[name] if name in OPERATORS else FUNCTIONS[name].call
            parts = [_compiled(operand) for operand in operands]
            return lambda answers, this: call(*[part(answers, this) for part in parts])
    raise ValueError(f"{tree!r} is not a syntax tree")


@dataclass(frozen=True)
class _Token:
    kind: str  # reference, number, text, name, symbol or end
    text: str
    at: int


def _refuse(at: int, text: str, **params: object) -> NoReturn:
    raise Refused(Problem(text, {"position": at + 1, **params}))


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            _refuse_character(text, at)
        kind = str(found.lastgroup)
        if kind != "space":
            yield _Token(kind, found[kind], at)
        at = found.end()
    yield _Token("end", "", at)


def _refuse_character(text: str, at: int) -> NoReturn:
    found = text[at]
    if found in _PLAIN:
        plain = _PLAIN[found]
        _refuse(
            at,
            N_("Character %(position)d: write “%(plain)s” where “%(found)s” stands."),
            plain=plain,
            found=found,
        )
    if found in "'\"":
        _refuse(at, N_("Character %(position)d: the quotation mark that opens here never closes."))
    if found == "/":
        _refuse(at, N_("Character %(position)d: paths are not supported; write ${question}."))
    _refuse(at, N_("Character %(position)d: “%(found)s” has no meaning here."), found=found)


class _Parser:
    """Precedence climbing over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.place = 0
        self.depth = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.place]

    def advance(self) -> _Token:
        token = self.next
        self.place += 1
        return token

    def at_symbol(self, *symbols: str) -> bool:
        return self.next.kind == "symbol" and self.next.text in symbols

    def close(self) -> None:
        if not self.at_symbol(")"):
            _refuse(self.next.at, N_("Character %(position)d: “)” is missing."))
        self.advance()

    def whole(self) -> Tree:
        tree = self.expression(0)
        if self.next.kind != "end":
            self.unexpected(self.next)
        return tree

    def unexpected(self, token: _Token) -> NoReturn:
        if token.kind == "end":
            _refuse(token.at, N_("Character %(position)d: something is missing at the end."))
        _refuse(
            token.at, N_("Character %(position)d: “%(found)s” is unexpected."), found=token.text
        )

    def expression(self, above: int) -> Tree:
        """An expression of operators that bind more strongly than ``above``."""
        self.depth += 1
        if self.depth > DEEPEST:
            _refuse(self.next.at, N_("Character %(position)d: this is nested too deeply."))
        left = self.operand()
        while self.next.kind in ("symbol", "name") and STRENGTH.get(self.next.text, 0) > above:
            symbol = self.advance().text
            left = (symbol, left, self.expression(STRENGTH[symbol]))
        self.depth -= 1
        return left

    def operand(self) -> Tree:
        token = self.advance()
        match token.kind, token.text:
            case "number", digits:
                return float(digits)
            case "text", quoted:
                return quoted[1:-1]
            case "reference", name:
                return ("$", name)
            case "symbol", ".":
                return (".",)
            case "symbol", "-":
                return ("neg", self.expression(NEGATION))
            case "symbol", "(":
                inner = self.expression(0)
                self.close()
                return inner
            case "name", name:
                return self.call(token)
        self.unexpected(token)

    def call(self, token: _Token) -> Tree:
        if not self.at_symbol("("):
            _refuse(
                token.at,
                N_(
                    "Character %(position)d: “%(name)s” is no function; write ${%(name)s} for a "
                    "question, '%(name)s' for a code."
                ),
                name=token.text,
            )
        _known(token)
        self.advance()
        arguments: list[Tree] = []
        while not self.at_symbol(")"):
            arguments.append(self.expression(0))
            if not self.at_symbol(","):
                break
            self.advance()
            if self.at_symbol(")"):
                self.unexpected(self.next)
        self.close()
        _check_arguments(token, arguments)
        return (token.text, *arguments)


def _known(token: _Token) -> None:
    if token.text == "pulldata":
        _refuse(token.at, N_("Character %(position)d: pulldata() needs an external file."))
    if token.text not in FUNCTIONS:
        _refuse(
            token.at,
            N_("Character %(position)d: there is no function %(name)s()."),
            name=token.text,
        )


def _check_arguments(token: _Token, arguments: list[Tree]) -> None:
    function = FUNCTIONS[token.text]
    if len(arguments) < function.least:
        _refuse(
            token.at,
            N_("Character %(position)d: %(name)s() takes at least %(least)d arguments."),
            name=token.text,
            least=function.least,
        )
    if function.most is not None and len(arguments) > function.most:
        _refuse(
            token.at,
            N_("Character %(position)d: %(name)s() takes at most %(most)d arguments."),
            name=token.text,
            most=function.most,
        )
    if token.text == "regex" and isinstance(arguments[1], str):
        try:
            re.compile(arguments[1])
        except re.error as error:
            _refuse(
                token.at,
                N_("Character %(position)d: the regular expression is faulty (%(reason)s)."),
                reason=error,
            )
