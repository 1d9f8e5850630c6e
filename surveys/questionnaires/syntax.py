"""The syntax of expressions: from text to tree and back.

Operators in order of strength, all left-associative: ``or``, ``and``, ``= !=``, ``< <= > >=``,
``+ -``, ``* div mod``, and the minus sign before an operand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from surveys.problems import N_, Problem, Refused
from surveys.questionnaires.functions import FUNCTIONS, string

Tree: TypeAlias = "str | float | tuple[Tree, ...]"

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
# Word processors curl quotation marks; pyxform straightens them, and so do we.
_STRAIGHT = str.maketrans("‘’“”", "''\"\"")
# What an input method writes where a plain character is meant.
_PLAIN = dict(zip("＝＜＞＋－＊（），．。＄｛｝−–×", "=<>+-*(),..${}--*", strict=True))


@dataclass(frozen=True)
class _Token:
    kind: str  # reference, number, text, name, symbol or end
    text: str
    at: int


def tree_of(text: str) -> Tree:
    """Read an expression into its syntax tree.

    >>> tree_of("not(. > 3)")
    ('not', ('>', ('.',), 3.0))

    Raises
    ------
    Refused
        With one problem that names the character, counted from 1, and what is wrong there.
    """
    parser = _Parser(text.translate(_STRAIGHT))
    tree = parser.expression(0)
    if parser.next.kind != "end":
        raise _unexpected(parser.next)
    return tree


def text_of(tree: Tree) -> str:
    """Write a tree as text, with no more parentheses than it needs.

    >>> text_of(("*", ("+", 1.0, ("$", "S2")), 2.0))
    '(1 + ${S2}) * 2'
    """
    return _written(tree, 0)


def _written(tree: Tree, outer: int) -> str:
    match tree:
        case str():
            return f'"{tree}"' if "'" in tree else f"'{tree}'"
        case float():
            return string(tree)
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


def _refusal(at: int, text: str, **params: object) -> Refused:
    return Refused(Problem(text, {"position": at + 1, **params}))


def _unexpected(token: _Token) -> Refused:
    if token.kind == "end":
        return _refusal(token.at, N_("Character %(position)d: something is missing at the end."))
    text = N_("Character %(position)d: “%(found)s” is unexpected.")
    return _refusal(token.at, text, found=token.text)


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _strange_character(text[at], at)
        kind = str(found.lastgroup)
        if kind != "space":
            yield _Token(kind, found[kind], at)
        at = found.end()
    yield _Token("end", "", at)


def _strange_character(found: str, at: int) -> Refused:
    if found in _PLAIN:
        text = N_("Character %(position)d: write “%(plain)s” where “%(found)s” stands.")
        return _refusal(at, text, plain=_PLAIN[found], found=found)
    if found in "'\"":
        text = N_("Character %(position)d: the quotation mark that opens here never closes.")
        return _refusal(at, text)
    if found == "/":
        text = N_("Character %(position)d: paths are not supported; write ${question}.")
        return _refusal(at, text)
    text = N_("Character %(position)d: “%(found)s” has no meaning here.")
    return _refusal(at, text, found=found)


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

    def took(self, symbol: str) -> bool:
        """Step over a symbol if it comes next."""
        here = self.next.kind == "symbol" and self.next.text == symbol
        self.place += here
        return here

    def close(self) -> None:
        if not self.took(")"):
            raise _refusal(self.next.at, N_("Character %(position)d: “)” is missing."))

    def expression(self, above: int) -> Tree:
        """An expression of operators that bind more strongly than ``above``."""
        self.depth += 1
        if self.depth > DEEPEST:
            text = N_("Character %(position)d: this is nested too deeply.")
            raise _refusal(self.next.at, text)
        left = self.operand()
        while self.next.kind in ("symbol", "name") and STRENGTH.get(self.next.text, 0) > above:
            symbol = self.advance().text
            left = (symbol, left, self.expression(STRENGTH[symbol]))
        self.depth -= 1
        return left

    def operand(self) -> Tree:
        if self.took("("):
            inner = self.expression(0)
            self.close()
            return inner
        if self.took("-"):
            return ("neg", self.expression(NEGATION))
        if self.took("."):
            return (".",)
        token = self.advance()
        match token.kind:
            case "name":
                return self.call(token)
            case "reference":
                return ("$", token.text)
            case "text" | "number":
                return token.text[1:-1] if token.kind == "text" else float(token.text)
        raise _unexpected(token)

    def call(self, name: _Token) -> Tree:
        if not self.took("("):
            text = N_(
                "Character %(position)d: “%(name)s” is no function; write ${%(name)s} for a "
                "question, '%(name)s' for a code."
            )
            raise _refusal(name.at, text, name=name.text)
        arguments: list[Tree] = []
        if not self.took(")"):
            arguments.append(self.expression(0))
            while self.took(","):
                arguments.append(self.expression(0))
            self.close()
        _check_call(name, arguments)
        return (name.text, *arguments)


def _check_call(name: _Token, arguments: list[Tree]) -> None:
    if name.text == "pulldata":
        raise _refusal(name.at, N_("Character %(position)d: pulldata() needs an external file."))
    function = FUNCTIONS.get(name.text)
    if function is None:
        text = N_("Character %(position)d: there is no function %(name)s().")
        raise _refusal(name.at, text, name=name.text)
    if len(arguments) < function.least:
        text = N_("Character %(position)d: %(name)s() takes at least %(least)d arguments.")
        raise _refusal(name.at, text, name=name.text, least=function.least)
    if function.most is not None and len(arguments) > function.most:
        text = N_("Character %(position)d: %(name)s() takes at most %(most)d arguments.")
        raise _refusal(name.at, text, name=name.text, most=function.most)
    if name.text == "regex" and isinstance(arguments[1], str):
        try:
            re.compile(arguments[1])
        except re.error as error:
            text = N_("Character %(position)d: the regular expression is faulty (%(reason)s).")
            raise _refusal(name.at, text, reason=error) from None
