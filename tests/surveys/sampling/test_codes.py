"""The codes on the slips survive being read aloud and typed on a phone."""

from __future__ import annotations

import random

import pytest

from surveys.sampling import codes

SOME = [codes.write(random.Random(seed).getrandbits(codes.BITS)) for seed in range(20)]


@pytest.mark.parametrize(
    "typed",
    ["k7qm3fwp", "K7QM-3FWP-X", "K7QM-3FWP-X2-9", "", "----", "请扫码", "K7QM-3FWP-U2", "¹²³"],
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert codes.read(typed) is None


@pytest.mark.parametrize("code", SOME)
def test_a_code_is_read_however_it_is_typed(code: str) -> None:
    plain = code.replace("-", "")
    for typed in (code, code.lower(), plain, f"  {plain} ", " ".join(plain), f"({plain})"):
        assert codes.read(typed) == code
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in plain)  # as a Chinese keyboard types it
    assert codes.read(wide) == code


def test_letters_that_look_like_digits_are_read_as_those() -> None:
    code = codes.write(0b00001_00000 << 35)
    assert code.startswith("10")
    for looks_like in ("IO", "lo", "Lo", "i0"):
        assert codes.read(looks_like + code[2:]) == code


@pytest.mark.parametrize("code", SOME[:5])
def test_one_wrong_character_is_noticed(code: str) -> None:
    plain = code.replace("-", "")
    for place, right in enumerate(plain):
        for wrong in set(codes.ALPHABET) - {right}:
            assert codes.read(plain[:place] + wrong + plain[place + 1 :]) is None


@pytest.mark.parametrize("code", SOME)
def test_any_two_characters_that_changed_places_are_noticed(code: str) -> None:
    plain = code.replace("-", "")
    for one in range(len(plain)):
        for other in range(one):
            signs = list(plain)
            signs[one], signs[other] = signs[other], signs[one]
            if signs[one] != signs[other]:
                assert codes.read("".join(signs)) is None
