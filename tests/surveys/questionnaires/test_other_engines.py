"""ODK's own engine agrees on the test vectors, and where it does not, we know why.

``xforms_engine.json`` is what ``xforms_engine.mjs`` last wrote; that script says how to run it.
"""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent
VECTORS = json.loads((HERE / "vectors.json").read_text("utf-8"))
THEIRS = json.loads((HERE / "xforms_engine.json").read_text("utf-8"))

# It stores a number that is none as an empty answer, where XPath says NaN.
EMPTY_FOR_NAN = ("NaN", "")
REASONS = {
    "XPath lets a minus sign follow another; its grammar does not": ("--3", "- -'7'"),
    "XPath's and and or are true or false; it gives an operand, which is as true": (
        *("1 and 'x'", "0 or ''", "1 or 0 div 0", "0 div 0 or 0", "0 div 0 and 1"),
        *("'0' and '0'", "'' or ' '"),
    ),
    "XPath writes numbers without an exponent; it writes them as JavaScript does": (
        *("0.0000001", "1 div 1000000000", "1000000000000 * 1000000000000"),
        "123456789 * 1000000000000000",
    ),
    "XPath reads digits, a point and a minus sign as numbers; it reads JavaScript's too": (
        *("'+7' + 1", "'1e3' + 1", "'0x10' + 1", "number('1e5')", "number('Infinity')"),
    ),
    "XPath rounds halves up; it rounds them away from zero": ("round(-2.5)", "round(-0.5)"),
    "ODK's documentation wants the whole text to match; it is content with a part": (
        *("regex(${A}, '[0-9]{3}')", "regex('abc', 'b')", "regex('abc1', '[a-z]+')"),
        "regex('ab', 'a|b')",
    ),
    "XPath counts characters; it counts JavaScript's halves of rare ones": (
        *("string-length('𠮷野')", "substr('𠮷野家', 1)"),
    ),
    "A question without an answer is the empty text here, and in Collect; it finds a node": (
        *("not(${missing})", "boolean(${missing})"),
    ),
    "ODK's documentation gives coalesce two arguments; we allow more": ("coalesce('', '', 'c')",),
    "No document says what an infinite place in a text is; we take the nearest end": (
        *("substr('hello', 0, 1 div 0)", "substr('hello', -1 div 0)"),
    ),
    "Nothing is chosen in an empty answer; it finds the empty code there": ("selected('', '')",),
}


def differences() -> dict[str, tuple[str, str]]:
    """Expressions of which the other engine thinks otherwise: what we say, what it says."""
    return {
        vector["expression"]: (vector["value"], value)
        for vector, (_expression, value) in zip(VECTORS, THEIRS["results"], strict=True)
        if vector["value"] != value and (vector["value"], value) != EMPTY_FOR_NAN
    }


def test_every_vector_was_put_to_the_other_engine() -> None:
    assert THEIRS["engine"].startswith("@getodk/xforms-engine ")
    assert [expression for expression, _ in THEIRS["results"]] == [
        vector["expression"] for vector in VECTORS
    ]


def test_it_agrees_on_more_than_four_hundred() -> None:
    same = [
        vector
        for vector, (_, value) in zip(VECTORS, THEIRS["results"], strict=True)
        if vector["value"] == value
    ]
    assert len(same) > 400


def test_every_difference_has_its_reason_and_every_reason_its_differences() -> None:
    explained = {expression for expressions in REASONS.values() for expression in expressions}
    assert differences().keys() == explained
