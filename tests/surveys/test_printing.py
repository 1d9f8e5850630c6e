"""What is printed looks the same everywhere, and says which characters it lacks."""

from __future__ import annotations

from fontTools.ttLib import TTFont

from surveys import printing


def test_the_font_has_every_character_it_is_said_to_have() -> None:
    with TTFont(next(printing.FONTS.glob("*.otf"))) as font:
        has = font.getBestCmap()
    said = [number for number in range(0x20, 0x10000) if not printing.unprintable(chr(number))]
    assert sum(0x4E00 <= number <= 0x9FFF for number in said) == 6763
    assert [chr(number) for number in said if number not in has] == []


def test_a_character_the_font_lacks_is_named_once() -> None:
    assert printing.unprintable("龑路垚小区龑") == "龑垚"
