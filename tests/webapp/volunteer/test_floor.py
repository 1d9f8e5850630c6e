"""The app's scripts and styles hold nothing that the oldest browsers it is meant for do not know.

Those browsers (Chrome 61, Safari 11.3) can no longer be run here, so syntax and names are read.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.node import APP, node

FLOOR = Path(__file__).with_name("floor.mjs")
SCRIPTS = {file.name: file.read_text("utf-8") for file in sorted(APP.glob("*.js"))}
LATE_STYLES = {
    r"(?<!grid-)\bgap:": "gap in flex boxes (Chrome 84)",
    r"\binset:": "inset (Chrome 87)",
    r":(?:is|where|has)\(": "newer selectors (Chrome 88)",
    r"\b(?:min|max|clamp)\(": "comparing functions (Chrome 79)",
    r"\d(?:dvh|svh|lvh)\b": "viewport units of their own (Chrome 108)",
    r"aspect-ratio:": "aspect-ratio (Chrome 88)",
    r"@(?:layer|container|supports selector)": "newer rules",
}


def test_every_script_is_known_to_the_oldest_browsers() -> None:
    assert len(SCRIPTS) > 15
    assert node(FLOOR, SCRIPTS) == []


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("a?.b;", "Unexpected token"),
        ("a ?? b;", "Unexpected token"),
        ("class A { #b = 1 }", "Unexpected"),
        ("await a;", "await"),
        ("import('./a.js');", "Unexpected token"),
        ("try { a() } catch { b() }", "Unexpected token"),
        ("a.flat();", ".flat (Chrome 69)"),
        ("Object.fromEntries(a);", ".fromEntries (Chrome 73)"),
        ("/(?<=a)b/.test(c);", "look-behind"),
        ("globalThis.a;", "globalThis (Chrome 71)"),
        ("async function f() { for await (const a of b) c(a) }", "for await"),
        ("const big = 1n;", "Identifier directly after number"),
    ],
)
def test_what_they_do_not_know_is_found(script: str, complaint: str) -> None:
    found = node(FLOOR, {"a.js": script})
    assert len(found) >= 1
    assert complaint in found[0]


def test_the_styles_are_known_to_the_oldest_browsers() -> None:
    styles = (APP / "app.css").read_text("utf-8")
    assert [why for pattern, why in LATE_STYLES.items() if re.search(pattern, styles)] == []


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_a_script_stays_small_and_says_what_it_is(name: str) -> None:
    text = SCRIPTS[name]
    assert len(text.splitlines()) <= 400
    assert text.startswith("// ")
