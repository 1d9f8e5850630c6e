"""What the words of every page must keep to: one language at a time, and its own punctuation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from tests.support.markup import BLOCKS, Page

# Latin words that a Chinese page may say as they are.
LATIN_WORDS = {
    *("Minyi", "English", "synthetic", "CSV", "Excel", "PDF", "QR", "XLSForm"),
    *("GeoJSON", "FeatureCollection", "Holm", "Rao", "Scott"),  # formats and methods by their names
}
# Chinese that an English page may say as it is; anything else stands in an element with lang="zh".
CHINESE_WORDS = ("民意", "中文", "演示数据")
# What is written in these is a name, a code or a command, in any language.
NAMES = {"code", "kbd", "samp", "var", "data", "script", "style", "template", "textarea"}
SPOKEN = ("alt", "title", "placeholder", "aria-label", "aria-description")
BREAKING = BLOCKS | {"li", "dt", "dd", "tr", "td", "th", "legend", "option", "br"}
BREAK = "\f"

CHINESE = re.compile(r"[\u3400-\u9fff]+")
HALF_WIDTH_AFTER_CHINESE = re.compile(r"[\u3400-\u9fff」』）》][,.;:!?()]")
TOKEN = re.compile(r"[A-Za-z0-9][\w'’@:/.+-]*", re.ASCII)
ONE_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]+")


def texts(page: Page) -> Iterator[tuple[str, str]]:
    """Every line of words with its language, as someone reads or hears it."""
    line, language = "", page.language
    for next_language, text in (*_runs(page.root, page.language), ("", BREAK)):
        if text == BREAK or next_language != language:
            if line.strip():
                yield language, " ".join(line.split())
            line, language = "", next_language
        line += text


def _runs(element: Element, language: str) -> Iterator[tuple[str, str]]:
    language = element.get("lang", language)
    if not isinstance(element.tag, str) or element.tag in NAMES or element.get("translate") == "no":
        return
    around = [BREAK] if element.tag in BREAKING else []
    spoken = [piece for word in _attributes(element) for piece in (BREAK, word, BREAK)]
    for text in (*around, *spoken, element.text or ""):
        yield language, text
    for child in element:
        yield from _runs(child, language)
        yield language, child.tail or ""
    for text in around:
        yield language, text


def _attributes(element: Element) -> Iterator[str]:
    is_button = element.tag == "input" and element.get("type") in {"submit", "button", "reset"}
    for name in (*SPOKEN, *(["value"] if is_button else [])):
        if element.get(name):
            yield element.get(name, "")


def chinese_pages_speak_chinese(page: Page) -> Iterator[str]:
    """A Latin word is a string someone forgot to translate, or a name that must be marked."""
    for language, text in texts(page):
        if language.startswith("zh"):
            words = {word for word in TOKEN.findall(text) if ONE_WORD.fullmatch(word)}
            for word in sorted(words - LATIN_WORDS):
                yield f"{word!r} on a Chinese page (a name? translate=no or <code>): {text[:120]}"


def english_pages_speak_english(page: Page) -> Iterator[str]:
    for language, text in texts(page):
        if language.startswith("en"):
            rest = text
            for word in CHINESE_WORDS:
                rest = rest.replace(word, "")
            if CHINESE.search(rest):
                yield f"Chinese on an English page (a name? lang=zh): {text[:120]}"


def chinese_has_its_own_punctuation(page: Page) -> Iterator[str]:
    for language, text in texts(page):
        if language.startswith("zh") and (found := HALF_WIDTH_AFTER_CHINESE.search(text)):
            start = max(found.start() - 20, 0)
            yield f"half-width {found[0][-1]!r} after Chinese: {text[start : found.end() + 20]}"


RULES = (
    chinese_pages_speak_chinese,
    english_pages_speak_english,
    chinese_has_its_own_punctuation,
)
