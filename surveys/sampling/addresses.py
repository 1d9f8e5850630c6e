"""Spellings of Chinese addresses: which of them mean the same door.

Lists come from property managers, police and villages, each with its own way to write a door.
What is equal here is one address of the frame. What may be two doors stays two: a household merged
into another would have no chance to be asked.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_SIMPLIFIED = str.maketrans("號棟單樓戶組隊間", "号栋单楼户组队间")

_DIGITS = {
    sign: str(value)
    for value, signs in enumerate(
        ("零〇", "一壹", "二贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for sign in signs
}
_POWERS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}

# A numeral counts only before what is counted, or at the end: 五一路 and 三里屯 are names.
_COUNTED = re.compile(
    f"[{''.join((*_DIGITS, *_POWERS))}]+"
    r"(?=号|栋|幢|座|单元|室|户|房|楼|层|组|队|村民小?组|小组|生产队|#|[-\s]|$)"
)

_NAMED = r"(?<=[0-9a-z])"  # after a number or a letter
_BUILDING, _UNIT, _DOOR = r"([0-9a-z]{1,3})", r"([0-9]{1,2})", r"([0-9]{2,5}[a-z]?)"

_BETWEEN = r"[-‐‑‒–—―−~・·./\\_、,\s]"
_SILENT = r"[‐‑‒–—―−~・·./\\_、,;:'\"“”‘’。\s()\[\]【】〔〕]+"

# In this order, each where its sign is left by the ones before it: what is looked for, replacement.
_STEPS = [
    (sign, re.compile(pattern), replacement)
    for sign, pattern, replacement in (
        # Whatever stands between two numbers keeps them apart; elsewhere it says nothing.
        ("", rf"(?<=[0-9a-z]){_BETWEEN}+(?=[0-9a-z])", "-"),
        ("", rf"(?<![0-9a-z])-+|-+(?![0-9a-z])|{_SILENT}", ""),
        ("", _NAMED + r"(?:[号栋幢座#]楼|[号#][栋幢座]|[栋幢座]|#(?=.))", "栋"),
        ("0", r"(?<![0-9a-z])0+(?=[0-9])", ""),
        ("第", r"第(?=[0-9]+(?:栋|单元|村民小?组|小?组|(?:生产)?队))", ""),
        ("组", r"(?<=[0-9])(?:村民小组|村民组|小组)", "组"),
        ("队", r"(?<=[0-9])生产队", "队"),
        ("", _NAMED + r"(?:号?房间?|号?室|号?户|号|#)$", ""),
        # 3-2-501 is building, unit and door; 8-102 building and door, where no street is named,
        # for 中山路8-102 may be a number of the street.
        ("-", rf"(?<![0-9a-z-]){_BUILDING}-{_UNIT}-{_DOOR}$", r"\1栋\2单元\3"),
        ("-", rf"(?<![0-9a-z-]){_BUILDING}-{_UNIT}(?=单元)", r"\1栋\2"),
        ("-", rf"栋{_UNIT}-{_DOOR}$", r"栋\1单元\2"),
        ("-", rf"(?:^|(?<=[区苑园城庭府湾居寓里院])){_BUILDING}-{_DOOR}$", r"\1栋\2"),
        ("0", r"(?<=栋|元|-)0+(?=[0-9])", ""),
    )
]


def normal(text: str) -> str:
    """The one spelling of an address, to compare by; people are shown what was typed.

    Width, case, blanks and dashes make no difference, nor do 号楼, 栋, 幢, 座 and #; numerals
    (十二栋) are numbers before what is counted; a last 室, 号, 户 or 房 is left out.

    Examples
    --------
    >>> normal("阳光小区 十二号楼 一单元 ５０１室")
    '阳光小区12栋1单元501'
    >>> normal("阳光小区12-1-501") == normal("阳光小区12幢1单元501号")
    True
    >>> normal("3号楼501") == normal("3号501")  # building 3, number 3
    False
    """
    text = unicodedata.normalize("NFKC", text).casefold().translate(_SIMPLIFIED).strip()
    text = _COUNTED.sub(_number, text)
    for sign, pattern, replacement in _STEPS:
        if sign in text:
            text = pattern.sub(replacement, text)
    return text


def _number(match: re.Match[str]) -> str:
    """A numeral in digits: 十二 is 12, 二〇三 is 203, 一百零五 is 105."""
    signs = match[0]
    if not any(sign in _POWERS for sign in signs):
        return "".join(_DIGITS[sign] for sign in signs)
    total = pending = 0
    for sign in signs:
        if sign in _POWERS:
            total += (pending or 1) * _POWERS[sign]
            pending = 0
        else:
            pending = int(_DIGITS[sign])
    return str(total + pending)


class Parts(NamedTuple):
    """An address as those find it who walk there; "" and None where it does not say."""

    building: str
    entrance: str
    door: str
    floor: int | None


_PARTS = re.compile(r"(?P<building>.*?栋)?(?:(?P<entrance>[0-9a-z]+)单元)?(?P<door>[0-9a-z-]+)?")


def parts(text: str) -> Parts:
    """The building, the entrance, the door and its floor.

    Doors are numbered by floor and place: 501 is on the fifth, 1203 on the twelfth.

    Examples
    --------
    >>> parts("阳光小区 十二号楼 一单元 ５０１室")
    Parts(building='阳光小区12栋', entrance='1', door='501', floor=5)
    >>> parts("李庄村民组 中山路8号")
    Parts(building='', entrance='', door='', floor=None)
    """
    found = _PARTS.fullmatch(normal(text))
    if found is None:
        return Parts("", "", "", None)
    building, entrance, door = (found[name] or "" for name in ("building", "entrance", "door"))
    digits = re.fullmatch(r"([0-9]{1,2})[0-9]{2}[a-z]?", door)
    floor = int(digits[1]) if digits and building else None
    return Parts(building, entrance, door, floor or None)
