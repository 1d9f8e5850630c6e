"""Statistical division codes: which of them lies in which.

Six digits are those of GB/T 2260 (province, city, district: two each), nine add the township,
twelve the community; zeros at the end stand for levels that are left open, so that 340100, 3401
and 340100000000 are the same city.

References
----------
.. [1] GB/T 2260, Codes for the administrative divisions of the People's Republic of China.
.. [2] National Bureau of Statistics, 统计用区划代码和城乡划分代码编制规则.
"""

from __future__ import annotations

import re
from functools import lru_cache

LEVELS = ("province", "city", "district", "township", "community")
LENGTHS = (2, 4, 6, 9, 12)  # of the digits that say where, by level

_PARTS = tuple(zip(LENGTHS[:0:-1], LENGTHS[-2::-1], strict=True))  # (12, 9), (9, 6) …

# Numbers that begin with no province are an office's own.
_CODE = re.compile(
    r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])"
    r"(?:|[0-9]{2}|[0-9]{4}|[0-9]{7}|[0-9]{10})"
)


@lru_cache(4096)
def significant(code: str) -> str | None:
    """The digits of a code that say where; None if it is no statistical code.

    >>> significant("340111"), significant("340100000000"), significant("demo-01")
    ('340111', '3401', None)
    """
    if not _CODE.fullmatch(code):
        return None
    for end, start in _PARTS:
        if code[start:end].strip("0"):
            return code[:end]
    return code[:2]


def levels(code: str) -> tuple[str, ...]:
    """The levels that a statistical code may be of.

    A city without districts takes their place too: 441900 is Dongguan as either.

    >>> levels("340111001"), levels("441900")
    (('township',), ('city', 'district'))
    """
    where = significant(code)
    if where is None:
        return ()
    level = LENGTHS.index(len(where))
    is_both = len(where) == 4 and len(code) > 4
    return LEVELS[level : level + 1 + is_both]
