"""Comments without personal data: telephone and identity numbers, addresses and names.

What people wrote stays in the record as they wrote it; what is shown has gone through here. A mask
errs on the side of hiding: three digits too many do less harm than one neighbour named.
"""

from __future__ import annotations

import re

MASK = "＊＊"
LONGEST = 300  # characters that are shown; the questionnaire accepts no more

_NUMERALS = "〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖两幺"
_DIGIT = rf"[0-9０-９{_NUMERALS}①-⑨]"
_GAP = r"[\s\-－—–_.·,，、()（）]{0,3}"
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁"
    "魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹"
    "黎易常武乔贺赖龚文"
)
_TITLES = "先生|女士|小姐|师傅|老师|书记|主任|大爷|大妈|大姐|大哥|阿姨|叔叔|医生|老板|经理|同志"
_HAN = "一-鿿"

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        # e-mail and chat accounts
        r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}",
        r"(?:微信号?|QQ号?|[vV]信|wechat|WeChat)[:：是为\s]{0,3}[\w-]{4,30}",
        # six digits or more in a row, however they are spelt or parted: telephones, identity cards
        rf"(?:{_DIGIT}{_GAP}){{6,24}}[Xx]?",
        # where someone lives: building, unit, floor, door
        rf"{_DIGIT}{{1,4}}(?:号楼|栋|幢|座|单元|号院|弄)(?:{_GAP}{_DIGIT}{{1,4}}(?:号楼|栋|幢|单元|层|楼|室|号|户))*(?:{_GAP}{_DIGIT}{{1,4}})?",
        rf"{_DIGIT}{{1,4}}(?:室|号|户)(?=$|[^线楼院])",
        rf"{_DIGIT}{{1,3}}-{_DIGIT}{{1,3}}-{_DIGIT}{{1,4}}",
        # who someone is
        rf"(?:我叫|我是|名叫|姓名|本人|联系人)[:：是叫\s]{{0,3}}[{_SURNAMES}][{_HAN}]{{1,2}}(?=$|[^{_HAN}]|的|在|住|家|说|反映)",
        rf"[{_SURNAMES}](?:[{_HAN}]{{0,2}})(?:{_TITLES})",
        rf"[老小][{_SURNAMES}](?=$|[^{_HAN}]|的|在|住|家|说|总)",
    )
)


def masked(text: str) -> str:
    """A comment as it may be shown.

    Parameters
    ----------
    text : str
        Any length; what is shown of it ends after 300 characters.

    Examples
    --------
    >>> masked("路灯坏了，请打13800138000找王建国师傅，我住3栋2单元501室")
    '路灯坏了，请打＊＊找＊＊，我住＊＊'
    """
    shown = text[: LONGEST * 2]
    for pattern in _PATTERNS:
        shown = pattern.sub(MASK, shown)
    shown = re.sub(rf"(?:{re.escape(MASK)}[\s，,、]{{0,2}}){{2,}}", MASK, shown)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
