"""Selection at the door: which household, which adult. The wave's seed decides, nobody else.

What is drawn follows from the seed, the address and the number that was counted. So a phone without
signal can be given every case beforehand, whoever counts has no say in it, and anyone can check it.
"""

from __future__ import annotations

import random

RULES = ("next_birthday", "kish")
MOST_HOUSEHOLDS = 30  # of the choices that a phone is given
MOST_ADULTS = 12


def household(seed: int, address_id: int, households: int) -> int:
    """Which of the households at an address is asked, counted from the nearest to the entrance.

    >>> household(7, 12, 1)
    1
    """
    return _drawn(f"{seed}/household/{address_id}", households)


def adult(seed: int, address_id: int, adults: int) -> int:
    """Which adult of a household is asked, the eldest being 1.

    Kish (1949) had interviewers look this up in one of eight printed tables; here each address
    has a table of its own, in which every adult has the same chance whatever their number.

    References
    ----------
    L. Kish, "A procedure for objective respondent selection within the household", *Journal of
    the American Statistical Association* 44 (1949), 380–387.

    Examples
    --------
    >>> 1 <= adult(7, 12, 3) <= 3
    True
    """
    return _drawn(f"{seed}/adult/{address_id}", adults)


def households_ahead(seed: int, address_id: int) -> dict[str, int]:
    """Which household is asked if that many are counted: all a phone needs to know beforehand."""
    return {str(n): household(seed, address_id, n) for n in range(2, MOST_HOUSEHOLDS + 1)}


def adults_ahead(seed: int, address_id: int) -> dict[str, int]:
    """Which adult is asked if that many are counted."""
    return {str(n): adult(seed, address_id, n) for n in range(1, MOST_ADULTS + 1)}


def _drawn(seed: str, number: int) -> int:
    return random.Random(seed).randint(1, number)  # noqa: S311  (a lot, not a secret)
