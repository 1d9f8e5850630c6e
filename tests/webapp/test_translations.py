"""Every word of every door is translated, and the compiled catalogues say the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message

from tests.support.translations import DOORS, Door, as_mo, as_po, extract, read, updated
from tests.support.wording import HALF_WIDTH_AFTER_CHINESE

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%")

every_door = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)


def messages(door: Door) -> Iterator[Message]:
    return (message for message in read(door) if message.id)


def strings(said: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


@every_door
def test_every_word_is_translated(door: Door) -> None:
    known = {(m.id, m.context) for m in messages(door) if all(strings(m.string)) and not m.fuzzy}
    wanted = {(m.id, m.context) for m in extract(door) if m.id}
    assert not wanted - known, "translate these in " + str(door.po)


@every_door
def test_the_catalogue_is_as_make_translations_writes_it(door: Door) -> None:
    if door.po.exists() or len(extract(door)):
        fresh = updated(door)
        assert door.po.read_bytes() == as_po(fresh), "run make translations"
        assert door.mo.read_bytes() == as_mo(fresh), "run make translations"


@every_door
def test_a_translation_keeps_the_placeholders(door: Door) -> None:
    for message in messages(door):
        wanted = set(PLACEHOLDER.findall(strings(message.id)[-1]))
        for said in strings(message.string):
            assert set(PLACEHOLDER.findall(said)) == wanted, message.id


@every_door
def test_chinese_has_its_own_punctuation(door: Door) -> None:
    for message in messages(door):
        for said in strings(message.string):
            assert not HALF_WIDTH_AFTER_CHINESE.search(PLACEHOLDER.sub("某", said)), said


def test_no_words_are_translated_in_two_ways() -> None:
    said = defaultdict(set)
    for door in DOORS:
        for message in messages(door):
            said[message.id, message.context].add(message.string)
    assert not {words: ways for words, ways in said.items() if len(ways) > 1}
