"""XPath values and the functions that expressions may call.

A value is a text, a number (float) or true/false. An unanswered question is the empty text; several
chosen codes are one text, separated by spaces. Coercions and comparisons are those of XPath 1.0
[1]_ as ODK XForms [2]_ uses them: the empty text is not a number (NaN), no comparison with NaN
holds but ``!=``, and a text is true unless it is empty.

Adding a function is adding a line to ``FUNCTIONS``; its test vectors go to
``tests/surveys/questionnaires/vectors.json``.

References
----------
.. [1] XML Path Language (XPath) 1.0, W3C Recommendation, 1999, sections 3.4, 3.5 and 4.
.. [2] ODK XForms Specification, https://getodk.github.io/xforms-spec/#xpath-functions
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Value = str | float | bool

_NUMBER = re.compile(r"\s*-?(\d+(\.\d*)?|\.\d+)\s*", re.ASCII)
NOT_A_NUMBER = math.nan


def number(value: Value) -> float:
    """A value as a number; what does not read as one is NaN.

    >>> number(" 12.50 "), number(True), number("")
    (12.5, 1.0, nan)
    """
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else NOT_A_NUMBER
    return float(value)


def string(value: Value) -> str:
    """A value as text; whole numbers have no decimal point, and none has an exponent.

    >>> string(2.0), string(0.25), string(True), string(number("two"))
    ('2', '0.25', 'true', 'NaN')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    text = f"{Decimal(repr(value)):f}"
    return text.removesuffix(".0").replace("-0", "0") if value == int(value) else text


def boolean(value: Value) -> bool:
    """A value as true or false: texts are true unless empty, numbers unless 0 or NaN."""
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value)


def equal(left: Value, right: Value) -> bool:
    """Whether two values are equal: as booleans, else as numbers, else as texts.

    >>> equal("5.0", 5.0), equal("5.0", "5"), equal("", 0.0)
    (True, False, False)
    """
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if isinstance(left, bool) or isinstance(right, bool):
        return boolean(left) == boolean(right)
    return number(left) == number(right)


def divide(left: float, right: float) -> float:
    """IEEE division: by zero it is infinite, and 0 div 0 is NaN."""
    if right:
        return left / right
    if left == 0 or math.isnan(left):
        return NOT_A_NUMBER
    return math.copysign(math.inf, left) * math.copysign(1, right)


def modulo(left: float, right: float) -> float:
    """The remainder with the sign of the dividend, as XPath has it."""
    if math.isinf(left) or not right:
        return NOT_A_NUMBER
    return math.fmod(left, right)


def rounded(value: Value, places: Value = 0.0) -> float:
    """Rounded half up, at a number of decimal places."""
    exact, digits = number(value), number(places)
    if math.isnan(digits) or abs(digits) > 15:  # beyond what a float can tell
        return exact
    shift = 10.0 ** int(digits)
    scaled = exact * shift
    return math.floor(scaled + 0.5) / shift if math.isfinite(scaled) else exact


def whole(value: Value) -> float:
    """The number without its fraction."""
    exact = number(value)
    return float(int(exact)) if math.isfinite(exact) else exact


def power(base: Value, exponent: Value) -> float:
    """The power, NaN where it is none or too large."""
    try:
        return math.pow(number(base), number(exponent))
    except (ValueError, OverflowError):
        return NOT_A_NUMBER


def extreme(choose: Callable[[list[float]], float]) -> Callable[..., float]:
    """The least or the greatest of the arguments; NaN if one is no number."""

    def of(*values: Value) -> float:
        numbers = [number(value) for value in values]
        return NOT_A_NUMBER if any(map(math.isnan, numbers)) else choose(numbers)

    return of


def selected(chosen: Value, code: Value) -> bool:
    """Whether a code is among the chosen ones.

    >>> selected("board wechat", "board"), selected("", "board")
    (True, False)
    """
    return string(code).strip() in string(chosen).split()


def selected_at(chosen: Value, place: Value) -> str:
    """The code at a place, counted from 0; empty beyond the last."""
    codes, wanted = string(chosen).split(), number(place)
    return codes[int(wanted)] if 0 <= wanted < len(codes) else ""


def substr(text: Value, start: Value, end: Value = math.inf) -> str:
    """The characters from ``start`` up to, not including, ``end``, counted from 0."""
    letters, first, last = string(text), number(start), number(end)
    if math.isnan(first) or math.isnan(last):
        return ""
    first, last = (place + len(letters) if place < 0 else place for place in (first, last))
    first, last = (int(max(min(place, len(letters)), 0)) for place in (first, last))
    return letters[first:last]


def matches(text: Value, pattern: Value) -> bool:
    """Whether a regular expression matches the whole text; a faulty one matches nothing."""
    try:
        return re.fullmatch(string(pattern), string(text), re.ASCII) is not None
    except re.error:
        return False


def coalesce(*values: Value) -> Value:
    """The first value that is not empty."""
    return next((value for value in values if string(value) != ""), "")


@dataclass(frozen=True)
class Function:
    """What a name calls, and how many arguments it takes."""

    call: Callable[..., Value]
    least: int
    most: int | None  # None: as many as one likes


def _numeric(call: Callable[..., Any]) -> Callable[..., Value]:
    """Let a plain function of numbers take values."""
    return lambda *values: call(*map(number, values))


OPERATORS: dict[str, Callable[..., Value]] = {
    "=": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": _numeric(operator.lt),
    "<=": _numeric(operator.le),
    ">": _numeric(operator.gt),
    ">=": _numeric(operator.ge),
    "+": _numeric(operator.add),
    "-": _numeric(operator.sub),
    "*": _numeric(operator.mul),
    "div": _numeric(divide),
    "mod": _numeric(modulo),
    "neg": _numeric(operator.neg),
}

FUNCTIONS: dict[str, Function] = {
    "abs": Function(_numeric(abs), 1, 1),
    "boolean": Function(boolean, 1, 1),
    "boolean-from-string": Function(lambda value: string(value) in ("1", "true"), 1, 1),
    "coalesce": Function(coalesce, 1, None),
    "concat": Function(lambda *values: "".join(map(string, values)), 1, None),
    "contains": Function(lambda text, part: string(part) in string(text), 2, 2),
    "count-selected": Function(lambda chosen: float(len(string(chosen).split())), 1, 1),
    "ends-with": Function(lambda text, end: string(text).endswith(string(end)), 2, 2),
    "false": Function(lambda: False, 0, 0),
    "if": Function(lambda test, then, other: then if boolean(test) else other, 3, 3),
    "int": Function(whole, 1, 1),
    "max": Function(extreme(max), 1, None),
    "min": Function(extreme(min), 1, None),
    "normalize-space": Function(lambda text: " ".join(string(text).split()), 1, 1),
    "not": Function(lambda value: not boolean(value), 1, 1),
    "number": Function(number, 1, 1),
    "pow": Function(power, 2, 2),
    "regex": Function(matches, 2, 2),
    "round": Function(rounded, 1, 2),
    "selected": Function(selected, 2, 2),
    "selected-at": Function(selected_at, 2, 2),
    "starts-with": Function(lambda text, start: string(text).startswith(string(start)), 2, 2),
    "string": Function(string, 1, 1),
    "string-length": Function(lambda text: float(len(string(text))), 1, 1),
    "substr": Function(substr, 2, 3),
    "true": Function(lambda: True, 0, 0),
}
