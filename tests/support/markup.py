"""What the markup of every page must keep to: each rule yields its complaints."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, tostring

from tinyhtml5.parser import HTMLParser

CONTROLS = {"input", "select", "textarea"}
INTERACTIVE = {"a", "button", "details", *CONTROLS}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
PHRASING_ONLY = {"p", "span", "label", "button", "strong", "em", "b", "i", "small", "dt", *HEADINGS}
BLOCKS = {
    *("address", "article", "aside", "blockquote", "details", "div", "dl", "fieldset", "figure"),
    *("footer", "form", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul"),
    *HEADINGS,
}
CHILDREN = {
    "ul": {"li"},
    "ol": {"li"},
    "dl": {"dt", "dd", "div"},
    "select": {"option", "optgroup", "hr"},
    "tr": {"th", "td"},
}
SCRIPTING = {"script", "template"}
ADDRESSES = ("href", "src", "action", "formaction", "srcset", "poster", "data", "cite", "ping")
REFERENCES = ("for", "form", "list", "aria-labelledby", "aria-describedby", "aria-controls")
LANGUAGES = {"zh-CN", "en"}
ERROR_PREFIXES = ("错误：", "Error: ")


@dataclass(frozen=True)
class Page:
    """One HTML page and where it came from.

    Parameters
    ----------
    address : str
        As asked for, with its query.
    html : str
        The page, decoded.
    host : str
        The only host whose addresses may stand in it.
    """

    address: str
    html: str
    host: str = "localhost"

    @cached_property
    def _parsed(self) -> tuple[Element, list[tuple[tuple[int, int], str, object]]]:
        parser = HTMLParser(namespace_html_elements=False)
        return parser.parse(StringIO(self.html)), parser.errors

    @property
    def root(self) -> Element:
        return self._parsed[0]

    @property
    def syntax_errors(self) -> list[tuple[tuple[int, int], str, object]]:
        return self._parsed[1]

    @cached_property
    def parents(self) -> dict[Element, Element]:
        return {child: parent for parent in self.root.iter() for child in parent}

    def elements(self, *tags: str) -> Iterator[Element]:
        return (element for element in self.root.iter() if element.tag in tags)

    def ancestors(self, element: Element) -> Iterator[Element]:
        while (element := self.parents.get(element)) is not None:
            yield element

    @cached_property
    def ids(self) -> Counter[str]:
        return Counter(element.get("id") for element in self.root.iter() if element.get("id"))

    @property
    def language(self) -> str:
        return self.root.get("lang", "")


def text_of(element: Element) -> str:
    """All text inside an element, white space run together."""
    return " ".join("".join(element.itertext()).split())


def excerpt(element: Element) -> str:
    """The beginning of an element as it stands in the page, to show in a complaint."""
    source = tostring(element, encoding="unicode", method="html")
    return " ".join(source.split())[:160]


def syntax_is_valid(page: Page) -> Iterator[str]:
    lines = page.html.splitlines()
    for (line, column), code, detail in page.syntax_errors:
        where = lines[line - 1].strip()[:160] if line <= len(lines) else ""
        yield f"invalid HTML, {code} {detail or ''} at {line}:{column}: {where}"


def elements_stand_where_they_may(page: Page) -> Iterator[str]:
    for parent in page.root.iter():
        allowed = CHILDREN.get(parent.tag)
        for child in parent:
            if allowed and child.tag not in allowed | SCRIPTING:
                yield f"<{child.tag}> directly inside <{parent.tag}>: {excerpt(parent)}"
            if parent.tag in PHRASING_ONLY and child.tag in BLOCKS:
                yield f"<{child.tag}> inside <{parent.tag}>: {excerpt(parent)}"
    for element in page.elements("a", "button", "label"):
        inner = [inside.tag for inside in element.iter() if inside is not element]
        clashing = INTERACTIVE if element.tag != "label" else {"a", "button", "label"}
        for tag in clashing.intersection(inner):
            yield f"<{tag}> inside <{element.tag}>: {excerpt(element)}"


def ids_are_unique_and_found(page: Page) -> Iterator[str]:
    for name, count in page.ids.items():
        if count > 1:
            yield f"id {name!r} stands {count} times"
    for element in page.root.iter():
        wanted = [name for key in REFERENCES for name in element.get(key, "").split()]
        if element.get("href", "").startswith("#"):
            wanted.append(element.get("href", "")[1:])
        for name in wanted:
            if name not in page.ids:
                yield f"no element has the id {name!r}: {excerpt(element)}"


def one_heading_begins_the_title(page: Page) -> Iterator[str]:
    headings = [text_of(heading) for heading in page.elements("h1")]
    if len(headings) != 1 or not headings[0]:
        yield f"there must be one h1 with text, not {headings}"
        return
    title = text_of(next(page.elements("title"), Element("title")))
    starts = tuple(prefix + headings[0] for prefix in ("", *ERROR_PREFIXES))
    if not title.startswith(starts):
        yield f"the title {title!r} does not start with the h1 {headings[0]!r}"


def language_is_named(page: Page) -> Iterator[str]:
    if page.language not in LANGUAGES:
        yield f"the lang attribute {page.language!r} is none of {sorted(LANGUAGES)}"


def controls_have_labels(page: Page) -> Iterator[str]:
    labelled = {label.get("for") for label in page.elements("label") if text_of(label)}
    for control in page.elements(*CONTROLS):
        if control.get("type") in {"hidden", "submit", "button", "reset"}:
            continue
        inside_label = any(above.tag == "label" for above in page.ancestors(control))
        named = control.get("aria-label") or control.get("aria-labelledby")
        if not (inside_label or named or control.get("id") in labelled):
            yield f"a control without a label: {excerpt(control)}"
    for button in page.elements("button", "a"):
        pictured = any(image.get("alt") for image in button.iter("img"))
        if not (text_of(button) or button.get("aria-label") or pictured):
            yield f"nothing to read on: {excerpt(button)}"


def choices_stand_in_a_named_group(page: Page) -> Iterator[str]:
    for choice in page.elements("input"):
        if choice.get("type") == "radio" and not _is_in_named_group(page, choice):
            yield f"a radio button outside any fieldset with a legend: {excerpt(choice)}"


def _is_in_named_group(page: Page, element: Element) -> bool:
    for above in page.ancestors(element):
        if above.tag == "fieldset" and any(text_of(legend) for legend in above.findall("legend")):
            return True
        if above.get("role") in {"group", "radiogroup"} and above.get("aria-labelledby"):
            return True
    return False


def forms_say_where_and_how(page: Page) -> Iterator[str]:
    for form in page.elements("form"):
        if not form.get("action") or form.get("method", "").lower() not in {"get", "post"}:
            yield f"a form without action or method: {excerpt(form)}"


def nothing_runs_inline(page: Page) -> Iterator[str]:
    for element in page.root.iter():
        if element.tag == "style" or element.get("style") is not None:
            yield f"style inside the page: {excerpt(element)}"
        if any(name.startswith("on") for name in element.keys()):  # noqa: SIM118 (an Element)
            yield f"an event handler inside the page: {excerpt(element)}"
    for script in page.elements("script"):
        if script.get("src") is None and script.get("type") != "application/json":
            yield f"script inside the page: {excerpt(script)}"
        elif script.get("type") == "application/json" and not _is_json(script.text or ""):
            yield f"data that is no JSON: {excerpt(script)}"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def addresses_stay_here(page: Page) -> Iterator[str]:
    for element in page.root.iter():
        for name in ADDRESSES:
            address = urlsplit(element.get(name, ""))
            if address.scheme == "javascript":
                yield f"script in an address: {excerpt(element)}"
            if address.netloc and address.netloc != page.host:
                yield f"an address of someone else: {excerpt(element)}"


def pictures_have_words(page: Page) -> Iterator[str]:
    for image in page.elements("img"):
        if image.get("alt") is None:
            yield f"a picture without alt: {excerpt(image)}"


RULES = (
    syntax_is_valid,
    elements_stand_where_they_may,
    ids_are_unique_and_found,
    one_heading_begins_the_title,
    language_is_named,
    controls_have_labels,
    choices_stand_in_a_named_group,
    forms_say_where_and_how,
    nothing_runs_inline,
    addresses_stay_here,
    pictures_have_words,
)
