"""The codes on the slips: ten characters that survive being read aloud, like ``K7QM-3FWP-X2``.

Nine characters of Crockford's base 32 (no I, L, O, U) carry 45 bits, the tenth checks them: a sum
over the field of 32 elements in which every place has its own factor, so that one wrong character
and any two that changed places are noticed without asking the database.
"""

from __future__ import annotations

import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
BITS = 5 * (LENGTH - 1)
_MEANT = str.maketrans("OIL", "011")  # what people write for what they read


def write(number: int) -> str:
    """The code of a number of 45 bits.

    >>> write(0), write(20260731)
    ('0000-0000-00', '0000-KA9V-VP')
    """
    digits = [number >> shift & 31 for shift in range(BITS - 5, -1, -5)]
    text = "".join(ALPHABET[digit] for digit in (*digits, _check(digits)))
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def read(text: str) -> str | None:
    """A code as it is written, however it was typed; None if it can be none.

    >>> read(" oooo ka9v vp "), read("0000-KA9V-V8")
    ('0000-KA9V-VP', None)
    """
    plain = unicodedata.normalize("NFKC", text).upper().translate(_MEANT)
    digits = [ALPHABET.find(sign) for sign in plain if sign.isalnum()]
    if len(digits) != LENGTH or -1 in digits or digits[-1] != _check(digits[:-1]):
        return None
    number = 0
    for digit in digits[:-1]:
        number = number << 5 | digit
    return write(number)


def _check(digits: list[int]) -> int:
    total = 0
    for digit in digits:
        total = _DOUBLED[total ^ digit]
    return total


# Each element times x in GF(2⁵), modulo x⁵ + x² + 1.
_DOUBLED = [two ^ 0b100101 if two & 32 else two for two in range(0, 64, 2)]
