"""How papers speak: they are Chinese whatever the reader's language, as official documents are.

Rates have one decimal; differences are 百分点; nothing is rounded in anyone's favour.
"""

from __future__ import annotations

import datetime as dt
import math

CHINA = dt.timezone(dt.timedelta(hours=8))

VERDICTS = {"met": "达标", "not_met": "未达标", "undecided": "待确认", "too_few": "样本不足"}
SHAPES = {"met": "●", "not_met": "▼", "undecided": "◐", "too_few": "○"}
BANDS = {"upper": "上档", "middle": "中档", "lower": "下档"}
SIGNIFICANCE = {
    True: "超出抽样误差",
    False: "在抽样误差范围内",
    None: "样本不足，不作比较",
}
MODES = {"web": "网上自填", "door": "入户访问", "paper": "纸质问卷"}
REASONS = {"response_rate": "应答率低于事先定的下限", "few_grids": "抽中的网格不足九个"}
DISPOSITIONS = {
    "complete": "完成访问",
    "partial": "部分完成",
    "refusal": "拒访或中途退出",
    "noncontact": "多次无人",
    "other": "其他原因未访",
    "unknown_household": "不知是否有人居住",
    "unknown_person": "不知有无合格成年人",
    "ineligible": "不合格",
}
NONE = "—"


def number(value: float | None) -> str:
    """A figure with one decimal.

    >>> number(86.449), number(None)
    ('86.4', '—')
    """
    return NONE if value is None or math.isnan(value) else f"{value:.1f}"


def signed(value: float | None) -> str:
    """A difference with its sign; the minus is a true one.

    >>> signed(2.31), signed(-0.5), signed(0.01)
    ('+2.3', '−0.5', '0.0')
    """
    if value is None:
        return NONE
    said = f"{value:+.1f}"
    return "0.0" if said in {"+0.0", "-0.0"} else said.replace("-", "−")


def change(value: float) -> str:
    """A difference in words.

    >>> change(2.31), change(-1.0), change(0.0)
    ('上升2.3个百分点', '下降1.0个百分点', '持平')
    """
    said = f"{abs(value):.1f}"
    if said == "0.0":
        return "持平"
    return f"{'上升' if value > 0 else '下降'}{said}个百分点"


def ranks(first: int, last: int) -> str:
    """The interval of a rank.

    >>> ranks(2, 9), ranks(1, 1)
    ('第2–9名', '第1名')
    """
    return f"第{first}名" if first == last else f"第{first}–{last}名"


def whole(value: float | None) -> str:
    """A count; an effective n is rounded down, nobody is given a respondent as a present.

    >>> whole(96.9), whole(12345)
    ('96', '12,345')
    """
    return NONE if value is None else f"{math.floor(value):,}"


def verdict(name: str | None) -> str:
    """The verdict as shape and word.

    >>> verdict("met")
    '● 达标'
    """
    return NONE if name is None else f"{SHAPES[name]} {VERDICTS[name]}"


def month(code: str) -> str:
    """The month of a wave.

    >>> month("2026-09")
    '2026年9月'
    """
    year, _, number_ = code.partition("-")
    return f"{year}年{int(number_)}月"


def period(name: str) -> str:
    """A quarter or a year.

    >>> period("2026Q3"), period("2026")
    ('2026年第三季度', '2026年')
    """
    year, _, quarter = name.partition("Q")
    return f"{year}年第{'一二三四'[int(quarter) - 1]}季度" if quarter else f"{year}年"


def day(value: dt.date | dt.datetime | None) -> str:
    """A day, in China.

    >>> day(dt.datetime(2026, 11, 24, 20, tzinfo=dt.UTC))
    '2026年11月25日'
    """
    if value is None:
        return NONE
    if isinstance(value, dt.datetime):
        value = value.astimezone(CHINA).date()
    return f"{value.year}年{value.month}月{value.day}日"


def moment(value: dt.datetime) -> str:
    """A moment, in China.

    >>> moment(dt.datetime(2026, 11, 24, 20, 5, tzinfo=dt.UTC))
    '2026年11月25日4时05分'
    """
    there = value.astimezone(CHINA)
    return f"{day(there)}{there.hour}时{there.minute:02d}分"
